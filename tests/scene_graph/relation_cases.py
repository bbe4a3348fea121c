"""One relation of every kind, with how to make it true and how to undo it: what the property tests run over.

A new kind of relation needs a case here; a test fails without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

import numpy as np
import shapely

from assets_index.transforms import Array, Pose, rotation_about
from scene_graph.placed import PlacedBody, PlacedScene, landmarks_of
from scene_graph.polygons import placements_within_gap, sample_inside
from scene_graph.relations import (
    AlignedWith,
    AnyRelation,
    Behind,
    Between,
    ClosestTo,
    Facing,
    FarthestFrom,
    In,
    InFrontOf,
    LeftOf,
    Lying,
    Near,
    On,
    Relation,
    RightOf,
    StackedOn,
    Upright,
)
from scene_graph.relations.base import at_origin
from scene_graph.relations.orientation import LEVER
from scene_graph.stance import body_at, draw_stance
from scene_graph.task import Rect
from tests.scene_graph.graphs import body, moved, scene_of
from tests.scene_graph.shapes import Shelf

ELSEWHERE = frozenset({"open", "closed", "pressed", "released", "inside_drawer"})
"""Kinds about moving parts, which have property tests of their own in `test_articulation.py`."""

KINDS: Mapping[str, type[Relation]] = {
    kind: member
    for member in get_args(get_args(AnyRelation)[0])
    if (kind := member.model_fields["kind"].default) not in ELSEWHERE
}
"""Every other relation class by its kind."""

BLOCKS = tuple(f"block_{number}" for number in range(10))
CANS = tuple(f"can_{number}" for number in range(10))
ZONE = {"zone": Rect(lower=(0.35, -0.3), upper=(0.6, -0.05))}

Change = Callable[[PlacedScene, float, Array], PlacedScene]


def shifted(scene: PlacedScene, amount: float, direction: Array) -> PlacedScene:
    """The scene with "thing" moved by an amount in metres along a unit vector (3,)."""
    return moved(scene, "thing", amount * direction)


def turned(scene: PlacedScene, amount: float, direction: Array) -> PlacedScene:
    """The scene with "thing" turned about an axis (3,) by an arc in metres at the lever of the relations."""
    pose = scene["thing"].pose.matrix
    pose[:3, :3] = rotation_about(direction, amount / LEVER) @ pose[:3, :3]
    return scene.with_poses({"thing": Pose.from_matrix(pose)})


@dataclass(frozen=True)
class Case:
    """A relation of "thing" to the bowl, the plate, a slab and landmarks.

    Attributes:
        height: z of what the thing stands on.
        assets: what the thing may be.
        change: what can undo it, by an amount in metres along or about a direction.
        orientation: which stable poses the thing may take.
        apart: whether the margin is only a lower bound where footprints of thing and first anchor overlap.
    """

    relation: AnyRelation
    height: float = 0.0
    assets: tuple[str, ...] = BLOCKS + CANS
    change: Change = field(default=shifted)
    orientation: str = "upright"
    apart: bool = False


CASES: dict[str, Case] = {
    "in": Case(In(subject="thing", anchor="bowl"), height=0.01),
    "on": Case(On(subject="thing", anchor="plate"), height=0.015),
    "on an area": Case(On(subject="thing", anchor="zone")),
    "stacked_on": Case(StackedOn(subject="thing", anchor="slab"), height=0.04),
    "near": Case(Near(subject="thing", anchor="bowl"), apart=True),
    "near an area": Case(Near(subject="thing", anchor="zone"), apart=True),
    "left_of": Case(LeftOf(subject="thing", anchor="bowl")),
    "right_of": Case(RightOf(subject="thing", anchor="bowl")),
    "in_front_of": Case(InFrontOf(subject="thing", anchor="bowl")),
    "behind": Case(Behind(subject="thing", anchor="bowl")),
    "left_of for a camera": Case(LeftOf(subject="thing", anchor="bowl", frame="camera", yaw=2.5)),
    "behind across the table": Case(Behind(subject="thing", anchor="bowl", frame="table", yaw=np.pi)),
    "behind the robot's base": Case(Behind(subject="thing", anchor="robot_base")),
    "between": Case(Between(subject="thing", first="bowl", second="plate")),
    "between the base and a thing": Case(Between(subject="thing", first="robot_base", second="plate")),
    "closest_to": Case(ClosestTo(subject="thing", anchor="bowl", others=("plate", "slab")), apart=True),
    "closest_to the base": Case(
        ClosestTo(subject="thing", anchor="robot_base", others=("bowl", "plate", "slab")), apart=True
    ),
    "farthest_from": Case(FarthestFrom(subject="thing", anchor="bowl", others=("plate", "slab"))),
    "aligned_with": Case(
        AlignedWith(subject="thing", anchor="slab", anchor_axis="y"), change=turned, orientation="random"
    ),
    "facing": Case(Facing(subject="thing", anchor="plate", front="-y")),
    "upright": Case(Upright(subject="thing"), change=turned, orientation="random"),
    "lying": Case(Lying(subject="thing"), change=turned, orientation="random", assets=CANS),
}

INVERSES: dict[str, str | None] = {
    "in": None,
    "on": None,
    "stacked_on": None,
    "near": "near",
    "left_of": "right_of",
    "right_of": "left_of",
    "in_front_of": "behind",
    "behind": "in_front_of",
    "between": None,
    "closest_to": None,
    "farthest_from": None,
    "aligned_with": "aligned_with",
    "facing": None,
    "upright": None,
    "lying": None,
}
"""What each kind is called when it is said of its first anchor; None where there is no such word."""


def furniture(shelf: Shelf, rng: np.random.Generator) -> dict[str, PlacedBody]:
    """What the thing can be related to: a bowl, a plate to the side of it and a slab farther away."""
    x, y = rng.uniform((0.4, -0.2), (0.6, 0.1))
    yaw = rng.uniform(-np.pi, np.pi, 3)
    return {
        "bowl": body(shelf, "bowl", x, y, yaw=yaw[0]),
        "plate": body(shelf, "plate", x + 0.45, y, yaw=yaw[1]),
        "slab": body(shelf, "slab", x + 0.2, y + 0.5, yaw=yaw[2]),
    }


def true_scene(shelf: Shelf, case: Case, asset_id: str, seed: int) -> PlacedScene:
    """A scene in which the thing stands where the relation's region says."""
    rng = np.random.default_rng(seed)
    bodies = furniture(shelf, rng)
    around = {**bodies, **landmarks_of(ZONE)}
    for _ in range(100):
        stance = draw_stance(shelf.asset(asset_id), case.orientation, rng)  # type: ignore[arg-type]
        thing = body_at("thing", shelf.asset(asset_id), shelf, stance, (0.0, 0.0, case.height + stance.height))
        region = case.relation.region(thing, around).intersection(shapely.box(-1.5, -1.5, 1.5, 1.5))
        if case.apart:
            anchor = around[case.relation.anchors[0]]
            region = region.difference(placements_within_gap(anchor.footprint, at_origin(thing), 0.0))
        point = sample_inside(region, rng)
        if point is not None:
            break
    assert point is not None
    position = (float(point[0]), float(point[1]), thing.pose.position[2])
    thing = replace(thing, pose=Pose(position=position, quaternion=thing.pose.quaternion))
    return scene_of(thing, *bodies.values(), regions=ZONE)


def directions(count: int) -> Array:
    """Up, down, and unit vectors (count + 2, 3) all around."""
    angles = np.linspace(0.0, 2 * np.pi, count, endpoint=False)
    level = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(count)])
    return np.concatenate([[[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]], level])
