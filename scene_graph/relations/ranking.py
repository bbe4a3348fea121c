"""Closest to something, or farthest from it, among stated others: by the gap between footprints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
import shapely
from pydantic import Field

from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import center_of, placements_within_gap
from scene_graph.relations.base import PLANE, Relation, Verdict, at_origin, listed
from scene_graph.relations.proximity import ARC_EXCESS


class Ranked(Relation):
    """The subject is the first of itself and the `others` by the gap between its footprint and the anchor's."""

    anchor: str
    others: tuple[str, ...] = Field(min_length=1)

    nearest: ClassVar[bool]
    words: ClassVar[tuple[str, str]]

    @property
    def anchors(self) -> tuple[str, ...]:
        """What the gap is measured from, then those that the subject is compared with."""
        return (self.anchor, *self.others)

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """Positions with a gap that is less (greater) than that of all others; arcs err towards the safe side."""
        anchor = anchors[self.anchor]
        gaps = [_gap(anchors[name], anchor) for name in self.others]
        return _within(subject, anchor, min(gaps)) if self.nearest else _beyond(subject, anchor, max(gaps))

    def anchor_region(self, anchor: PlacedBody, others: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """Where one of the others leaves the subject first, or where the anchor is nearer (farther) by its centre."""
        if anchor.name != self.anchor:
            gap = _gap(others[self.subject], others[self.anchor])
            return (_beyond if self.nearest else _within)(anchor, others[self.anchor], gap)
        sides = [_nearer_side(others[self.subject], others[name], self.nearest) for name in self.others]
        center = center_of(at_origin(anchor))
        return shapely.transform(shapely.intersection_all(sides), lambda points: points - center)

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: the least difference between the subject's gap and another's."""
        anchor = scene[self.anchor]
        own, gaps = _gap(scene[self.subject], anchor), [_gap(scene[name], anchor) for name in self.others]
        return Verdict.of(min(gaps) - own if self.nearest else own - max(gaps))

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "closer to the mug than the can and the bowl"."""
        comparative, preposition = self.words
        others = listed([names[name] for name in self.others])
        return f"{comparative} {preposition} {names[self.anchor]} than {others}"

    def inverse(self, anchor: str) -> Relation | None:
        """Of two candidates one is closest where the other is farthest; there is no word for the rest."""
        if self.others != (anchor,):
            return None
        opposite = FarthestFrom if self.nearest else ClosestTo
        return opposite(subject=anchor, anchor=self.anchor, others=(self.subject,))

    def excludes(self, other: Relation) -> bool:
        """Two rankings about one anchor, one of which puts first what the other puts last."""
        if not isinstance(other, Ranked) or other.anchor != self.anchor:
            return False
        return bool(self._ordered & {(last, first) for first, last in other._ordered})

    @property
    def _ordered(self) -> set[tuple[str, str]]:
        """Pairs of names, the nearer one first."""
        pairs = {(self.subject, name) for name in self.others}
        return pairs if self.nearest else {(name, subject) for subject, name in pairs}


class ClosestTo(Ranked):
    """Of itself and the others, the subject is the one nearest to the anchor."""

    kind: Literal["closest_to"] = "closest_to"
    nearest: ClassVar[bool] = True
    words: ClassVar[tuple[str, str]] = ("closer", "to")


class FarthestFrom(Ranked):
    """Of itself and the others, the subject is the one farthest from the anchor."""

    kind: Literal["farthest_from"] = "farthest_from"
    nearest: ClassVar[bool] = False
    words: ClassVar[tuple[str, str]] = ("farther", "from")


def _gap(body: PlacedBody, anchor: PlacedBody) -> float:
    return float(body.footprint.distance(anchor.footprint))


def _within(body: PlacedBody, anchor: PlacedBody, gap: float) -> shapely.Geometry:
    """Positions of a body whose gap to the anchor is surely less; none if there can be none less."""
    if gap == 0.0:
        return shapely.Polygon()
    return placements_within_gap(anchor.footprint, at_origin(body), gap / ARC_EXCESS)


def _beyond(body: PlacedBody, anchor: PlacedBody, gap: float) -> shapely.Geometry:
    """Positions of a body whose gap to the anchor is surely greater."""
    return PLANE.difference(placements_within_gap(anchor.footprint, at_origin(body), gap))


def _nearer_side(first: PlacedBody, second: PlacedBody, nearest: bool) -> shapely.Geometry:
    """Points nearer to the first centre than to the second, or farther: half of the plane; none if they coincide."""
    line = (second.center - first.center) * (1.0 if nearest else -1.0)
    length = float(np.linalg.norm(line))
    if length == 0.0:
        return shapely.Polygon()
    middle, line = (first.center + second.center) / 2, line / length
    side = np.array([-line[1], line[0]])
    ends: Sequence[tuple[float, float]] = ((0.0, 8.0), (0.0, -8.0), (-8.0, -8.0), (-8.0, 8.0))
    return shapely.Polygon([middle + forth * line + across * side for forth, across in ends])
