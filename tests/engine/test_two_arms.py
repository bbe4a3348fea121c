"""Two arms on one table do what one does, by the set-up that the configuration names or writes out alone."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from assets_index.errors import MissingAsset
from assets_index.robot_setup import ArmMount, RobotSetup
from assets_index.robots import arms
from assets_index.transforms import Pose
from dataengine.actions import action_spec
from dataengine.engine import EngineConfig, attempt
from dataengine.motion.planner import ArmPlanner
from dataengine.motion.timing import MotionLimits
from dataengine.physics.errors import ArmsTooClose, InvalidCommand
from dataengine.physics.simulation import Simulation, home
from dataengine.pipeline.config import RenderConfig, RunConfig
from dataengine.record import EpisodeRecord, Phase
from dataengine.replay import recorded_bodies, replay_commands, scene_at
from dataengine.verification import measure
from renderers.camera_presets import CameraPreset
from scene_graph.free_space import SolverLimits
from scene_graph.judge import judge_goal
from scene_graph.placed import PlacedBody, place
from scene_graph.solver import solve
from scene_graph.task import Rect, TaskSpec
from tests.engine.optional import needs_arms
from tests.engine.shapes import Shelf
from tests.engine.tasks import task_of, two_step_task

SETUP = "two_frankas"
LEFT, RIGHT = 0, 1
LEFT_SIDE = Rect(lower=(0.4, 0.25), upper=(0.6, 0.42))
MIDDLE = Rect(lower=(0.42, -0.12), upper=(0.64, 0.12))
RIGHT_SIDE = Rect(lower=(0.4, -0.42), upper=(0.6, -0.25))
TABLE = Rect(lower=(0.3, -0.75), upper=(0.75, 0.75))
FAR_RIGHT = Rect(lower=(0.45, -0.75), upper=(0.65, -0.45))


def within(task: TaskSpec, **regions: Rect) -> TaskSpec:
    """The task on a wide table, with some of its nodes in regions."""
    nodes = tuple(node.model_copy(update={"region": regions.get(node.name, node.region)}) for node in task.scene.nodes)
    return task.model_copy(update={"scene": task.scene.model_copy(update={"nodes": nodes, "workspace": TABLE})})


def first_accepted(task: TaskSpec, shelf: Shelf, setup: str | RobotSetup = SETUP, attempts: int = 4) -> EpisodeRecord:
    for index in range(attempts):
        outcome = attempt(index, run_seed=0, assets=shelf, config=EngineConfig(robot=setup), make_task=lambda *_: task)
        if isinstance(outcome, EpisodeRecord):
            return outcome
    raise AssertionError(f"no attempt of {attempts} was accepted; the last: {outcome}")


@pytest.fixture(scope="module")
def shared(own_cache: None, shelf: Shelf) -> EpisodeRecord:  # noqa: ARG001
    """Something from either side into a tub in the middle."""
    task = two_step_task(["cube", "block", "can"], "tub")
    return first_accepted(within(task, cube_0=LEFT_SIDE, block_1=RIGHT_SIDE, container=MIDDLE), shelf)


def test_each_thing_is_fetched_by_the_arm_that_is_nearer(shared: EpisodeRecord, shelf: Shelf) -> None:
    assert [done.arm for done in shared.meta.subtasks] == [LEFT, RIGHT]
    for done in shared.meta.subtasks:
        pressed = shared.gripper_force[done.first : done.end].max(0)
        assert pressed[done.arm] > 1.0
        assert pressed[1 - done.arm] == 0.0
    assert judge_goal(shared.meta.task.goal, scene_at(shared, shelf, -1)).satisfied


def test_the_other_arm_stands_still_and_out_of_the_way(shared: EpisodeRecord) -> None:
    commands = shared.joint_command.reshape(shared.steps, 2, 7)
    for done in shared.meta.subtasks:
        assert np.ptp(commands[done.first : done.end, 1 - done.arm], axis=0).max() == 0.0
        assert (shared.gripper_command[done.first : done.end, 1 - done.arm] == 1.0).all()
    first = shared.meta.subtasks[0]
    np.testing.assert_allclose(commands[first.end - 1, first.arm], shared.joint_position[0, :7], atol=1e-3)
    assert shared.meta.verification.max_foreign_force < 5.0


def test_records_have_an_axis_of_arms(shared: EpisodeRecord) -> None:
    steps = shared.steps
    assert shared.meta.robot == SETUP
    assert shared.joint_position.shape == (steps + 1, 14)
    assert shared.finger_position.shape == (steps + 1, 2, 2)
    assert shared.tcp_pose.shape == (steps + 1, 2, 7)
    assert shared.gripper_command.shape == shared.gripper_force.shape == (steps, 2)
    assert set(shared.phase) == set(range(Phase.SETTLE + 1)) | {Phase.WAIT}
    switch = shared.meta.subtasks[1].first
    np.testing.assert_array_equal(shared.working_tcp_pose[:switch], shared.tcp_pose[:switch, LEFT])
    np.testing.assert_array_equal(shared.working_tcp_pose[switch:], shared.tcp_pose[switch:, RIGHT])


def test_commands_alone_give_the_same_bits_and_the_same_verdict(shared: EpisodeRecord, shelf: Shelf) -> None:
    again = replay_commands(shared, shelf)
    for name, values in vars(again).items():
        assert np.array_equal(values, getattr(shared, name)), name
    meta = shared.meta
    measured = measure(again, meta.task, recorded_bodies(shared, shelf), meta.subtasks, meta.settle_steps)
    assert measured == meta.verification
    assert type(meta).model_validate_json(meta.model_dump_json()) == meta


def test_what_only_the_second_arm_reaches_is_picked_by_it(shelf: Shelf) -> None:
    task = within(task_of(["cube", "can"], "tub"), cube_0=FAR_RIGHT, container=FAR_RIGHT)
    with pytest.raises(AssertionError, match="no_ik"):
        first_accepted(task, shelf, RobotSetup(arms=arms_of(SETUP)[:1]), attempts=1)
    assert [done.arm for done in first_accepted(task, shelf).meta.subtasks] == [RIGHT]


def arms_of(name: str) -> tuple[ArmMount, ...]:
    return tuple(ArmMount(name=arm.name, robot=arm.robot.name, position=arm.base.position) for arm in arms(name))


def test_an_arm_that_finds_no_way_leaves_it_to_the_next_one(shelf: Shelf) -> None:
    high = ArmMount(name="high", position=(0.1, 0.0, 1.3))
    setup = RobotSetup(arms=(high, ArmMount(name="low", position=(-0.1, 0.0, 0.0))))
    record = first_accepted(within(task_of(["cube", "can"], "tub"), cube_0=MIDDLE), shelf, setup)
    assert [done.arm for done in record.meta.subtasks] == [1]
    assert record.meta.robot == setup


@needs_arms
def test_arms_of_different_kinds_share_a_table(shelf: Shelf) -> None:
    franka = ArmMount(name="franka", robot="franka_panda", position=(0.0, 0.35, 0.0))
    setup = RobotSetup(arms=(franka, ArmMount(name="ur", robot="ur5e_2f85", position=(1.1, -0.3, 0.0), yaw=np.pi)))
    task = two_step_task(["cube", "block", "can"], "tub")
    record = first_accepted(within(task, cube_0=LEFT_SIDE, block_1=RIGHT_SIDE, container=MIDDLE), shelf, setup)
    assert [done.arm for done in record.meta.subtasks] == [0, 1]
    assert record.joint_command.shape[1] == 13


def test_arms_feel_each_other(shelf: Shelf) -> None:
    asset = shelf.asset(f"block-{'0' * 12}")
    block = PlacedBody("block", asset, Pose(position=(0.6, 0.6, 0.001)), shelf.hulls(asset.id))
    setup = arms(SETUP)
    simulation = Simulation([block], setup, target="block")
    command, contacts = home(setup), []
    for _ in range(40):
        command[0] -= 0.04  # the left arm turns to the right
        contacts.append(simulation.step(command, 1.0))
    hardest = max(contacts, key=lambda contact: contact.foreign)
    assert hardest.foreign > 5.0
    assert str(hardest.touched).startswith(("left/", "right/"))


def test_there_is_no_path_through_the_other_arm(shelf: Shelf, rng: np.random.Generator) -> None:
    asset = shelf.asset(f"block-{'0' * 12}")
    block = PlacedBody("block", asset, Pose(position=(0.6, 0.6, 0.001)), shelf.hulls(asset.id))
    simulation = Simulation([block], arms(SETUP), target="block")
    planner = ArmPlanner(simulation, "block", MotionLimits(), rng, arm=LEFT)
    rest = simulation.command[:7]
    assert planner.clearance.is_free(rest, 0.0)
    across = rest - np.array([1.6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert not planner.clearance.is_free_between(rest, across)


def test_both_arms_are_commanded_or_the_command_is_refused() -> None:
    simulation = Simulation([], arms(SETUP))
    with pytest.raises(InvalidCommand, match="14 finite numbers"):
        simulation.step(simulation.command[:7], 1.0)
    with pytest.raises(InvalidCommand, match="2 numbers"):
        simulation.step(simulation.command, np.ones(3))
    for _ in range(12):
        simulation.step(simulation.command, np.array([0.0, 1.0]))
    left, right = simulation.state().finger_position.sum(1)
    assert left == pytest.approx(0.0, abs=2e-3)
    assert right == pytest.approx(0.08, abs=2e-3)


def test_arms_that_are_in_each_others_way_at_rest_are_refused() -> None:
    near = RobotSetup(arms=(ArmMount(name="one"), ArmMount(name="two", position=(0.0, 0.15, 0.0))))
    with pytest.raises(ArmsTooClose, match="one and two"):
        Simulation([], arms(near))


def test_names_that_nothing_has_are_told() -> None:
    with pytest.raises(MissingAsset, match="two_frankas"):
        arms("three_frankas")
    with pytest.raises(ValueError, match="two arms are named 'one'"):
        RobotSetup(arms=(ArmMount(name="one"), ArmMount(name="one", position=(0.0, 1.0, 0.0))))


def test_cameras_are_on_arms_that_are_there() -> None:
    third = RenderConfig(cameras=(CameraPreset(mount="wrist"), CameraPreset(mount="wrist", arm="third")))
    with pytest.raises(ValueError, match="'third_wrist' is to be on arm 'third', but the arms are left, right"):
        RunConfig(engine=EngineConfig(robot=SETUP), render=third)
    with pytest.raises(ValueError, match="there is only one arm"):
        RunConfig(render=third)
    with pytest.raises(ValueError, match="only wrist cameras"):
        CameraPreset(mount="front", arm="left")


def test_things_keep_off_every_base(shelf: Shelf) -> None:
    bases = tuple(arm.base.position[:2] for arm in arms(SETUP))
    limits = SolverLimits(base_radius=0.4)
    near = Rect(lower=(0.0, -0.5), upper=(0.5, 0.5))
    task = within(task_of(["cube", "can", "block", "jar"], "tub"), cube_0=near)
    scene = task.scene.model_copy(update={"workspace": near})
    for seed in range(4):
        placed = place(scene, solve(scene, shelf, np.random.default_rng(seed), limits=limits, bases=bases), shelf)
        for body in placed.bodies.values():
            assert min(body.footprint.distance(shapely.Point(base)) for base in bases) > 0.39


def test_actions_name_every_joint_and_gripper() -> None:
    spec = action_spec(SETUP, 20.0)
    assert len(spec.names) == len(spec.units) == 16
    assert (spec.names[0], spec.names[7]) == ("left/joint1", "right/joint1")
    assert [spec.names[index] for index in spec.gripper_indices] == ["left/gripper", "right/gripper"]
