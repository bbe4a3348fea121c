"""Picture files of others."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.data.images import Rgb
from trainer.errors import UnreadableItem


def decode_picture(data: bytes, place: str) -> Rgb:
    """A picture file as (H, W, 3), as it lies there: what EXIF says of its orientation is left out.

    Raises:
        UnreadableItem: if it is no picture, naming the place.
    """
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    rgb = cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
    if rgb is None:
        raise UnreadableItem(f"{place}: not a picture that can be decoded")
    return rgb


def read_picture(path: Path) -> Rgb:
    """The picture in a file; raises UnreadableItem as `decode_picture`, also if there is no such file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableItem(f"{path}: cannot be read: {error.strerror}") from error
    return decode_picture(data, str(path))


def read_mask(path: Path) -> NDArray[np.uint16]:
    """A mask (H, W), 1 where its picture is not black; raises UnreadableItem."""
    return np.asarray(read_picture(path).any(-1), np.uint16)
