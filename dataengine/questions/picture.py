"""What spatial words mean in the picture: they are used only where they are true of it and not of the table alone.

Left is the robot's left; a camera that faces the robot shows it on the right, and then sides are not spoken of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assets_index.transforms import Array
from dataengine.samples import Box
from renderers.camera import CameraView
from scene_graph.description import Clause, Description, Superlative, resolve_description
from scene_graph.placed import PlacedScene
from scene_graph.relations import Behind, Directional, InFrontOf, LeftOf, RightOf

LEAST_SHIFT = 0.02
"""Share of the picture's height by which a thing in front is lower in the picture, and a thing behind is higher."""
WIDEST = {LeftOf: 1.0, RightOf: 1.0, InFrontOf: 1.5, Behind: 1.5}
"""Greatest shift to the side for each pixel along the direction; depth is foreshortened."""

TOP_TOLERANCE = 0.01
"""How far from the height of its top, z = 0, a point of a table may be seen and count as on top, metres."""

OPPOSITE: dict[type[Directional], type[Directional]] = {
    LeftOf: RightOf,
    RightOf: LeftOf,
    InFrontOf: Behind,
    Behind: InFrontOf,
}
DIRECTIONS = tuple(OPPOSITE)
_BY_KIND = {direction.model_fields["kind"].default: direction for direction in DIRECTIONS}
_LEAST_FIRST = {
    "leftmost": (0, 1),
    "rightmost": (0, -1),
    "farthest from the robot base": (1, 1),
    "closest to the robot base": (1, -1),
}
"""Axis of the picture and sign by which the body that is meant comes first."""


@dataclass(frozen=True)
class Standing:
    """Where bodies that rest stand in a picture.

    Attributes:
        boxes: tight boxes; feet: pixel below each body's centre, (2,). Both have the same names.
        height: of the picture, pixels.
    """

    boxes: Mapping[str, Box]
    feet: Mapping[str, Array]
    height: int


def points_agree(direction: type[Directional], pixels: ArrayLike, anchor: str, standing: Standing) -> NDArray[np.bool_]:
    """Whether points (N, 2) lie in that direction from a body in the picture, too; shape (N,)."""
    points = np.asarray(pixels, float)
    left, _, right, _ = standing.boxes[anchor]
    shift = points - standing.feet[anchor]
    if direction in (LeftOf, RightOf):
        beyond = points[:, 0] < left if direction is LeftOf else points[:, 0] > right
        return beyond & (np.abs(shift[:, 1]) <= WIDEST[direction] * np.abs(shift[:, 0]))
    along = shift[:, 1] if direction is InFrontOf else -shift[:, 1]
    return (along > LEAST_SHIFT * standing.height) & (np.abs(shift[:, 0]) <= WIDEST[direction] * along)


def bodies_agree(relation: Directional, standing: Standing) -> bool:
    """Whether a relation of two bodies is true of the picture, seen from either."""
    subject, anchor = relation.subject, relation.anchor
    opposite = OPPOSITE[type(relation)]
    forth = points_agree(type(relation), standing.feet[subject][None], anchor, standing)
    back = points_agree(opposite, standing.feet[anchor][None], subject, standing)
    return bool(forth[0] and back[0])


def description_agrees(description: Description, name: str, scene: PlacedScene, standing: Standing) -> bool:
    """Whether everything that a description says of a body can be checked in the picture and is true there.

    `scene` holds the bodies that are in the picture, `standing` those of them that rest.
    """
    plain = description.model_copy(update={"clauses": (), "superlatives": ()})
    rivals = resolve_description(plain, scene)
    return all(_clause_agrees(clause, name, scene, standing) for clause in description.clauses) and all(
        _superlative_agrees(superlative, name, rivals, standing) for superlative in description.superlatives
    )


def _clause_agrees(clause: Clause, name: str, scene: PlacedScene, standing: Standing) -> bool:
    anchors = [resolve_description(anchor, scene) for anchor in clause.anchors]
    if name not in standing.feet or not all(len(anchor) == 1 and anchor <= standing.feet.keys() for anchor in anchors):
        return False
    if clause.kind not in _BY_KIND:
        return True
    (anchor,) = anchors[0]
    return bodies_agree(_BY_KIND[clause.kind](subject=name, anchor=anchor), standing)


def _superlative_agrees(superlative: Superlative, name: str, rivals: frozenset[str], standing: Standing) -> bool:
    """What is nearest to something, or to the middle of the scene, cannot be read off a picture."""
    if superlative.kind not in _LEAST_FIRST or not rivals <= standing.feet.keys():
        return False
    axis, sign = _LEAST_FIRST[superlative.kind]
    return all(sign * standing.feet[name][axis] <= sign * standing.feet[rival][axis] for rival in rivals)


def shows_table_top(pixels: ArrayLike, depth: ArrayLike, view: CameraView) -> NDArray[np.bool_]:
    """Which pixels (N, 2) of the table, with their depth (N,), show its top, and not an edge or what is below; (N,)."""
    return np.asarray(np.abs(at_depth(pixels, depth, view)[:, 2]) <= TOP_TOLERANCE)


def on_plane(pixels: ArrayLike, view: CameraView, height: float = 0.0) -> Array:
    """World points (N, 3) at a height where the rays through pixels (N, 2) meet it."""
    rays = _rays(pixels, view)
    origin = view.T_world_camera[:3, 3]
    return origin + rays * ((height - origin[2]) / rays[:, 2])[:, None]


def at_depth(pixels: ArrayLike, depth: ArrayLike, view: CameraView) -> Array:
    """World points (N, 3) of pixels (N, 2) with their depth (N,) along the optical axis."""
    return view.T_world_camera[:3, 3] + _rays(pixels, view) * np.asarray(depth, float)[:, None]


def _rays(pixels: ArrayLike, view: CameraView) -> Array:
    """World directions of the rays through pixels, of unit length along the optical axis; (N, 3)."""
    return view.rays(pixels) @ view.T_world_camera[:3, :3].T
