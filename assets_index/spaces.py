"""Spaces of an asset that other things can be in or on."""

from __future__ import annotations

from collections.abc import Sequence

from assets_index.schema import Schema
from assets_index.transforms import Array

Point2 = tuple[float, float]


class Cavity(Schema):
    """The inside of a container, in the asset frame: a vertical prism that things can be put into from above.

    Attributes:
        floor: z of the inner floor.
        rim: z of the rim.
        opening: convex polygon of the free inside at the narrowest height between floor and rim.
    """

    floor: float
    rim: float
    opening: tuple[Point2, ...]

    def moved(self, offset: Array) -> Cavity:
        """The same in a frame whose origin lies at -`offset` (3,), rounded to a micrometre."""
        return Cavity(
            floor=round(self.floor + offset[2], 6),
            rim=round(self.rim + offset[2], 6),
            opening=_moved_outline(self.opening, offset),
        )


class SupportSurface(Schema):
    """A level surface on which things can stand, in the asset frame."""

    height: float
    outline: tuple[Point2, ...]

    def moved(self, offset: Array) -> SupportSurface:
        """The same in a frame whose origin lies at -`offset` (3,), rounded to a micrometre."""
        return SupportSurface(height=round(self.height + offset[2], 6), outline=_moved_outline(self.outline, offset))


def _moved_outline(outline: Sequence[Point2], offset: Array) -> tuple[Point2, ...]:
    return tuple((round(float(x + offset[0]), 6) + 0.0, round(float(y + offset[1]), 6) + 0.0) for x, y in outline)
