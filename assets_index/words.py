"""The vocabulary of attributes, and the measures that make each word true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assets_index.srgb import linear_from_srgb
from assets_index.transforms import Array

Size = Literal["small", "medium", "large"]

# Several shades a word, in sRGB 0..255: one centre per word would call navy black and cardboard gray.
SHADES: dict[str, tuple[tuple[int, int, int], ...]] = {
    "red": ((200, 30, 30), (150, 20, 25), (225, 65, 50), (190, 60, 60)),
    "orange": ((240, 130, 20), (220, 105, 25), (250, 155, 60), (235, 120, 60)),
    "yellow": ((245, 215, 40), (225, 190, 30), (250, 235, 120), (225, 200, 80)),
    "green": ((40, 140, 50), (90, 170, 60), (20, 90, 40), (130, 190, 80), (100, 120, 45), (60, 140, 100)),
    "blue": ((30, 70, 180), (60, 120, 210), (20, 40, 100), (110, 170, 225), (30, 130, 165), (80, 110, 170)),
    "purple": ((110, 40, 140), (80, 30, 90), (150, 100, 190), (60, 25, 60), (120, 70, 130)),
    "pink": ((235, 130, 170), (245, 180, 200), (220, 80, 140), (225, 150, 150)),
    "brown": ((110, 70, 40), (150, 100, 60), (80, 50, 30), (180, 140, 100), (200, 165, 120), (135, 90, 65)),
    "black": ((20, 20, 22), (42, 42, 44)),
    "gray": ((128, 128, 128), (90, 92, 95), (165, 165, 165), (190, 190, 192)),
    "white": ((250, 250, 250), (225, 225, 225), (245, 240, 225)),
}
COLORS: tuple[str, ...] = tuple(SHADES)

MATERIALS: tuple[str, ...] = (
    "plastic",
    "ceramic",
    "metal",
    "wooden",
    "cardboard",
    "paper",
    "glass",
    "rubber",
    "wicker",
    "foam",
    "wax",
    "fabric",
    "leather",
    "stone",
)
"""What a thing is made of, as the adjective a person uses."""

SHAPES: tuple[str, ...] = ("round", "oval", "square", "rectangular", "cylindrical", "box-shaped", "elongated", "flat")
"""round: a ball, or a container of circular outline; oval, square, rectangular: outlines of containers and tables."""

SIZES: tuple[Size, ...] = ("small", "medium", "large")

SIZE_LIMITS: dict[str, tuple[float, float]] = {
    "object": (0.08, 0.15),
    "container": (0.19, 0.25),
    "table": (1.0, 1.5),
    "fixture": (0.21, 0.25),
}
"""By role: below the first a thing is small, from the second on large; largest extent in metres."""


def lab(rgb: ArrayLike) -> Array:
    """CIE L*a*b* (D65) of sRGB colours in 0..1; shape (..., 3)."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear_from_srgb(rgb) @ to_xyz.T / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


_SHADE_LAB = lab(np.array([shade for shades in SHADES.values() for shade in shades]) / 255)
_SHADE_WORD = np.array([COLORS.index(word) for word, shades in SHADES.items() for _ in shades])


def color_indices(rgb: ArrayLike) -> NDArray[np.intp]:
    """Index into `COLORS` of the nearest basic colour in Lab, for sRGB colours in 0..1; shape (..., 3) to (...)."""
    distance = np.linalg.norm(lab(rgb)[..., None, :] - _SHADE_LAB, axis=-1)
    return np.asarray(_SHADE_WORD[np.argmin(distance, axis=-1)])


def color_word(rgb: ArrayLike) -> str:
    """The basic colour word nearest to one sRGB colour in 0..1."""
    return COLORS[int(color_indices(rgb))]


def size_word(extents: Sequence[float], role: str) -> Size:
    """The size class of a thing by its largest extent, in metres, among things of its role."""
    small, large = SIZE_LIMITS[role]
    largest = max(extents)
    return "small" if largest < small else "large" if largest >= large else "medium"
