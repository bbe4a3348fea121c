"""The picture sizes that Qwen2.5-VL sees, and coordinates between them and the stored picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assets_index.errors import EngineError
from assets_index.schema import Schema
from assets_index.transforms import Array

MAX_ASPECT = 200


class ImpossibleSize(EngineError):
    """A picture that no resizing within the model's rules can serve."""


class PixelBudget(Schema):
    """How large a picture may be shown: sides are multiples of `factor`, the area lies between the two limits.

    Attributes:
        factor: pixels per visual token along a side (patch size times merge size).
        min_pixels, max_pixels: limits of height times width; the defaults are Qwen2.5-VL's.
    """

    factor: int = 28
    min_pixels: int = 56 * 56
    max_pixels: int = 14 * 14 * 4 * 1280


def smart_resize(
    height: int,
    width: int,
    factor: int = 28,
    min_pixels: int = 56 * 56,
    max_pixels: int = 14 * 14 * 4 * 1280,
) -> tuple[int, int]:
    """Height and width at which Qwen2-VL and Qwen2.5-VL look at a picture.

    Both sides become multiples of `factor`, the area is brought within the limits, and the aspect ratio is kept as
    nearly as that allows. Source: `smart_resize` of Qwen2-VL's image processor, which the tests compare with.

    Raises:
        ImpossibleSize: if a side is not positive or one side is over 200 times the other.
    """
    if min(height, width) < 1 or max(height, width) > MAX_ASPECT * min(height, width):
        raise ImpossibleSize(f"a picture of {width}x{height} cannot be resized: sides must be within a ratio of 200")
    sides = (height, width)
    rows, columns = (round(side / factor) * factor for side in sides)
    if rows * columns > max_pixels:
        shrink = math.sqrt(height * width / max_pixels)
        rows, columns = (max(factor, math.floor(side / shrink / factor) * factor) for side in sides)
    elif rows * columns < min_pixels:
        grow = math.sqrt(min_pixels / (height * width))
        rows, columns = (math.ceil(side * grow / factor) * factor for side in sides)
    return rows, columns


@dataclass(frozen=True)
class Resizing:
    """From the stored picture to the one the model is shown. Sizes are height, width in pixels.

    Coordinates are continuous, with pixel centres at integer + 0.5, so that both directions are plain scalings by
    (shown width / stored width, shown height / stored height).
    """

    stored: tuple[int, int]
    shown: tuple[int, int]

    @classmethod
    def within(cls, height: int, width: int, budget: PixelBudget) -> Resizing:
        """The resizing of a picture of that size for a pixel budget; raises ImpossibleSize."""
        shown = smart_resize(height, width, budget.factor, budget.min_pixels, budget.max_pixels)
        return cls((height, width), shown)

    @property
    def scale(self) -> Array:
        """Shown over stored size along x and y, shape (2,)."""
        return np.array([self.shown[1] / self.stored[1], self.shown[0] / self.stored[0]])

    def to_shown(self, points: ArrayLike) -> Array:
        """Pixels of the stored picture, (..., 2), as pixels of the shown one."""
        return np.asarray(points, float) * self.scale

    def to_stored(self, points: ArrayLike) -> Array:
        """Pixels of the shown picture, (..., 2), as pixels of the stored one."""
        return np.asarray(points, float) / self.scale
