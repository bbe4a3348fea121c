"""The UR5e with the Robotiq 2F-85 does what the Franka does, by its name in the configuration alone."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.robot import RobotDescription
from assets_index.robot_setup import alone
from assets_index.robots import robot
from assets_index.transforms import Pose, rotation_z
from dataengine.actions import action_spec
from dataengine.engine import EngineConfig, attempt
from dataengine.motion.kinematics import kinematics
from dataengine.physics.model import build_model
from dataengine.physics.settings import PhysicsSettings
from dataengine.physics.simulation import Simulation
from dataengine.record import EpisodeRecord
from dataengine.record_scene import camera_mount, link_kinematics
from dataengine.replay import replay_commands
from renderers.camera import camera_view, project
from renderers.camera_presets import wrist_camera
from renderers.robot_bodies import robot_bodies
from tests.engine.optional import needs_arms
from tests.engine.shapes import Shelf
from tests.engine.tasks import pick_place_task
from tests.renderers.shapes import plain_look

pytestmark = needs_arms

NAME = "ur5e_2f85"
ATTEMPTS = 3


@pytest.fixture(scope="module")
def ur5e() -> RobotDescription:
    return robot(NAME)


@pytest.fixture(scope="module")
def made(own_cache: None, shelf: Shelf) -> list[EpisodeRecord]:  # noqa: ARG001
    outcomes = [
        attempt(index, run_seed=0, assets=shelf, config=EngineConfig(robot=NAME), make_task=pick_place_task)
        for index in range(ATTEMPTS)
    ]
    return [outcome for outcome in outcomes if isinstance(outcome, EpisodeRecord)]


def forward(joints: np.ndarray, arm: RobotDescription, model: mujoco.MjModel) -> np.ndarray:
    """The TCP by MuJoCo's own kinematics."""
    data = mujoco.MjData(model)
    data.qpos[: len(joints)] = joints
    mujoco.mj_kinematics(model, data)
    hand = np.eye(4)
    hand[:3, :3] = data.body(arm.hand_body).xmat.reshape(3, 3)
    hand[:3, 3] = data.body(arm.hand_body).xpos
    return hand @ arm.hand_to_tcp.matrix


@pytest.fixture(scope="module")
def model(ur5e: RobotDescription) -> mujoco.MjModel:
    return build_model([], alone(ur5e), PhysicsSettings())


@settings(max_examples=40)
@given(parts=st.tuples(*[st.floats(0.02, 0.98)] * 6))
def test_every_solution_reaches_the_pose_within_the_limits(
    ur5e: RobotDescription, model: mujoco.MjModel, parts: tuple[float, ...]
) -> None:
    lower, upper = np.array(ur5e.joint_lower), np.array(ur5e.joint_upper)
    joints = lower + np.array(parts) * (upper - lower)
    tcp = forward(joints, ur5e, model)
    solutions = kinematics(ur5e).solve(tcp, joints)
    for solution in solutions:
        assert forward(solution, ur5e, model) == pytest.approx(tcp, abs=1e-4)
        assert np.all((solution > lower) & (solution < upper))
    assert np.all(np.diff(np.abs(solutions - joints).max(1, initial=0.0)) >= 0)


def test_grasp_poses_from_above_are_reached_and_followed(
    ur5e: RobotDescription, model: mujoco.MjModel, rng: np.random.Generator
) -> None:
    arm = kinematics(ur5e)
    for _ in range(60):
        tcp = np.diag([1.0, -1.0, -1.0, 1.0])
        tcp[:3, :3] = rotation_z(rng.uniform(-np.pi, np.pi)) @ tcp[:3, :3]
        tcp[:3, 3] = rng.uniform([0.32, -0.35, 0.03], [0.68, 0.35, 0.25])
        solutions = arm.solve(tcp, ur5e.home)
        tcp[2, 3] += 0.01
        moves = [(one, arm.follow(tcp, one)) for one in solutions]  # one at full stretch may end there
        followed = [(one, after) for one, after in moves if after is not None]
        assert followed
        for one, after in followed:
            assert forward(after, ur5e, model) == pytest.approx(tcp, abs=1e-6)
            assert np.abs(after - one).max() < 0.35


