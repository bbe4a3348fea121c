import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.robot import RobotDescription
from assets_index.robots import robot
from assets_index.transforms import apply, inverse
from dataengine.grasps.antipodal import sample_pairs
from dataengine.grasps.clearance import jaw_hits_points, lowest_corner
from dataengine.grasps.grasp_set import GraspSet, find_grasps, grasps_for
from dataengine.grasps.settings import GraspSettings
from dataengine.grasps.shake import ShakeTest
from dataengine.grasps.solid import Solid
from dataengine.physics.settings import PhysicsSettings
from tests.engine.shapes import Shelf, block, box_hull, tub, wall_ring

UP = np.array([0.0, 0.0, 1.0])


@pytest.fixture(scope="module")
def found(shelf: Shelf) -> dict[str, GraspSet]:
    return {name: grasps_for(shelf.named(name), shelf, robot()) for name in ("block", "can", "mug", "bar", "crate")}


@pytest.mark.parametrize("name", ["block", "can", "mug", "bar"])
def test_grasps_hold_and_the_hand_is_clear(
    found: dict[str, GraspSet], shelf: Shelf, arm: RobotDescription, name: str
) -> None:
    grasps = found[name]
    assert grasps.held.sum() >= 20
    assert np.all(grasps.slip[grasps.held] < GraspSettings().slip_limit)
    assert np.all(lowest_corner(grasps.poses, UP, arm.jaw) > 0.0)
    points = Solid.from_hulls(shelf.hulls(shelf.named(name).id)).sample(3000, np.random.default_rng(5))[0]
    hits = jaw_hits_points(grasps.poses, grasps.widths, points, arm.jaw, margin=0.0, slack=0.005)
    assert hits.mean() < 0.03


@pytest.mark.parametrize("name", ["block", "can", "mug", "bar"])
def test_contacts_are_antipodal_points_of_the_surface_between_the_fingers(
    found: dict[str, GraspSet], shelf: Shelf, name: str
) -> None:
    grasps = found[name]
    solid = Solid.from_hulls(shelf.hulls(shelf.named(name).id))
    for pose, width, contacts in zip(grasps.poses, grasps.widths, grasps.contacts, strict=True):
        local = apply(inverse(pose), contacts)
        assert np.abs(local[:, 0]).max() < 1e-9
        assert local[:, 1] == pytest.approx([-width / 2, width / 2])
        outward = pose[:3, 1] * 1e-3
        for point, direction in zip(contacts, (-outward, outward), strict=True):
            assert any(part.contains((point - direction)[None])[0] for part in solid.parts)
            assert not any(part.contains((point + direction)[None])[0] for part in solid.parts)
    assert np.all(grasps.quality > np.cos(np.arctan(GraspSettings().friction)))


def test_a_vessel_too_wide_for_the_hand_is_held_by_its_wall(arm: RobotDescription) -> None:
    asset, hulls = tub("pot", 0.055, 0.08)
    grasps = find_grasps(asset, tuple(hulls), arm, GraspSettings(), PhysicsSettings())
    assert grasps.held.sum() >= 10
    assert grasps.widths.max() < 0.012


def test_a_crate_has_no_grasp(found: dict[str, GraspSet]) -> None:
    assert len(found["crate"]) == 0


def test_the_same_asset_has_the_same_grasps_from_the_cache_or_not(
    shelf: Shelf, found: dict[str, GraspSet], arm: RobotDescription
) -> None:
    asset = shelf.named("can")
    again = grasps_for(asset, shelf, arm)
    anew = find_grasps(asset, shelf.hulls(asset.id), arm, GraspSettings(), PhysicsSettings())
    for name, values in vars(found["can"]).items():
        assert np.array_equal(values, getattr(again, name))
        assert np.array_equal(values, getattr(anew, name))


def test_shaking_tells_good_grasps_from_bad(arm: RobotDescription) -> None:
    bar, hulls = block("rod", (0.02, 0.30, 0.02))
    test = ShakeTest(bar, tuple(hulls), arm, PhysicsSettings())
    middle = np.eye(4)
    middle[:3, :3] = [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]]
    middle[:3, 3] = [0.0, 0.0, 0.01]
    beside = middle.copy()
    beside[0, 3] = 0.05
    assert test.hold(middle, 0.02).slip < 0.004
    assert test.hold(beside, 0.02).slip > 0.02


@settings(max_examples=25)
@given(
    extents=st.tuples(*(st.floats(0.01, 0.07) for _ in range(3))),
    seed=st.integers(0, 1000),
)
def test_pairs_on_a_box_are_as_wide_as_the_box(extents: tuple[float, float, float], seed: int) -> None:
    solid = Solid.from_hulls([box_hull(extents)])
    pairs = sample_pairs(solid, 300, np.random.default_rng(seed), friction=0.3, width=(0.001, 0.2))
    axis = np.abs(pairs.axis).argmax(1)
    assert pairs.width * np.abs(pairs.axis).max(1) == pytest.approx(np.array(extents)[axis], rel=1e-6)


def test_rays_leave_a_vessel_by_its_wall_first_and_by_the_far_wall_last() -> None:
    solid = Solid.from_hulls(wall_ring(0.04, 0.08, 0.005))
    exits = solid.exits(np.array([[-0.1, 0.001, 0.05]]), np.array([[1.0, 0.0, 0.0]]))
    assert sorted(exits.distance) == pytest.approx([0.065, 0.14], abs=1e-3)
    order = np.argsort(exits.distance)
    assert exits.normal[order][:, 0] == pytest.approx([1.0, 1.0], abs=0.05)


def test_surface_samples_leave_out_seams_between_hulls() -> None:
    solid = Solid.from_hulls([box_hull((0.1, 0.1, 0.1), (x, 0.0, 0.0)) for x in (-0.05, 0.05)])
    points, _ = solid.sample(2000, np.random.default_rng(0))
    assert np.abs(points[:, 0]).max() == pytest.approx(0.1)
    sides = np.abs(np.abs(points[:, 1:]).max(1) - 0.05) < 1e-9
    assert np.all(sides | (np.abs(points[:, 0]) > 0.0999))
