"""Trials to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from trainer.data.images import Rgb


def film_strip(film: Sequence[Rgb], count: int = 8) -> Rgb:
    """`count` evenly spaced pictures of a film side by side, the last one included."""
    chosen = np.linspace(0, len(film) - 1, count).round().astype(int)
    return np.concatenate([film[i] for i in chosen], 1)


def write_film(film: Sequence[Rgb], path: Path, rate: float) -> None:
    """Write a film as MP4 at so many pictures a second."""
    height, width = film[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, (width, height))
    for picture in film:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()


def write_picture(picture: Rgb, path: Path) -> None:
    """Write one picture as PNG."""
    cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
