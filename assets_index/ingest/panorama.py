"""Photographed domes: equirectangular HDR pictures made into radiance."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.domes.sphere import exposed
from assets_index.ingest.pictures import UnusableSurface, read_picture

FORMATS = (".hdr", ".exr")

ROWS = 512
"""Of every ingested dome: pictures of work spaces show no more of it."""

LEAST_ROWS = 64

LEVEL = 0.8
"""Mean luminance that every ingested dome is scaled to, amid those of the procedural ones."""


def read_panorama(path: Path) -> NDArray[np.float32]:
    """The radiance of an HDR file, (ROWS, 2 ROWS, 3), as in `Dome`; the middle of the picture lies towards +x.

    The sun is clamped as in the procedural skies (`domes.sphere.PEAK`); it is the look's light that casts shadows.

    Raises:
        UnusableSurface: if the file is damaged, is no HDR picture, is not twice as wide as high, or is black.
    """
    picture = read_picture(path)
    height, width = picture.shape[:2]
    if picture.dtype.kind != "f":
        raise UnusableSurface(f"{path}: holds {8 * picture.itemsize}-bit codes; a dome needs radiance (.hdr or .exr)")
    if width != 2 * height or height < LEAST_ROWS:
        size = f"{width} x {height} pixels"
        raise UnusableSurface(f"{path}: is {size}; a dome is twice as wide as high, and at least {LEAST_ROWS} high")
    smooth = cv2.INTER_AREA if height > ROWS else cv2.INTER_LINEAR
    # Files saved by editors have values a little below 0 beside bright edges.
    radiance = np.maximum(cv2.resize(picture.astype(np.float32), (2 * ROWS, ROWS), interpolation=smooth), 0.0)
    if radiance.max() <= 0.0:
        raise UnusableSurface(f"{path}: is black")
    # Pictures run clockwise as seen from above; here azimuth grows the other way, from the middle on.
    return exposed(np.roll(radiance[:, ::-1], ROWS, axis=1), LEVEL)
