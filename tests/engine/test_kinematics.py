import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.errors import EngineError
from assets_index.robot_setup import alone
from assets_index.robots import robot, robot_names
from assets_index.transforms import rotation_z
from dataengine.motion.kinematics import kinematics
from dataengine.physics.model import build_model
from dataengine.physics.settings import PhysicsSettings

ARM = robot()
MODEL = build_model([], alone(ARM), PhysicsSettings())


def forward(joints: np.ndarray) -> np.ndarray:
    """The TCP by MuJoCo's own kinematics of the robot's model."""
    data = mujoco.MjData(MODEL)
    data.qpos[: len(joints)] = joints
    mujoco.mj_kinematics(MODEL, data)
    hand = np.eye(4)
    hand[:3, :3] = data.body(ARM.hand_body).xmat.reshape(3, 3)
    hand[:3, 3] = data.body(ARM.hand_body).xpos
    return hand @ ARM.hand_to_tcp.matrix


joint_angles = st.tuples(
    *(st.floats(low + 0.1, high - 0.1) for low, high in zip(ARM.joint_lower, ARM.joint_upper, strict=True))
).map(np.array)


@settings(max_examples=60)
@given(joints=joint_angles)
def test_every_solution_reaches_the_pose_within_the_limits(joints: np.ndarray) -> None:
    tcp = forward(joints)
    solutions = kinematics(ARM).solve(tcp, joints)
    for solution in solutions:
        assert forward(solution) == pytest.approx(tcp, abs=2e-4)
        assert np.all(solution > ARM.joint_lower)
        assert np.all(solution < ARM.joint_upper)
    distances = np.abs(solutions - joints).max(1, initial=0.0)
    assert np.all(np.diff(distances) >= 0)


@settings(max_examples=60)
@given(joints=joint_angles)
def test_following_a_pose_one_is_at_stays_there(joints: np.ndarray) -> None:
    followed = kinematics(ARM).follow(forward(joints), joints)
    if followed is not None:  # at a singularity there may be no exact solution
        assert forward(followed) == pytest.approx(forward(joints), abs=2e-4)


def test_ordinary_grasp_poses_have_solutions(rng: np.random.Generator) -> None:
    for _ in range(50):
        tcp = np.diag([1.0, -1.0, -1.0, 1.0])
        tcp[:3, :3] = rotation_z(rng.uniform(-np.pi, np.pi)) @ tcp[:3, :3]
        tcp[:3, 3] = rng.uniform([0.32, -0.35, 0.03], [0.68, 0.35, 0.3])
        assert len(kinematics(ARM).solve(tcp, ARM.home)) > 0


def test_home_looks_down_on_the_table() -> None:
    tcp = forward(np.array(ARM.home))
    assert tcp[:3, 2] == pytest.approx([0.0, 0.0, -1.0], abs=1e-6)
    assert 0.3 < tcp[0, 3] < 0.6
    assert tcp[2, 3] > 0.3


def test_an_unknown_robot_names_those_there_are() -> None:
    with pytest.raises(EngineError, match=robot_names()[0]):
        robot("no_such_arm")


@settings(max_examples=60)
@given(joints=joint_angles, shift=st.floats(0.0, 0.6))
def test_a_pose_is_within_reach_if_it_has_a_solution(joints: np.ndarray, shift: float) -> None:
    tcp = forward(joints)
    tcp[:3, 3] *= 1.0 + shift
    assert kinematics(ARM).reaches(tcp, ARM.home) == (len(kinematics(ARM).solve(tcp, ARM.home)) > 0)