def test_home_looks_down_on_the_table(ur5e: RobotDescription, model: mujoco.MjModel) -> None:
    tcp = forward(np.array(ur5e.home), ur5e, model)
    assert tcp[:3, :3] == pytest.approx(np.diag([1.0, -1.0, -1.0]), abs=2e-3)
    assert tcp[:3, 3] == pytest.approx([0.45, 0.0, 0.33], abs=2e-3)


def test_the_jaw_opens_and_closes_at_the_set_speed(ur5e: RobotDescription) -> None:
    simulation = Simulation((), ur5e)
    widths = []
    for gripper in (0.0,) * 12 + (1.0,) * 12:
        simulation.step(np.array(ur5e.home), gripper)
        widths.append(float(simulation.state().finger_position.sum()))
    assert min(widths) < 0.002
    assert widths[3] > 0.03  # not at once
    assert widths[-1] == pytest.approx(ur5e.jaw.max_opening, abs=2e-3)


def test_most_attempts_are_accepted(made: list[EpisodeRecord]) -> None:
    assert len(made) >= ATTEMPTS - 1


def test_records_have_six_joints_and_say_which_robot(made: list[EpisodeRecord]) -> None:
    for record in made:
        assert record.meta.robot == NAME
        assert record.meta.versions["ssik"]
        assert record.joint_position.shape == (record.steps + 1, 6)
        assert record.joint_command.shape == (record.steps, 6)
        assert record.finger_position.min() >= 0.0
        assert record.finger_position.sum(2).max() < 0.087


def test_commands_give_the_same_trajectory_again(made: list[EpisodeRecord], shelf: Shelf) -> None:
    again = replay_commands(made[0], shelf)
    for name in ("joint_position", "finger_position", "tcp_pose", "object_pose", "gripper_force"):
        assert np.array_equal(getattr(again, name), getattr(made[0], name)), name


def test_drawn_links_are_where_physics_had_them(made: list[EpisodeRecord], ur5e: RobotDescription) -> None:
    record = made[0]
    links = link_kinematics(ur5e)
    for step in range(0, record.steps, 10):
        drawn = links.poses(record.joint_position[step], record.finger_position[step, 0])
        tcp = drawn[ur5e.hand_body] @ ur5e.hand_to_tcp.matrix
        assert tcp == pytest.approx(Pose.from_vector(record.tcp_pose[step, 0]).matrix, abs=1e-6)


def test_every_link_with_a_shape_is_drawn(ur5e: RobotDescription) -> None:
    drawn = {body.name for body in robot_bodies(ur5e, 2)}
    assert {"base", "forearm_link", "wrist_3_link", "gripper_base", "gripper_left_follower"} <= drawn


def test_the_wrist_camera_sees_what_the_fingers_hold(ur5e: RobotDescription) -> None:
    links = link_kinematics(ur5e).poses(ur5e.home, (0.02, 0.02))
    view = camera_view(wrist_camera(), plain_look(), camera_mount(alone(ur5e), wrist_camera(), links))
    tcp = links[ur5e.hand_body] @ ur5e.hand_to_tcp.matrix
    pixel, depth = project(tcp[:3, 3], view)
    assert depth > 0.05
    assert pixel[0] == pytest.approx(view.width / 2, abs=1.0)
    assert view.height / 2 < pixel[1] < view.height


def test_actions_are_named_after_the_joints(ur5e: RobotDescription) -> None:
    spec = action_spec(NAME, 20.0)
    assert spec.names == (*ur5e.joints, "gripper")
    assert [spec.names[index] for index in spec.gripper_indices] == ["gripper"]
    assert len(spec.units) == len(spec.names)
