"""Grasps of thin-walled, long, flat and tiny things."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.asset import Asset
from assets_index.robot import RobotDescription
from assets_index.robots import robot
from assets_index.stable import stable_poses
from assets_index.transforms import Array, apply, inverse, rotation_from_quaternion
from dataengine.engine import EngineConfig, attempt
from dataengine.grasps.candidates import search_pose
from dataengine.grasps.clearance import lowest_corner, palm_distance
from dataengine.grasps.grasp_set import GraspSet, grasps_for
from dataengine.grasps.labels import graspable_poses, labels, usable
from dataengine.grasps.settings import GraspSettings
from dataengine.grasps.solid import Solid
from dataengine.record import EpisodeRecord
from scene_graph.relations import In
from scene_graph.task import Node, Rect, SceneGraph, SubTask, TaskSpec
from tests.engine.shapes import Shelf, box_hull, make_asset, tub, wall_ring

SETTINGS = GraspSettings()


def box(name: str, *extents: float, density: float = 400.0) -> tuple[Asset, list[Array]]:
    """A box with all the stable poses that a box has."""
    hulls = [box_hull(extents, (0.0, 0.0, extents[2] / 2))]
    asset = make_asset(name, hulls, density=density)
    return asset.model_copy(update={"stable_poses": stable_poses(hulls, np.array(asset.center_of_mass))}), hulls


def vase(name: str, radius: float, height: float, wall: float) -> tuple[Asset, list[Array]]:
    hulls = wall_ring(radius, height, wall, sectors=24)
    return make_asset(name, hulls), hulls


THINGS = Shelf(
    vase("vase", 0.06, 0.14, 0.003),
    box("rod", 0.012, 0.5, 0.012),
    box("card", 0.06, 0.09, 0.006),
    box("sheet", 0.06, 0.09, 0.002),
    box("tile", 0.1, 0.13, 0.006),
    box("strip", 0.012, 0.13, 0.005),
    box("stick", 0.004, 0.13, 0.008),
    box("die", 0.01, 0.01, 0.01, density=1200.0),
    box("nut", 0.008, 0.008, 0.008, density=7800.0),
    box("crumb", 0.002, 0.002, 0.002),
    tub(),
)


def grasps_of(name: str, arm: RobotDescription) -> tuple[Asset, GraspSet]:
    asset = THINGS.named(name)
    return asset, grasps_for(asset, THINGS, arm)


def lying_down(asset: Asset) -> tuple[bool, ...]:
    """For each stable pose, whether the asset lies on its largest face."""
    least = min(pose.height for pose in asset.stable_poses)
    thin = int(np.argmin(asset.extents))
    return tuple(
        abs(rotation_from_quaternion(pose.quaternion)[2, thin]) > 0.99 and least <= pose.height
        for pose in asset.stable_poses
    )


def test_a_wide_thin_walled_vessel_is_taken_by_its_rim(arm: RobotDescription) -> None:
    asset, grasps = grasps_of("vase", arm)
    assert grasps.held.sum() >= 20
    assert grasps.widths.max() < 0.01
    below_rim = asset.extents[2] - grasps.contacts[..., 2].mean(1)
    assert below_rim.max() < palm_distance(arm.jaw) + 0.01, "a deeper wall would reach into the palm"
    angle = np.degrees(np.arctan2(*grasps.contacts.mean(1)[grasps.held, :2].T))
    assert np.unique(angle // 90).size == 4, "from every side"


def test_a_long_thing_is_taken_near_its_centre_of_mass_if_anywhere(arm: RobotDescription) -> None:
    _, grasps = grasps_of("rod", arm)
    assert grasps.held.sum() >= 20
    off = np.abs(grasps.contacts[..., 1].mean(1))
    assert np.median(off[grasps.held]) < 0.08
    assert off[grasps.held].mean() < off[~grasps.held].mean(), "far from the centre of mass gravity turns it"


@pytest.mark.parametrize("name", ["card", "strip"])
def test_a_flat_thing_is_taken_across_its_thin_side_with_the_fingers_just_above_the_table(
    arm: RobotDescription, name: str
) -> None:
    asset, grasps = grasps_of(name, arm)
    for pose, lies in zip(asset.stable_poses, lying_down(asset), strict=True):
        if not lies:
            continue
        serving = usable(grasps, pose, arm.jaw, SETTINGS)
        assert serving.sum() >= 5
        up = rotation_from_quaternion(pose.quaternion)[2]
        gap = lowest_corner(grasps.poses[serving], up, arm.jaw) + pose.height
        assert gap.min() > 0.001
        low, high = (arm.jaw.pad.center[2] + sign * arm.jaw.pad.half[2] for sign in (-1, 1))
        for tcp, contacts in zip(grasps.poses[serving], grasps.contacts[serving], strict=True):
            middle = apply(inverse(tcp), contacts).mean(0)
            assert low < middle[2] < high, "the contacts lie on the pads"


@pytest.mark.parametrize("name", ["sheet", "tile"])
def test_what_is_too_thin_or_too_wide_lying_down_is_graspable_on_its_edge_alone(
    arm: RobotDescription, name: str
) -> None:
    asset, grasps = grasps_of(name, arm)
    flat = lying_down(asset)
    assert any(flat)
    for label, lies in zip(labels(asset, grasps, arm.jaw, SETTINGS), flat, strict=True):
        assert label.searched
        assert not (lies and label.graspable)
    if name == "tile":
        assert graspable_poses(asset, THINGS, arm) == tuple(np.flatnonzero(~np.array(flat)))


def test_a_tiny_thing_is_graspable_and_a_crumb_is_not(arm: RobotDescription) -> None:
    die, grasps = grasps_of("die", arm)
    assert grasps.held.sum() >= 10
    assert graspable_poses(die, THINGS, arm) == tuple(range(len(die.stable_poses)))
    assert np.median(grasps.patch) > 0.6, "taken by the middle of its faces, not by their edges"
    crumb, none = grasps_of("crumb", arm)
    assert len(none) == 0
    assert none.closure.shape == (0,)
    assert graspable_poses(crumb, THINGS, arm) == ()


@settings(max_examples=8)
@given(thickness=st.floats(0.004, 0.03), width=st.floats(0.01, 0.07), length=st.floats(0.05, 0.2))
def test_no_grasp_that_serves_reaches_into_the_table(thickness: float, width: float, length: float) -> None:
    jaw, hulls = robot().jaw, [box_hull((width, length, thickness), (0.0, 0.0, thickness / 2))]
    solid, rng = Solid.from_hulls(hulls), np.random.default_rng(0)
    asset = make_asset("slab", hulls)
    found = search_pose(asset, asset.stable_poses[0], solid, solid.sample(500, rng)[0], jaw, SETTINGS, rng)
    gap = lowest_corner(found.free.tcp, np.array([0.0, 0.0, 1.0]), jaw)
    assert np.all(gap > SETTINGS.support_clearance - 1e-6)
    assert np.all(found.free.width < jaw.max_opening)


@pytest.mark.parametrize("name", ["card", "strip", "stick", "die", "nut"])
def test_flat_and_tiny_things_are_moved_without_touching_the_table(name: str) -> None:
    """The forces of every accepted record are below the limit: the fingers come within 2 mm of the table."""
    target, container = THINGS.named(name), THINGS.named("tub")
    flat = tuple(int(i) for i in np.flatnonzero(lying_down(target)))

    def make_task(_index: int, _rng: np.random.Generator) -> TaskSpec:
        nodes = (
            Node(
                name="thing",
                asset_id=target.id,
                role="target",
                region=Rect(lower=(0.4, -0.15), upper=(0.55, 0.15)),
                orientation=flat,
            ),
            Node(name="box", asset_id=container.id, role="container"),
        )
        scene = SceneGraph(nodes=nodes, workspace=Rect(lower=(0.3, -0.35), upper=(0.7, 0.35)), table_id="table")
        goal = (In(subject="thing", anchor="box"),)
        subtask = SubTask(target="thing", container="box", goal=goal, instruction="put the thing into the box")
        return TaskSpec.of_one("pick_place", scene, subtask)

    made = [attempt(i, run_seed=3, assets=THINGS, config=EngineConfig(), make_task=make_task) for i in range(5)]
    accepted = [each for each in made if isinstance(each, EpisodeRecord)]
    assert len(accepted) >= 3, [each for each in made if not isinstance(each, EpisodeRecord)]
    assert all(each.meta.verification.max_foreign_force <= 5.0 for each in accepted)
