"""Whether a hand can take a thing, and whether a thing fits where it is to go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import shapely

from assets_index.asset import Asset, Point2
from scene_graph.graspability import Graspability, graspable_orientation
from scene_graph.placed import GeometrySource
from scene_graph.polygons import inner_radius, narrowest_width, outer_radius
from scene_graph.stance import Orientation, standing_footprints

FILLED = 0.55
"""Greatest share of a surface or an opening that circles around the things in it may take."""


DEEPEST = 0.17
"""Depth of a cavity, metres, from which on a hand above the rim could only let things fall."""


def graspable_stances(
    geometry: GeometrySource, asset: Asset, orientation: Orientation, width: float, graspable: Graspability | None
) -> Orientation | None:
    """How a thing may lie at the start so that a hand can take it; None if it cannot.

    Without `graspable` a thing counts as graspable if it is narrower than `width`, metres, in every stance.
    """
    if graspable is not None:
        return graspable_orientation(asset, orientation, graspable)
    footprints = standing_footprints(geometry, asset, orientation)
    return orientation if all(narrowest_width(footprint) <= width for footprint in footprints) else None


def radius_of(geometry: GeometrySource, asset: Asset, orientation: Orientation) -> float:
    """Radius of the smallest circle around its footprint, in the widest of its stances."""
    return max(outer_radius(footprint) for footprint in standing_footprints(geometry, asset, orientation))


def has_room(outline: Sequence[Point2] | None, radii: Sequence[float], margin: float) -> bool:
    """Whether things of these radii have room in an outline side by side, at any yaw, with a margin around each."""
    if not outline:
        return False
    around = np.array(radii) + margin
    inner, area = _room(tuple(outline))
    return bool(around.max() <= inner and (len(radii) == 1 or np.pi * (around**2).sum() <= FILLED * area))


def opening(container: Asset) -> tuple[Point2, ...] | None:
    """The opening through which a hand can put things down; None without a cavity, or if it is too deep."""
    cavity = container.cavity
    return cavity.opening if cavity is not None and cavity.rim - cavity.floor <= DEEPEST else None


def carries(anchor: Asset, radius: float, overlap: float) -> bool:
    """Whether a thing of that radius can stand on another: it may be larger than that, by so much."""
    return anchor.support is not None and _room(anchor.support.outline)[0] >= overlap * radius


@lru_cache(maxsize=4096)
def _room(outline: tuple[Point2, ...]) -> tuple[float, float]:
    """Radius of the greatest circle inside, and the area."""
    polygon = shapely.Polygon(outline)
    return inner_radius(polygon), float(polygon.area)
