"""Where there is room: places for a thing on the table, and for the target in or on its container.

A point of an answer is where the middle of the thing's footprint would be. Each is a pixel in which the table or the
container itself is seen, and each is proven with the footprint and the relations' own regions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from assets_index.transforms import Array
from dataengine.questions.picture import DIRECTIONS, at_depth, on_plane, points_agree
from dataengine.questions.sight import PLAIN_KINDS, Sight
from dataengine.questions.wordings import CONTAINER_PLACE, DIRECTED_TABLE, FREE_TABLE
from dataengine.samples import GroundingSample
from scene_graph.placed import PlacedBody
from scene_graph.polygons import placements_in_box, placements_within_gap
from scene_graph.relations import In, On
from scene_graph.relations.base import at_origin

CANDIDATES = 500
"""Pixels that are tried for a question."""
FEWEST = 5
"""Fewer places among the candidates than this are no region."""
REACH = 0.25
"""How far from its anchor a place may be that is described by a direction, metres."""
STANDING = 0.03
"""A body whose lowest point is higher than this above the table is no anchor, metres."""


@dataclass(frozen=True)
class _Subject:
    """The thing to be put somewhere."""

    body: PlacedBody
    expression: str
    sight: Sight

    @cached_property
    def free(self) -> shapely.Geometry:
        """Where its origin may be, at its present orientation, so that it stands in the workspace and clear of all."""
        workspace = self.sight.task.scene.workspace
        return self.clear_of_others(placements_in_box(workspace.lower, workspace.upper, at_origin(self.body)), ())

    def clear_of_others(self, places: shapely.Geometry, ignored: tuple[str, ...]) -> shapely.Geometry:
        """The part of some places of its origin at which it stands clear of all bodies but those ignored."""
        footprint, gap = at_origin(self.body), self.sight.config.clearance
        others = [
            placements_within_gap(other.footprint, footprint, gap)
            for name, other in self.sight.scene.bodies.items()
            if name != self.body.name and name not in ignored
        ]
        return shapely.difference(places, shapely.union_all(others))

    def fits(self, places: shapely.Geometry, centers: Array) -> NDArray[np.bool_]:
        """Whether its origin is in `places` when the middle of its footprint is at each of the points (N, 2)."""
        shapely.prepare(places)
        middle = shapely.get_coordinates(shapely.centroid(at_origin(self.body)))[0]
        return np.asarray(shapely.contains_xy(places, centers - middle))


def write_regions(sight: Sight, count: int) -> list[GroundingSample]:
    """Ask for room in or on the container, in a direction from something, and anywhere on the table, in turn."""
    subject = _choose_subject(sight)
    if subject is None:
        return []
    writers = (_in_container, _beside_something, _anywhere)
    samples = [writers[number % len(writers)](subject) for number in range(count)]
    return [sample for sample in samples if sample is not None]


def _choose_subject(sight: Sight) -> _Subject | None:
    for name in sight.drawn(len(sight.clear)):
        body = sight.scene[name]
        expression = sight.refer(name, PLAIN_KINDS) if body.asset.role == "object" else None
        if expression is not None:
            return _Subject(body, expression, sight)
    return None


def _anywhere(subject: _Subject) -> GroundingSample | None:
    pixels, points = _table(subject.sight)
    question = subject.sight.choose(FREE_TABLE).format(it=subject.expression)
    return _sample(subject, question, "free place on the table", pixels[subject.fits(subject.free, points[:, :2])], ())


def _beside_something(subject: _Subject) -> GroundingSample | None:
    sight, scene = subject.sight, subject.sight.scene
    anchors = [name for name in sight.resting if name != subject.body.name and scene[name].bottom < STANDING]
    if not anchors:
        return None
    anchor = anchors[sight.rng.integers(len(anchors))]
    expression = sight.refer(anchor, PLAIN_KINDS)
    if expression is None:
        return None
    direction = DIRECTIONS[sight.rng.integers(len(DIRECTIONS))]
    relation = direction(subject=subject.body.name, anchor=anchor)
    places = shapely.intersection(relation.region(subject.body, {anchor: scene[anchor]}), subject.free)
    pixels, points = _table(sight)
    near = np.linalg.norm(points[:, :2] - scene[anchor].center, axis=1) < REACH
    fits = near & subject.fits(places, points[:, :2]) & points_agree(direction, pixels, anchor, sight.standing)
    phrase = relation.phrase({anchor: expression})
    question = sight.choose(DIRECTED_TABLE).format(it=subject.expression, relation=phrase)
    return _sample(subject, question, f"free place {phrase}", pixels[fits], (anchor,))


def _in_container(subject: _Subject) -> GroundingSample | None:
    sight, scene = subject.sight, subject.sight.scene
    container = sight.task.container
    expression = sight.refer(container, PLAIN_KINDS) if container in sight.clear else None
    relation_type = In if scene[container].asset.cavity is not None else On
    relation = relation_type(subject=subject.body.name, anchor=container)
    if expression is None or subject.body.name == container or relation.holds(scene).holds:
        return None
    places = relation.region(subject.body, {container: scene[container]})
    pixels = _pixels_of(sight, sight.annotations[container].instance_id)
    points = at_depth(pixels, sight.depth_at(pixels), sight.context.frame.view)
    fits = subject.fits(subject.clear_of_others(places, (container,)), points[:, :2])
    phrase = relation.phrase({container: expression})
    question = sight.choose(CONTAINER_PLACE).format(it=subject.expression, relation=phrase)
    return _sample(subject, question, f"free place {phrase}", pixels[fits], (container,))


def _sample(
    subject: _Subject, question: str, label: str, places: Array, proof: tuple[str, ...]
) -> GroundingSample | None:
    if len(places) < FEWEST:
        return None
    sight = subject.sight
    chosen = sight.rng.choice(len(places), min(len(places), sight.config.region_points), replace=False)
    return sight.located("region", question, label, [subject.body.name, *proof], points=places[chosen])


def _table(sight: Sight) -> tuple[Array, Array]:
    """Pixels in which the table is seen, (N, 2), and their world points (N, 3)."""
    pixels = _pixels_of(sight, sight.context.table_id)
    return pixels, on_plane(pixels, sight.context.frame.view)


def _pixels_of(sight: Sight, instance_id: int) -> Array:
    """Centres of up to `CANDIDATES` pixels of an instance, (N, 2)."""
    rows, columns = np.nonzero(sight.ids == instance_id)
    chosen = sight.rng.permutation(len(rows))[:CANDIDATES]
    return np.column_stack([columns[chosen], rows[chosen]]).astype(float) + 0.5
