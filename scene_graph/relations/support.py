"""Inside a container, and on a surface: judged in the container's own frame, so that a tilted one is judged rightly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import shapely

from assets_index.asset import Point2
from assets_index.transforms import Array, apply, inverse
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import placements_inside, signed_distance, translated
from scene_graph.relations.base import IMPOSSIBLE, Relation, Verdict, at_origin

FLOOR_TOLERANCE = 0.01
"""How far below a cavity's floor a thing in it may reach: collision hulls and contacts give a little."""
SURFACE_TOLERANCE = 0.005
"""How far from a support's height the lowest point of a thing on it may be."""
MAX_TILT = np.radians(30.0)
"""A container tilted further holds nothing."""


class In(Relation):
    """Inside a container's cavity.

    Holds if, in the container's frame, the subject's centre of mass is over the opening and its lowest point is
    between the floor (less 1 cm) and the rim, and the container is tilted by less than 30 degrees. The region asks
    for more: the whole footprint within the opening.
    """

    kind: Literal["in"] = "in"
    anchor: str

    @property
    def anchors(self) -> tuple[str, ...]:
        """The container."""
        return (self.anchor,)

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """Positions with the whole footprint within the opening; empty without a cavity or where it does not fit."""
        container = anchors[self.anchor]
        cavity = container.asset.cavity
        if cavity is None:
            return shapely.Polygon()
        return placements_inside(_level_outline(container, cavity.opening, cavity.rim), at_origin(subject))

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: least of the distances to the opening's edge, the rim, and 1 cm below the floor."""
        subject, container = scene[self.subject], scene[self.anchor]
        cavity = container.asset.cavity
        if cavity is None:
            return Verdict.of(IMPOSSIBLE)
        center, lowest = _in_frame_of(container, subject)
        return Verdict.of(
            signed_distance(center[:2], shapely.Polygon(cavity.opening)),
            cavity.rim - lowest,
            lowest - cavity.floor + FLOOR_TOLERANCE,
            uprightness(container),
        )

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "in the blue bowl"."""
        return f"in {names[self.anchor]}"


class On(Relation):
    """Resting on a support surface.

    Holds if, in the support's frame, the subject's centre of mass is over the surface's outline and its lowest point
    is within 5 mm of the surface's height, and the support is tilted by less than 30 degrees. The region asks for the
    whole footprint over the outline, or, for a subject that is larger than the support, only for its centre of mass.
    """

    kind: Literal["on"] = "on"
    anchor: str

    @property
    def anchors(self) -> tuple[str, ...]:
        """The support."""
        return (self.anchor,)

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """Positions on the surface; empty where the anchor has none."""
        support = anchors[self.anchor]
        surface = support.asset.support
        if surface is None:
            return shapely.Polygon()
        outline = _level_outline(support, surface.outline, surface.height)
        wholly = placements_inside(outline, at_origin(subject))
        if wholly.area > 0.0:
            return wholly
        return translated(outline, np.asarray(subject.pose.position[:2]) - subject.center_of_mass[:2])

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: least of the distances to the outline's edge and to 5 mm above or below the surface."""
        subject, support = scene[self.subject], scene[self.anchor]
        surface = support.asset.support
        if surface is None:
            return Verdict.of(IMPOSSIBLE)
        center, lowest = _in_frame_of(support, subject)
        return Verdict.of(
            signed_distance(center[:2], shapely.Polygon(surface.outline)),
            SURFACE_TOLERANCE - abs(lowest - surface.height),
            uprightness(support),
        )

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "on the white plate"."""
        return f"on {names[self.anchor]}"


def _in_frame_of(anchor: PlacedBody, subject: PlacedBody) -> tuple[Array, float]:
    """The subject's centre of mass (3,) and lowest z in the anchor's frame."""
    T_anchor_world = inverse(anchor.pose.matrix)
    center = apply(T_anchor_world, subject.center_of_mass)
    return center, float(apply(T_anchor_world, subject.vertices)[:, 2].min())


def uprightness(anchor: PlacedBody) -> float:
    """Cosine of the anchor's tilt less the least that is allowed: over a lever of a metre, a length like the others."""
    return float(anchor.pose.matrix[2, 2] - np.cos(MAX_TILT))


def _level_outline(anchor: PlacedBody, outline: Sequence[Point2], height: float) -> shapely.Polygon:
    """An outline at a height in the anchor's frame, seen from above in the world."""
    points = np.column_stack([np.asarray(outline, float), np.full(len(outline), height)])
    return shapely.Polygon(apply(anchor.pose.matrix, points)[:, :2])
