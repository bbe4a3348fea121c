"""Spaces of an asset that other things can be in or on."""

from __future__ import annotations

from assets_index.schema import Schema

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


class SupportSurface(Schema):
    """A level surface on which things can stand, in the asset frame."""

    height: float
    outline: tuple[Point2, ...]
