"""Near one body, and between two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import shapely
from pydantic import Field

from assets_index.transforms import Array
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import center_of, corners, placements_within_gap, signed_distance, translated
from scene_graph.relations.base import Relation, Verdict, at_origin

NEAR_DISTANCE = 0.08
ARC_EXCESS = 1.09
"""How much farther than asked the arcs of a region may reach."""
_FAR = 4.0  # metres; half the width of the strip between two bodies


class Near(Relation):
    """The gap between the footprints is at most `distance` metres."""

    kind: Literal["near"] = "near"
    anchor: str
    distance: float = Field(default=NEAR_DISTANCE, gt=0.0)

    @property
    def anchors(self) -> tuple[str, ...]:
        """The body it is near to."""
        return (self.anchor,)

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """Positions whose gap is at most the distance (rounded corners are cut a little short)."""
        return placements_within_gap(anchors[self.anchor].footprint, at_origin(subject), self.distance / ARC_EXCESS)

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: the distance less the gap."""
        gap = float(scene[self.subject].footprint.distance(scene[self.anchor].footprint))
        return Verdict.of(self.distance - gap)

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "near the mug"."""
        return f"near {names[self.anchor]}"

    def inverse(self, anchor: str) -> Relation:
        """Nearness is mutual."""
        return Near(subject=anchor, anchor=self.subject, distance=self.distance)


class Between(Relation):
    """In the corridor between two bodies.

    Holds if the subject's footprint is clear of both along the line of their centres, and its centre lies within the
    convex hull of their footprints.
    """

    kind: Literal["between"] = "between"
    first: str
    second: str

    @property
    def anchors(self) -> tuple[str, ...]:
        """The bodies on either side."""
        return (self.first, self.second)

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """The part of the corridor that is clear of both."""
        first, second, footprint = anchors[self.first], anchors[self.second], at_origin(subject)
        line = _direction(first, second)
        span = corners(footprint) @ line
        start = float((corners(first.footprint) @ line).max() - span.min())
        end = float((corners(second.footprint) @ line).min() - span.max())
        if start >= end:
            return shapely.Polygon()
        corridor = translated(_corridor(first, second), -center_of(footprint))
        return shapely.intersection(_strip(line, start, end), corridor)

    def anchor_region(self, anchor: PlacedBody, others: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """Beyond the subject, seen from the other anchor: a cone that widens as far as the corridor certainly does."""
        subject, start = others[self.subject], others[self.second if anchor.name == self.first else self.first]
        footprint = at_origin(anchor)
        line = subject.center - start.center
        distance = float(np.linalg.norm(line))
        if distance == 0.0:
            return shapely.Polygon()
        line, width = line / distance, min(_inner_radius(start.footprint), _inner_radius(footprint))
        nearest = float((corners(subject.footprint) @ line).max() - (corners(footprint) @ line).min())
        nearest -= float((subject.center - center_of(footprint)) @ line)
        side = np.array([-line[1], line[0]]) * width
        ends = [
            subject.center + along * line + across * (1 + along / distance) * side
            for along, across in ((nearest, -1), (nearest, 1), (_FAR, 1), (_FAR, -1))
        ]
        return translated(shapely.Polygon(ends), -center_of(footprint))

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: least of the gap to either side, and the distance to the corridor's edge."""
        subject, first, second = scene[self.subject], scene[self.first], scene[self.second]
        line = _direction(first, second)
        span = corners(subject.footprint) @ line
        return Verdict.of(
            span.min() - (corners(first.footprint) @ line).max(),
            (corners(second.footprint) @ line).min() - span.max(),
            signed_distance(subject.center, _corridor(first, second)),
        )

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "between the mug and the blue bowl"."""
        return f"between {names[self.first]} and {names[self.second]}"


def _inner_radius(footprint: shapely.Polygon) -> float:
    return signed_distance(center_of(footprint), footprint)


def _direction(first: PlacedBody, second: PlacedBody) -> Array:
    """Unit vector from one centre to the other, (2,); along x where they coincide."""
    offset = second.center - first.center
    length = float(np.linalg.norm(offset))
    return offset / length if length > 0.0 else np.array([1.0, 0.0])


def _corridor(first: PlacedBody, second: PlacedBody) -> shapely.Polygon:
    return shapely.convex_hull(shapely.multipoints(np.concatenate([corners(b.footprint) for b in (first, second)])))


def _strip(line: Array, start: float, end: float) -> shapely.Polygon:
    """The points whose coordinate along `line` lies between `start` and `end`."""
    side = np.array([-line[1], line[0]]) * _FAR
    return shapely.Polygon([start * line - side, start * line + side, end * line + side, end * line - side])
