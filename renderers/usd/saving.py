"""Writing the files of a stage; what the disk does not take is one error, whichever library noticed it."""

from __future__ import annotations

from pathlib import Path

import cv2
from numpy.typing import NDArray
from pxr import Sdf, Tf

from assets_index.files import FileNotWritten


def save_layer(layer: Sdf.Layer) -> None:
    """Write a layer to its file. Raises FileNotWritten."""
    try:
        layer.Save()
    except Tf.ErrorException as error:
        raise FileNotWritten(f"{layer.identifier}: cannot be written by USD") from error


def write_image(path: Path, image: NDArray) -> None:
    """Write a picture, blue first, in the format that the file's name says. Raises FileNotWritten."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        written = cv2.imwrite(str(path), image)
    except (OSError, cv2.error) as error:
        raise FileNotWritten(f"{path}: cannot be written: {error}") from error
    if not written:
        raise FileNotWritten(f"{path}: cannot be written")
