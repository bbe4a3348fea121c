"""Fixtures in physics: parts move on their joints and stay where they are left, and four skills move them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from assets_index.articulation import MovingPart, part_name
from assets_index.builder import BuiltAsset
from assets_index.procedural.library import build
from assets_index.robot import RobotDescription
from assets_index.transforms import Pose, rotation_z
from dataengine.engine import EngineConfig, attempt
from dataengine.physics.scene_bodies import moving_parts
from dataengine.physics.simulation import Simulation
from dataengine.pipeline.audit import AuditLimits, audit_episode
from dataengine.record import ClosedAgain, EpisodeRecord, Phase
from dataengine.rejection import Cause, Rejection
from dataengine.replay import recorded_bodies, replay_commands, replay_states, scene_at
from dataengine.skills.disturber import DisturbanceSettings
from dataengine.verification import measure
from scene_graph.errors import InvalidSceneGraph
from scene_graph.judge import judge_goal
from scene_graph.placed import PlacedBody, joint_values
from scene_graph.relations import AnyRelation, Closed, InsideDrawer, Open, Pressed, Released
from scene_graph.task import Goal, Node, Rect, SceneGraph, SubTask, TaskSpec
from tests.engine.shapes import Shelf, block

DEFAULT = EngineConfig()
WORKSPACE = Rect(lower=(0.25, -0.42), upper=(0.85, 0.42))
CABINET, CUPBOARD, PANEL = (build(name, 1) for name in ("drawer cabinet", "cupboard", "button panel"))
CUBE = block("cube", (0.03, 0.035, 0.04))


@pytest.fixture(scope="module")
def things() -> Shelf:
    fixtures = [(thing.asset, list(thing.hulls)) for thing in (CABINET, CUPBOARD, PANEL)]
    return Shelf(CUBE, *fixtures)


def parts_of(thing: BuiltAsset) -> tuple[MovingPart, ...]:
    assert thing.asset.articulation is not None
    return thing.asset.articulation.parts


def fixture_node(thing: BuiltAsset, region: Rect, joints: Mapping[str, float]) -> Node:
    return Node(
        name="fixture",
        asset_id=thing.asset.id,
        role="target",
        region=region,
        heading=(-0.25, 0.25),
        joints=dict(joints),
    )


def part_task(skill: str, thing: BuiltAsset, number: int, *goal: AnyRelation, value: float = 0.0) -> TaskSpec:
    """One thing to do with one part, which stands at a share `value` of its travel at first."""
    part = parts_of(thing)[number]
    region = Rect(lower=(0.3, -0.25), upper=(0.7 if thing is PANEL else 0.85, 0.25))
    node = fixture_node(thing, region, {part.name: value * part.travel})
    subtask = SubTask(
        skill=skill,  # type: ignore[arg-type]
        target="fixture",
        part=part.name,
        container="fixture",
        goal=goal,
        instruction=f"{skill} the {part.name}",
    )
    return TaskSpec.of_one(skill, SceneGraph(nodes=(node,), workspace=WORKSPACE, table_id="table"), subtask)


def accepted(task: TaskSpec, things: Shelf, tries: int = 2, config: EngineConfig = DEFAULT) -> EpisodeRecord:
    """The first accepted episode of a task."""
    causes = []
    for number in range(tries):
        outcome = attempt(number, run_seed=2, assets=things, config=config, make_task=lambda *_: task)
        if isinstance(outcome, EpisodeRecord):
            return outcome
        causes.append(f"{outcome.stage}: {outcome.detail}")  # type: ignore[union-attr]
    raise AssertionError("\n".join(causes))


def drawer(number: int = 1) -> MovingPart:
    return parts_of(CABINET)[number]


def press_task() -> TaskSpec:
    chosen, *others = parts_of(PANEL)
    released = (Released(subject="fixture", part=part.name) for part in others)
    return part_task("press", PANEL, 0, Pressed(subject="fixture", part=chosen.name), *released)


TASKS = {
    "open": part_task("open", CABINET, 1, Open(subject="fixture", part=drawer().name)),
    "open the lowest": part_task("open", CABINET, 0, Open(subject="fixture", part=drawer(0).name)),
    "open the door": part_task("open", CUPBOARD, 0, Open(subject="fixture", part="door")),
    "close": part_task("close", CABINET, 1, Closed(subject="fixture", part=drawer().name), value=0.8),
    "close the door": part_task("close", CUPBOARD, 0, Closed(subject="fixture", part="door"), value=0.7),
    "push": part_task("push", CABINET, 1, Closed(subject="fixture", part=drawer().name), value=0.8),
    "press": press_task(),
}


@pytest.fixture(scope="module")
def episodes(own_cache: None, things: Shelf) -> dict[str, EpisodeRecord]:  # noqa: ARG001
    return {name: accepted(task, things) for name, task in TASKS.items()}


@pytest.mark.parametrize("name", TASKS)
def test_a_skill_moves_its_part_and_nothing_else(name: str, episodes: dict[str, EpisodeRecord], things: Shelf) -> None:
    record = episodes[name]
    task = record.meta.task
    assert not judge_goal(task.goal, scene_at(record, things, 0)).satisfied
    assert judge_goal(task.goal, scene_at(record, things, -1)).satisfied
    moved = np.ptp(record.articulation, axis=0)
    handled = record.meta.joints.index(task.subtasks[0].handled)
    assert moved[handled] == moved.max() > 0.004
    assert np.delete(moved, handled).max(initial=0.0) < 1e-4
    assert np.ptp(record.object_pose, axis=0).max() == 0.0
    phase = {"open": Phase.PULL, "close": Phase.PUSH, "push": Phase.PUSH, "press": Phase.PRESS}[name.split()[0]]
    during = np.flatnonzero(record.phase == phase)
    value = record.articulation[:, handled]
    assert abs(value[during[-1] + 1] - value[during[0]]) > 0.8 * abs(value[-1] - value[0])
    assert record.foreign_force.max() <= 5.0


@pytest.mark.parametrize("name", ["open", "press"])
def test_commands_replayed_open_loop_give_the_same_bits(
    name: str, episodes: dict[str, EpisodeRecord], things: Shelf
) -> None:
    record = episodes[name]
    replayed = replay_commands(record, things)
    np.testing.assert_array_equal(replayed.articulation, record.articulation)
    np.testing.assert_array_equal(replayed.joint_position, record.joint_position)
    np.testing.assert_array_equal(replayed.gripper_force, record.gripper_force)
    np.testing.assert_array_equal(replayed.foreign_force, record.foreign_force)
    handled = record.meta.task.subtasks[0].handled
    part = dict(moving_parts(recorded_bodies(record, things)))[handled]
    for row, poses in enumerate(replay_states(record, things)):
        value = record.articulation[row, record.meta.joints.index(handled)]
        np.testing.assert_allclose(poses[handled], poses["fixture"] @ part.motion(value), atol=1e-9)


def test_it_is_measured_again_from_its_numbers(episodes: dict[str, EpisodeRecord], things: Shelf) -> None:
    for record in episodes.values():
        meta = record.meta
        again = measure(record, meta.task, recorded_bodies(record, things), meta.subtasks, meta.settle_steps)
        assert again == meta.verification


def test_an_episode_with_nothing_that_must_stay_is_audited(episodes: dict[str, EpisodeRecord], things: Shelf) -> None:
    found = audit_episode(episodes["open the door"], things, AuditLimits(force=5.0, shift=0.02))  # type: ignore[arg-type]
    assert (found.faults, found.shift) == ((), 0.0)


def drawer_task(number: int = 1) -> TaskSpec:
    """Open a drawer, put a cube in, close the drawer."""
    name = drawer(number).name
    inside = InsideDrawer(subject="cube", anchor="fixture", part=name)
    closed = Closed(subject="fixture", part=name)
    shared = {"target": "fixture", "part": name, "container": "fixture"}
    nodes = (
        fixture_node(CABINET, Rect(lower=(0.3, -0.42), upper=(0.85, 0.1)), {}),
        Node(name="cube", asset_id=CUBE[0].id, role="target", region=Rect(lower=(0.35, 0.15), upper=(0.6, 0.4))),
    )
    return TaskSpec(
        name="drawer",
        scene=SceneGraph(nodes=nodes, workspace=WORKSPACE, table_id="table"),
        subtasks=(
            SubTask(skill="open", goal=(Open(subject="fixture", part=name),), instruction="open it", **shared),
            SubTask(target="cube", container="fixture", goal=(inside,), instruction="put the cube in"),
            SubTask(skill="close", goal=(closed, inside), instruction="close it", **shared),
        ),
        goal=Goal.all_of(inside, closed),
        instruction="put the cube into the drawer",
    )


@pytest.mark.parametrize("number", [0, 1], ids=["below another", "at the top"])
def test_a_thing_is_put_into_a_drawer_and_shut_in(number: int, own_cache: None, things: Shelf) -> None:  # noqa: ARG001
    record = accepted(drawer_task(number), things, tries=2)
    opened, filled, closed = record.meta.subtasks
    value = record.articulation[:, record.meta.joints.index(part_name("fixture", drawer(number).name))]
    assert value[opened.end] > 0.6 * drawer(number).travel
    assert value[closed.end] < 0.01
    inside = InsideDrawer(subject="cube", anchor="fixture", part=drawer(number).name)
    rows = {
        name: inside.holds(scene_at(record, things, row)).holds
        for name, row in (("before", filled.first), ("filled", filled.end), ("closed", closed.end))
    }
    assert rows == {"before": False, "filled": True, "closed": True}
    cube = record.object_pose[:, record.meta.bodies.index("cube"), :2]
    assert np.linalg.norm(cube[closed.end] - cube[closed.first]) > 0.05  # it went along with the drawer
    assert record.meta.verification.max_neighbor_shift < 0.005


@pytest.mark.parametrize("name", ["open", "open the door"])
def test_what_is_pushed_shut_again_is_opened_again(name: str, own_cache: None, things: Shelf) -> None:  # noqa: ARG001
    config = EngineConfig(disturbance=DisturbanceSettings(fraction=1.0, kinds=("closed_again",)))
    record = accepted(TASKS[name], things, config=config)
    (happened,), (done,) = record.meta.disturbances, record.meta.subtasks
    assert isinstance(happened, ClosedAgain)
    (failed,) = done.failed_tries
    assert failed.cause == Cause.GOAL_MISSED
    assert failed.grasp is None
    assert failed.first < happened.step < happened.end <= failed.end
    value = record.articulation[:, record.meta.joints.index(TASKS[name].subtasks[0].handled)]
    assert value[happened.step] == pytest.approx(happened.shift)
    assert value[failed.end] < 0.01
    assert record.phase[failed.end] == Phase.REACH
    assert judge_goal(record.meta.task.goal, scene_at(record, things, -1)).satisfied
    replayed = replay_commands(record, things)
    np.testing.assert_array_equal(replayed.articulation, record.articulation)
    assert measure(record, record.meta.task, recorded_bodies(record, things), (done,), record.meta.settle_steps) == (
        record.meta.verification
    )


def test_a_part_that_does_not_exist_is_named(own_cache: None, things: Shelf) -> None:  # noqa: ARG001
    task = part_task("open", CABINET, 0, Open(subject="fixture", part=drawer(0).name))
    wrong = task.subtasks[0].model_copy(update={"part": "lid"})
    task = task.model_copy(update={"subtasks": (wrong,)})
    with pytest.raises(InvalidSceneGraph, match=r"no part 'lid' that moves; it has:? 'bottom drawer', 'top drawer'"):
        attempt(0, run_seed=0, assets=things, config=EngineConfig(), make_task=lambda *_: task)
    with pytest.raises(ValueError, match="needs the part"):
        SubTask(skill="open", target="fixture", container="fixture", goal=wrong.goal, instruction="open it")


def test_a_button_has_no_handle_to_pull(own_cache: None, things: Shelf) -> None:  # noqa: ARG001
    task = part_task("open", PANEL, 0, Pressed(subject="fixture", part=parts_of(PANEL)[0].name))
    outcome = attempt(0, run_seed=0, assets=things, config=EngineConfig(), make_task=lambda *_: task)
    assert isinstance(outcome, Rejection)
    assert outcome.cause == Cause.NO_GRASP_KNOWN


@pytest.mark.parametrize("thing", [CABINET, CUPBOARD, PANEL], ids=lambda thing: thing.asset.category)
@pytest.mark.parametrize("bolted", [True, False])
def test_parts_stay_where_they_are_left(thing: BuiltAsset, bolted: bool, arm: RobotDescription) -> None:
    articulation = thing.asset.articulation
    assert articulation is not None
    asset = thing.asset.model_copy(update={"articulation": articulation.model_copy(update={"bolted": bolted})})
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation_z(0.3), (0.6, 0.1, 0.0)
    joints = joint_values(asset, {part.name: 0.4 * part.travel for part in articulation.parts[:1]})
    body = PlacedBody("fixture", asset, Pose.from_matrix(matrix), thing.hulls, joints)
    simulation = Simulation([body], arm)
    assert simulation.settle()
    state = simulation.state()
    np.testing.assert_allclose(state.articulation, joints, atol=1e-4)
    np.testing.assert_allclose(state.object_pose[0, :3], matrix[:3, 3], atol=2e-3)
    assert simulation.scene()["fixture"].joints == tuple(state.articulation.tolist())
    if bolted:
        np.testing.assert_array_equal(state.object_pose[0], body.pose.vector)


def test_joints_stop_at_both_ends(arm: RobotDescription) -> None:
    simulation = Simulation([PlacedBody("fixture", CABINET.asset, Pose(position=(0.6, 0.0, 0.0)), CABINET.hulls)], arm)
    body = simulation.model.body("scene/" + part_name("fixture", drawer().name)).id
    for push, end in ((-30.0, drawer().travel), (30.0, 0.0)):
        simulation.data.xfrc_applied[body, 0] = push
        for _ in range(30):
            simulation.step(simulation.command, 1.0)
        assert simulation.state().articulation[1] == pytest.approx(end, abs=4e-3)
