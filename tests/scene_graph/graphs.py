"""Scene graphs and placed scenes for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import settings

from assets_index.transforms import Pose, quaternion_from_rotation, rotation_z
from scene_graph.placed import PlacedBody, PlacedScene, landmarks_of
from scene_graph.relations import AnyRelation
from scene_graph.task import Node, Rect, SceneGraph
from scene_graph.tasks import TaskFile, read_task
from tests.scene_graph.shapes import Shelf

examples = settings(derandomize=True, max_examples=25)
"""Decorator of property tests: the same examples on every machine, whatever its speed."""

WORKSPACE = Rect(lower=(0.28, -0.4), upper=(0.75, 0.4))


def graph(asset_ids: Sequence[str], relations: Sequence[AnyRelation] = (), **regions: Rect) -> SceneGraph:
    """A graph whose nodes are named by their assets."""
    nodes = tuple(
        Node(
            name=asset_id,
            asset_id=asset_id,
            role="container" if asset_id in ("bowl", "wide_bowl", "plate") else "distractor",
            region=regions.get(asset_id),
        )
        for asset_id in asset_ids
    )
    return SceneGraph(nodes=nodes, relations=tuple(relations), workspace=WORKSPACE, table_id="table")


def body(
    shelf: Shelf, asset_id: str, x: float, y: float, z: float = 0.0, yaw: float = 0.0, name: str = ""
) -> PlacedBody:
    quaternion = tuple(float(v) for v in quaternion_from_rotation(rotation_z(yaw)))
    pose = Pose(position=(x, y, z), quaternion=quaternion)
    return PlacedBody(name or asset_id, shelf.asset(asset_id), pose, shelf.hulls(asset_id))


def scene_of(*bodies: PlacedBody, regions: Mapping[str, Rect] | None = None) -> PlacedScene:
    return PlacedScene({placed.name: placed for placed in bodies}, landmarks_of(regions or {}))


def moved(scene: PlacedScene, name: str, offset: Sequence[float]) -> PlacedScene:
    pose = scene[name].pose
    position = tuple(float(v) for v in np.add(pose.position, offset))
    return scene.with_poses({name: Pose(position=position, quaternion=pose.quaternion)})


def into_or_onto(**changes: object) -> TaskFile:
    """Pick and place without its variants that put one thing next to another, with some other keys."""
    beside = {f"beside_on_the_{side}": {"share": 0} for side in ("left", "right")}
    return read_task({"extends": "pick_and_place", "variants": beside, **changes})
