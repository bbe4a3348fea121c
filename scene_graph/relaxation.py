"""What a scene graph certainly says of footprint centres, as linear inequalities, whatever the stances.

Unknown are the centre of every body and, where relations compare gaps, the gap of each pair they speak of. Most
relations have a convex region about their anchor and become inequalities at once. The others do so once it is known
in which sector one centre lies seen from another (`sector_rows`): whoever wants to refute a graph tries all sectors.
A relation of a kind not known here says nothing, which weakens what can be refuted and never makes it wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assets_index.transforms import Array
from scene_graph.constraints import Constraint, Within
from scene_graph.differences import Size, sizes_of
from scene_graph.placed import GeometrySource, landmarks_of
from scene_graph.relations import AnyRelation, Between, ClosestTo, Directional, FarthestFrom, In, Near, On
from scene_graph.supports import supports_between_nodes
from scene_graph.task import SceneGraph

Pair = tuple[str, str]

_ANGLES = 2 * np.pi * np.arange(16) / 16
_NORMALS = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], 1)
"""A disc is relaxed to the 16-gon around it."""

STRICT = 1e-5
"""By how much, in metres, a sum must at least be less than another where a relation says that it is less."""


@dataclass(frozen=True)
class Sector:
    """Directions (2,) within `half` rad, less than a right angle, of the direction `middle`, rad from +x."""

    middle: float
    half: float

    def halves(self) -> tuple[Sector, Sector]:
        """The same in two."""
        half = self.half / 2
        return Sector(self.middle - half, half), Sector(self.middle + half, half)


@dataclass(frozen=True)
class Row:
    """A sum of unknowns, times their coefficients, is at most `limit`.

    Attributes:
        centers: coefficients (2,) of centres, by name.
        gaps: coefficients of gaps, by pair.
        reason: None for what holds of every layout.
    """

    centers: Mapping[str, Array]
    gaps: Mapping[Pair, float]
    limit: float
    reason: Constraint | None


def pair_of(first: str, second: str) -> Pair:
    """The pair in the one order that names a gap."""
    return (first, second) if first < second else (second, first)


@dataclass(frozen=True)
class Relaxation:
    """A scene graph's inequalities.

    Attributes:
        rows: those that always hold.
        pairs: from and to: pairs whose sector says more.
    """

    scene: SceneGraph
    sizes: Mapping[str, Size]
    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]

    @classmethod
    def of(cls, scene: SceneGraph, geometry: GeometrySource) -> Relaxation:
        """The inequalities of a graph."""
        sizes = sizes_of(scene, geometry)
        pinned = {name: mark.center for name, mark in landmarks_of(scene.regions).items()}
        compared = {pair for relation in scene.relations for pair in _compared(relation)}
        rows = [*_room_rows(scene, sizes), *_pin_rows(pinned), *_gap_rows(compared, sizes)]
        for relation in scene.relations:
            rows += _relation_rows(relation, sizes, compared)
        pairs = dict.fromkeys(pair for relation in scene.relations for pair in _directed(relation))
        return cls(scene, sizes, tuple(rows), tuple(pairs))

    def sector_rows(self, pair: Pair, sector: Sector) -> list[Row]:
        """What holds besides if the second centre of a pair lies in a sector seen from the first."""
        rows = []
        for relation in self.scene.relations:
            if pair in _directed(relation):
                rows += _sector_rows(relation, pair, sector, self.sizes)
        return rows


def _compared(relation: AnyRelation) -> list[Pair]:
    """The pairs whose gaps a relation compares."""
    if not isinstance(relation, ClosestTo | FarthestFrom):
        return []
    return [pair_of(relation.anchor, name) for name in (relation.subject, *relation.others)]


def _directed(relation: AnyRelation) -> list[Pair]:
    """The pairs whose sector makes a relation linear."""
    if isinstance(relation, Between):
        return [(relation.first, relation.second)]
    if isinstance(relation, ClosestTo | FarthestFrom):
        far = relation.others if relation.nearest else (relation.subject,)
        return [(relation.anchor, name) for name in far]
    return []


def _apart(first: str, second: str, along: Array, least: float, reason: Constraint | None) -> Row:
    """(center[second] - center[first]) @ along >= least."""
    return Row({first: along, second: -along}, {}, -least, reason)


def _disc(first: str, second: str, radius: float, reason: Constraint | None) -> list[Row]:
    """The centres are at most `radius` apart."""
    return [Row({first: -normal, second: normal}, {}, radius, reason) for normal in _NORMALS]


def _room_rows(scene: SceneGraph, sizes: Mapping[str, Size]) -> Iterator[Row]:
    supported = {relation.subject for relation in supports_between_nodes(scene)}
    for node in scene.nodes:
        if node.region is None and node.name in supported:
            continue
        rect, inner = node.region or scene.workspace, sizes[node.name].inner
        reason = None if node.region is None else Within(subject=node.name, region=node.region)
        for axis in np.eye(2):
            yield Row({node.name: axis}, {}, float(axis @ rect.upper) - inner, reason)
            yield Row({node.name: -axis}, {}, -float(axis @ rect.lower) - inner, reason)


def _pin_rows(pinned: Mapping[str, Array]) -> Iterator[Row]:
    for name, center in pinned.items():
        for axis in (*np.eye(2), *-np.eye(2)):
            yield Row({name: axis}, {}, float(axis @ center), None)


def _gap_rows(pairs: set[Pair], sizes: Mapping[str, Size]) -> Iterator[Row]:
    """A gap is at least nothing, and at least the distance of the centres less what the bodies can reach."""
    for pair in sorted(pairs):
        first, second = pair
        yield Row({}, {pair: -1.0}, 0.0, None)
        for normal in _NORMALS:
            reach = sizes[first].outer + sizes[second].outer
            yield Row({first: -normal, second: normal}, {pair: -1.0}, reach, None)


def _relation_rows(relation: AnyRelation, sizes: Mapping[str, Size], compared: set[Pair]) -> list[Row]:
    subject = sizes[relation.subject]
    if isinstance(relation, Directional):
        along, apart = relation.direction, subject.inner + sizes[relation.anchor].inner
        aside = np.array([-along[1], along[0]])
        edges = [_apart(relation.anchor, relation.subject, along + side, STRICT, relation) for side in (aside, -aside)]
        return [_apart(relation.anchor, relation.subject, along, apart, relation), *edges]
    if isinstance(relation, In | On | Near):
        gap = relation.distance if isinstance(relation, Near) else 0.0
        own = subject.outer if isinstance(relation, Near) else subject.eccentricity
        rows = _disc(relation.anchor, relation.subject, sizes[relation.anchor].outer + own + gap, relation)
        pair = pair_of(relation.anchor, relation.subject)
        return [*rows, Row({}, {pair: 1.0}, gap, relation)] if pair in compared else rows
    if isinstance(relation, ClosestTo | FarthestFrom):
        return [_rank_row(relation, other) for other in relation.others]
    return []


def _rank_row(relation: ClosestTo | FarthestFrom, other: str) -> Row:
    near, far = (relation.subject, other) if relation.nearest else (other, relation.subject)
    gaps = {pair_of(relation.anchor, near): 1.0, pair_of(relation.anchor, far): -1.0}
    return Row({}, gaps, -STRICT, relation)


def _sector_rows(relation: AnyRelation, pair: Pair, sector: Sector, sizes: Mapping[str, Size]) -> list[Row]:
    if isinstance(relation, Between):
        return _between_rows(relation, sector, sizes)
    assert isinstance(relation, ClosestTo | FarthestFrom)
    first, second = pair
    along = _direction(sector.middle)
    # a gap that is greater than another is not zero, so the greatest circles inside the footprints are apart
    apart = sizes[first].inner + sizes[second].inner
    reach = along / np.cos(sector.half)
    gap = Row({first: reach, second: -reach}, {pair_of(first, second): 1.0}, -apart, relation)
    return [gap, *_cone(first, second, sector, 0.0, relation)]


def _between_rows(relation: Between, sector: Sector, sizes: Mapping[str, Size]) -> list[Row]:
    """The subject is clear of both sides along their line, and off it by no more than a side is wide."""
    first, subject, second = relation.first, relation.subject, relation.second
    width = max(sizes[first].outer, sizes[second].outer)
    cos, sin, along = np.cos(sector.half), np.sin(sector.half), _direction(sector.middle)
    clear = [sizes[subject].inner + sizes[side].inner for side in (first, second)]
    rows = _cone(first, second, sector, 0.0, relation)
    rows.append(_apart(first, second, along, sum(clear) * cos, relation))
    for (start, end), least in zip(((first, subject), (subject, second)), clear, strict=True):
        rows += _cone(start, end, sector, width, relation)
        rows.append(_apart(start, end, along, least * cos - width * sin, relation))
    return rows


def _cone(first: str, second: str, sector: Sector, slack: float, reason: Constraint) -> list[Row]:
    """Seen from the first, the second lies in the sector, or at most `slack` beside it."""
    normals = [_direction(sector.middle + side * (sector.half + np.pi / 2)) for side in (-1.0, 1.0)]
    return [Row({first: -normal, second: normal}, {}, slack, reason) for normal in normals]


def _direction(angle: float) -> Array:
    return np.array([np.cos(angle), np.sin(angle)])


def matrix_of(rows: Sequence[Row]) -> tuple[Array, Array]:
    """The rows as a matrix and limits: one column for each coordinate of a centre, and each gap."""
    names = sorted({name for row in rows for name in row.centers})
    pairs = sorted({pair for row in rows for pair in row.gaps})
    column = {name: 2 * number for number, name in enumerate(names)}
    gap_column = {pair: 2 * len(names) + number for number, pair in enumerate(pairs)}
    matrix = np.zeros((len(rows), 2 * len(names) + len(pairs)))
    for number, row in enumerate(rows):
        for name, terms in row.centers.items():
            matrix[number, column[name] : column[name] + 2] = terms
        for pair, term in row.gaps.items():
            matrix[number, gap_column[pair]] = term
    return matrix, np.array([row.limit for row in rows])
