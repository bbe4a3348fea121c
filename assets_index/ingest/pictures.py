"""Reading the pictures that textures and domes are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.errors import EngineError


class UnusableSurface(EngineError):
    """A file that cannot become a texture or a dome; the message names it and says why."""


def read_picture(path: Path) -> NDArray[Any]:
    """Colours (H, W, 3) as they are stored, red first: uint8 or uint16, or floating point from HDR formats.

    Raises:
        UnusableSurface: if the file is missing, empty or damaged, or holds what is no number.
    """
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError as error:
        raise UnusableSurface(f"{path}: cannot be read: {error.strerror}") from error
    if not len(encoded):
        raise UnusableSurface(f"{path}: the file is empty")
    picture = _read_exr(path) if path.suffix.lower() == ".exr" else _decoded(path, encoded)
    if not np.isfinite(picture).all():
        raise UnusableSurface(f"{path}: holds NaN or infinite values")
    return picture


def _decoded(path: Path, encoded: NDArray[np.uint8]) -> NDArray[Any]:
    """By OpenCV, which reads everything but EXR."""
    try:
        picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error as error:
        raise UnusableSurface(f"{path}: damaged, or no picture: {error.err}") from error
    if picture is None:
        raise UnusableSurface(f"{path}: damaged, or no picture of a format that OpenCV reads")
    return np.ascontiguousarray(picture[..., ::-1])


def _read_exr(path: Path) -> NDArray[np.float32]:
    """Red, green and blue of the first part, or its luminance three times."""
    import OpenEXR  # only those who have such files need it

    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            channels = {name: channel.pixels for name, channel in file.channels().items()}
    except (RuntimeError, ValueError) as error:
        raise UnusableSurface(f"{path}: damaged, or no OpenEXR file") from error
    names = "RGB" if {"R", "G", "B"} <= channels.keys() else "YYY"
    if not set(names) <= channels.keys():
        raise UnusableSurface(f"{path}: has neither channels R, G and B nor Y, but {', '.join(channels) or 'none'}")
    return np.stack([channels[name] for name in names], -1).astype(np.float32)
