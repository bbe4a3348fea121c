import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.mass import mass_properties
from assets_index.procedural.collision import box_hull, round_hull
from assets_index.stable import MIN_PROBABILITY, stable_poses
from assets_index.transforms import rotation_from_quaternion


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_a_hull_rests_on_the_plane_with_its_center_over_its_contact(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(14, 3)) * [0.05, 0.04, 0.03]
    center = mass_properties([points], 400.0).center
    poses = stable_poses([points], center)
    assert sum(pose.probability for pose in poses) <= 1.001
    for pose in poses:
        world = points @ rotation_from_quaternion(pose.quaternion).T
        assert world[:, 2].min() + pose.height == pytest.approx(0.0, abs=1e-5)
        contact = world[world[:, 2] < world[:, 2].min() + 5e-4]
        assert len(contact) >= 3
        below = rotation_from_quaternion(pose.quaternion) @ center
        assert (contact[:, :2].min(0) < below[:2]).all()
        assert (below[:2] < contact[:, :2].max(0)).all()
        assert pose.upright or pose.probability >= MIN_PROBABILITY


def test_a_box_rests_on_its_six_faces_mostly_on_the_widest() -> None:
    hull = box_hull((0.12, 0.08, 0.04))
    poses = stable_poses([hull], np.zeros(3))
    assert len(poses) == 6
    assert [round(pose.height, 4) for pose in poses] == [0.02, 0.02, 0.04, 0.04, 0.06, 0.06]
    upright = [pose for pose in poses if pose.upright]
    assert [pose.quaternion for pose in upright] == [(1.0, 0.0, 0.0, 0.0)]


def test_a_pencil_does_not_stand() -> None:
    pencil = round_hull([(0.004, 0.0), (0.004, 0.18)], 12)
    for pose in stable_poses([pencil], np.array([0.0, 0.0, 0.09])):
        axis = rotation_from_quaternion(pose.quaternion)[:, 2]
        assert abs(axis[2]) < 0.1
