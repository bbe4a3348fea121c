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
from dataengine.questions.picture import DIRECTIONS, at_depth, on_plane, points_agree, shows_table_top
from dataengine.questions.room import Footprint
from dataengine.questions.sight import PLAIN_KINDS, Sight
from dataengine.questions.wordings import CONTAINER_PLACE, DIRECTED_TABLE, FREE_TABLE
from dataengine.samples import GroundingSample
from scene_graph.placed import PlacedBody
from scene_graph.relations import In, On, Relation

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
    """The thing to be put somewhere, the middle of its footprint at some point."""

    body: PlacedBody
    expression: str
    sight: Sight

    @cached_property
    def footprint(self) -> Footprint:
        """Tells where there is room for it."""
        return Footprint(self.body, self.sight.scene, self.sight.config.clearance)

    def fits_table(self, points: Array) -> NDArray[np.bool_]:
        """Whether it can stand on the table at points (N, 3); (N,)."""
        return self.footprint.fits_table(points, self.sight.context.workspace)

    def relates(self, relation: Relation, points: Array) -> NDArray[np.bool_]:
        """Whether a relation to anchors would hold there, at its present orientation."""
        region = relation.region(self.body, {name: self.sight.scene[name] for name in relation.anchors})
        shapely.prepare(region)
        origins = points[:, :2] - self.body.center + self.body.pose.position[:2]
        return np.asarray(shapely.contains_xy(region, origins))


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
    return _sample(subject, question, "free place on the table", pixels[subject.fits_table(points)], ())


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
    pixels, points = _table(sight)
    near = np.linalg.norm(points[:, :2] - scene[anchor].center, axis=1) < REACH
    fits = near & subject.fits_table(points) & subject.relates(relation, points)
    fits &= points_agree(direction, pixels, anchor, sight.standing)
    phrase = relation.phrase({anchor: expression})
    question = sight.choose(DIRECTED_TABLE).format(it=subject.expression, relation=phrase)
    return _sample(subject, question, f"free place {phrase}", pixels[fits], (anchor,))


def _in_container(subject: _Subject) -> GroundingSample | None:
    sight, scene = subject.sight, subject.sight.scene
    container = sight.subtask.container
    expression = sight.refer(container, PLAIN_KINDS) if container in sight.clear else None
    if expression is None or subject.body.name == container:
        return None
    relation_type = In if scene[container].asset.cavity is not None else On
    relation = relation_type(subject=subject.body.name, anchor=container)
    if relation.holds(scene).holds:
        return None
    pixels = _pixels_of(sight, sight.annotations[container].instance_id)
    points = at_depth(pixels, sight.depth_at(pixels), sight.context.frame.view)
    fits = subject.footprint.fits(points, (container,)) & subject.relates(relation, points)
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
    """Pixels in which the table's top is seen, (N, 2), and their world points (N, 3)."""
    view, pixels = sight.context.frame.view, _pixels_of(sight, sight.context.table_id)
    pixels = pixels[shows_table_top(pixels, sight.depth_at(pixels), view)]
    return pixels, on_plane(pixels, view)


def _pixels_of(sight: Sight, instance_id: int) -> Array:
    """Centres of up to `CANDIDATES` pixels of an instance, (N, 2)."""
    rows, columns = np.nonzero(sight.ids == instance_id)
    chosen = sight.rng.permutation(len(rows))[:CANDIDATES]
    return np.column_stack([columns[chosen], rows[chosen]]).astype(float) + 0.5
