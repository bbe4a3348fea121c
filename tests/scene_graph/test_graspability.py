"""Targets lie only as a hand can take them."""

from __future__ import annotations

import numpy as np
import pytest

from assets_index.asset import Asset
from assets_index.transforms import rotation_from_quaternion
from scene_graph.errors import ImpossibleTask, InvalidSceneGraph
from scene_graph.graspability import graspable_orientation
from scene_graph.placed import place
from scene_graph.solver import solve
from scene_graph.task import Node, Rect, SceneGraph
from scene_graph.tasks import synthesize
from tests.scene_graph.graphs import into_or_onto
from tests.scene_graph.shapes import Shelf

CONFIG = into_or_onto(all_roles={"split": None, "orientation": "random"})
WORKSPACE = Rect(lower=(0.2, -0.5), upper=(0.8, 0.5))


def only_last(asset: Asset) -> tuple[int, ...]:
    """A hand that can take each thing in its last stable pose alone, and blocks not at all."""
    return () if asset.category == "block" else (len(asset.stable_poses) - 1,)


def test_targets_lie_only_as_they_can_be_grasped(shelf: Shelf) -> None:
    for seed in range(12):
        task = synthesize(CONFIG, shelf, np.random.default_rng(seed), only_last)
        layout = solve(task.scene, shelf, np.random.default_rng(seed))
        asset = shelf.asset(task.scene.node(task.targets[0]).asset_id)
        assert asset.category != "block"
        assert layout.stable_pose[task.targets[0]] == len(asset.stable_poses) - 1
        body = place(task.scene, layout, shelf)[task.targets[0]]
        up = rotation_from_quaternion(asset.stable_poses[-1].quaternion)[2]
        assert rotation_from_quaternion(body.pose.quaternion)[2] == pytest.approx(up, abs=1e-6)


def test_nothing_graspable_is_an_error_of_one_line(shelf: Shelf) -> None:
    with pytest.raises(ImpossibleTask, match="grasped"):
        synthesize(CONFIG, shelf, np.random.default_rng(0), lambda _asset: ())


def test_what_is_left_of_an_orientation(shelf: Shelf) -> None:
    can = next(asset for asset in shelf.find(role="object") if len(asset.stable_poses) > 1)
    everything = tuple(range(len(can.stable_poses)))
    upright = can.stable_poses.index(can.upright_pose)
    assert graspable_orientation(can, "random", lambda _asset: everything) == "random"
    assert graspable_orientation(can, "random", lambda _asset: (upright,)) == (upright,)
    assert graspable_orientation(can, "upright", lambda _asset: (upright,)) == "upright"
    others = tuple(index for index in everything if index != upright)
    assert graspable_orientation(can, "upright", lambda _asset: others) is None
    assert graspable_orientation(can, (upright,), lambda _asset: everything) == (upright,)


def test_a_stable_pose_that_an_asset_has_not_is_named(shelf: Shelf) -> None:
    asset = shelf.find(role="object")[0]
    node = Node(name="thing", asset_id=asset.id, role="target", orientation=(99,))
    scene = SceneGraph(nodes=(node,), workspace=WORKSPACE, table_id=shelf.find(role="table")[0].id)
    with pytest.raises(InvalidSceneGraph, match=r"'thing'.*stable poses 0 to"):
        solve(scene, shelf, np.random.default_rng(0))
