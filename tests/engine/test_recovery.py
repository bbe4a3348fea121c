"""What the engine does when a grasp comes to nothing, by chance or on purpose, and what the record says of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dataengine.engine import EngineConfig, attempt
from dataengine.engine.start import grasps_of, roomy_layout, settled
from dataengine.execution import Execution
from dataengine.failure import FailedEpisode
from dataengine.motion.planner import ArmPlanner
from dataengine.record import Displacement, EpisodeRecord, Phase, Slip
from dataengine.rejection import AttemptFailed, AttemptStage, Cause, Rejection
from dataengine.replay import recorded_bodies, replay_commands, scene_at
from dataengine.skills.carrying_out import braking
from dataengine.skills.disturber import DisturbanceKind, DisturbanceSettings
from dataengine.skills.pick_place import PickPlace
from dataengine.skills.tries import Tries
from dataengine.verification import AcceptanceLimits, measure
from scene_graph.judge import judge_goal
from scene_graph.placed import place
from tests.engine.shapes import Shelf
from tests.engine.tasks import pick_place_task, task_of
from tests.engine.test_engine import ARRAYS, digest

RELEASED = (Phase.RELEASE, Phase.RETREAT, Phase.WAIT)


def disturbed(shelf: Shelf, kind: DisturbanceKind, **changes: object) -> list[EpisodeRecord]:
    """The first two episodes in which it happened and that were accepted all the same."""
    config = EngineConfig(disturbance=DisturbanceSettings(fraction=1.0, kinds=(kind,))).model_copy(update=changes)
    found: list[EpisodeRecord] = []
    for index in range(1, 9):
        outcome = attempt(index, run_seed=0, assets=shelf, config=config, make_task=pick_place_task)
        if isinstance(outcome, EpisodeRecord) and outcome.meta.disturbances:
            found.append(outcome)
        if len(found) == 2:
            break
    return found


@pytest.fixture(scope="module")
def displaced(own_cache: None, shelf: Shelf) -> list[EpisodeRecord]:  # noqa: ARG001
    return disturbed(shelf, "displaced")


@pytest.fixture(scope="module")
def slipped(own_cache: None, shelf: Shelf) -> list[EpisodeRecord]:  # noqa: ARG001
    return disturbed(shelf, "slip")


def test_a_target_displaced_on_the_way_is_seen_and_fetched_from_its_new_place(
    displaced: list[EpisodeRecord], shelf: Shelf
) -> None:
    assert len(displaced) == 2
    for record in displaced:
        (happened,), (done,) = record.meta.disturbances, record.meta.subtasks
        assert isinstance(happened, Displacement)
        (failed,) = done.failed_tries
        assert failed.cause == Cause.TARGET_MOVED
        assert failed.first <= happened.step < failed.end
        assert np.all(record.gripper_command[: failed.end] == 1.0)
        target = record.meta.bodies.index(happened.body)
        before, after = record.object_pose[happened.step, target], record.object_pose[happened.step + 1, target]
        np.testing.assert_allclose(after[:3], happened.pose.position, atol=2e-3)
        names = [name for name in record.meta.bodies if name != happened.body]
        scene, earlier = scene_at(record, shelf, happened.step + 1), scene_at(record, shelf, happened.step)
        moved = scene[happened.body].center - earlier[happened.body].center
        assert np.linalg.norm(moved) == pytest.approx(happened.shift, abs=2e-3)
        assert not np.allclose(before, after)
        others = shapely.union_all([scene[name].footprint for name in names])
        assert shapely.distance(scene[happened.body].footprint, others) > 0.02
        assert judge_goal(record.meta.task.goal, scene_at(record, shelf, -1)).satisfied


def test_what_slips_out_of_the_hand_is_picked_up_again_otherwise(slipped: list[EpisodeRecord], shelf: Shelf) -> None:
    assert slipped
    for record in slipped:
        (happened,), (done,) = record.meta.disturbances, record.meta.subtasks
        assert isinstance(happened, Slip)
        failed = done.failed_tries[0]
        assert failed.cause == Cause.DROPPED
        assert failed.first <= happened.step < happened.end <= failed.end
        assert failed.grasp != done.grasp
        assert happened.shift > 0.03
        assert record.gripper_force[happened.step - 1] > 1.0
        assert record.gripper_force[failed.end - 1] == 0.0
        assert record.meta.verification.slip < AcceptanceLimits().slip
        assert judge_goal(record.meta.task.goal, scene_at(record, shelf, -1)).satisfied


def test_every_try_begins_with_reach_and_ends_with_the_hand_open(
    displaced: list[EpisodeRecord], slipped: list[EpisodeRecord]
) -> None:
    for record in (*displaced, *slipped):
        (done,) = record.meta.subtasks
        assert done.failed_tries[0].first == done.first
        ends = [failed.end for failed in done.failed_tries]
        assert [*[failed.first for failed in done.failed_tries][1:], done.final_steps.start] == ends
        for start in (done.first, *ends):
            assert record.phase[start] == Phase.REACH
        for failed in done.failed_tries:
            stopped = (Phase.REACH,) if failed.cause == Cause.TARGET_MOVED else ()
            assert record.phase[failed.end - 1] in (*RELEASED, *stopped)
            assert record.gripper_command[failed.end - 1] == 1.0
        assert np.all(np.diff(record.phase[done.final_steps]) >= 0)


def test_disturbed_episodes_replay_bit_for_bit_and_measure_the_same(
    displaced: list[EpisodeRecord], slipped: list[EpisodeRecord], shelf: Shelf
) -> None:
    for record in (displaced[0], slipped[0]):
        meta, replayed = record.meta, replay_commands(record, shelf)
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(replayed, name), getattr(record, name), err_msg=name)
        again = measure(record, meta.task, recorded_bodies(record, shelf), meta.subtasks, meta.settle_steps)
        assert again == meta.verification
        assert type(meta).model_validate_json(meta.model_dump_json()) == meta


def test_without_its_disturbance_a_replay_goes_another_way(displaced: list[EpisodeRecord], shelf: Shelf) -> None:
    record = displaced[0]
    undisturbed = dataclasses.replace(record, meta=record.meta.model_copy(update={"disturbances": ()}))
    assert not np.array_equal(replay_commands(undisturbed, shelf).object_pose, record.object_pose)


def test_a_fraction_leaves_the_other_episodes_as_they_were(records: list[EpisodeRecord], shelf: Shelf) -> None:
    config = EngineConfig(disturbance=DisturbanceSettings(fraction=0.5))
    outcomes = [
        attempt(record.meta.attempt, run_seed=0, assets=shelf, config=config, make_task=pick_place_task)
        for record in records
    ]
    alike = [
        isinstance(outcome, EpisodeRecord) and digest(outcome) == digest(record)
        for outcome, record in zip(outcomes, records, strict=True)
    ]
    assert 0 < sum(alike) < len(alike)


def test_an_arm_that_does_not_look_closes_on_nothing_and_tries_again(shelf: Shelf) -> None:
    settings = EngineConfig().pick_place.model_copy(update={"noticed": 10.0})
    records = disturbed(shelf, "displaced", pick_place=settings)
    causes = {failed.cause for record in records for failed in record.meta.subtasks[0].failed_tries}
    assert Cause.GRASP_MISSED in causes
    assert Cause.TARGET_MOVED not in causes


def test_what_slips_too_far_is_put_back_three_times_and_then_given_up(shelf: Shelf) -> None:
    kept: list[FailedEpisode] = []
    config = EngineConfig(acceptance=AcceptanceLimits(slip=1e-5))
    task = task_of(["cube", "can"], "tub")
    outcome = attempt(0, run_seed=0, assets=shelf, config=config, make_task=lambda *_: task, keep_failure=kept.append)
    assert isinstance(outcome, Rejection)
    assert outcome.cause == Cause.SLIPPED
    phase = kept[0].trajectory.phase
    reaches = np.flatnonzero((phase == Phase.REACH) & (np.append(-1, phase[:-1]) != Phase.REACH))
    assert len(reaches) == config.pick_place.tries == 3
    cube = kept[0].meta.bodies.index("cube_0")
    positions = kept[0].trajectory.object_pose[reaches, cube, :3]
    assert np.linalg.norm(positions - positions[0], axis=1).max() < 0.02
    assert np.abs(positions[:, 2]).max() < 0.002


def test_what_missed_its_goal_when_it_was_let_go_is_fetched_again(own_cache: None, shelf: Shelf) -> None:  # noqa: ARG001
    task, config, rng = task_of(["cube"], "plate"), EngineConfig(), np.random.default_rng(0)
    simulation = settled(task, place(task.scene, roomy_layout(task, shelf, config, rng), shelf), config, rng)
    execution, subtask = Execution(simulation), task.subtasks[0]
    planner = ArmPlanner(simulation, subtask.target, config.motion, rng)
    limit, looks = config.acceptance.foreign_force, []

    def check() -> None:
        looks.append(execution.steps)
        if len(looks) < 3:
            raise AttemptFailed(AttemptStage.EXECUTE, Cause.GOAL_MISSED, "it is not where it should be")

    tries = Tries(planner, execution, config.pick_place, limit, check)
    grasps = grasps_of(subtask.target, task, shelf, planner.robot, config)
    tries.perform(PickPlace(subtask, grasps, planner, execution, config.pick_place, config.acceptance))
    assert [(failed.cause, failed.end) for failed in tries.failed] == [(Cause.GOAL_MISSED, end) for end in looks[:2]]
    phase = execution.trajectory().phase
    for end in looks[:2]:
        assert phase[end - 1] == Phase.RETREAT
        assert phase[end] == Phase.REACH
    assert judge_goal(task.goal, simulation.scene()).satisfied


@given(st.integers(0, 30), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_braking_stays_on_the_path_and_gets_ever_slower(at: int, steps: int, seed: int) -> None:
    speed = np.random.default_rng(seed).uniform(0.01, 0.1)
    commands = np.outer(np.arange(1, 32) * speed, [1.0, -0.5])
    stop = np.concatenate([commands[at : at + 1], braking(commands, at, steps)])
    moves = np.diff(stop[:, 0])
    assert np.all(moves <= speed + 1e-12)
    assert np.all(np.diff(moves) <= 1e-12)
    assert np.all(moves >= -1e-12)
    assert stop[-1, 0] <= commands[-1, 0] + 1e-12
    np.testing.assert_allclose(stop[:, 1], -0.5 * stop[:, 0])
