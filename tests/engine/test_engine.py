import dataclasses
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dataengine.engine import EngineConfig, attempt
from dataengine.execution import Trajectory
from dataengine.physics.settings import PhysicsSettings
from dataengine.record import EpisodeRecord, Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause, Rejection
from dataengine.replay import recorded_bodies, replay_commands, scene_at
from dataengine.verification import AcceptanceLimits, accept, measure
from scene_graph.judge import judge_goal
from scene_graph.relations import LeftOf
from scene_graph.task import TaskSpec
from tests.engine.shapes import Shelf
from tests.engine.tasks import task_of

ARRAYS = tuple(field.name for field in dataclasses.fields(Trajectory))


def trajectory_of(record: EpisodeRecord) -> Trajectory:
    return Trajectory(**{name: getattr(record, name).copy() for name in ARRAYS})


def digest(record: EpisodeRecord) -> str:
    arrays = b"".join(getattr(record, name).tobytes() for name in ARRAYS)
    return hashlib.sha256(arrays + record.meta.model_dump_json().encode()).hexdigest()


def verdict(record: EpisodeRecord, trajectory: Trajectory, shelf: Shelf) -> Cause | None:
    """The cause for which an altered trajectory would be rejected."""
    bodies, meta = recorded_bodies(record, shelf), record.meta
    measured = measure(trajectory, meta.task, bodies, meta.subtasks, meta.settle_steps)
    try:
        accept(measured, trajectory, meta.task, bodies, meta.settle_steps, AcceptanceLimits())
    except AttemptFailed as failure:
        return failure.cause
    return None


def one_attempt(task: TaskSpec, shelf: Shelf, **changes: object) -> EpisodeRecord | Rejection:
    config = EngineConfig().model_copy(update=changes)
    return attempt(0, run_seed=3, assets=shelf, config=config, make_task=lambda *_: task)


def test_most_attempts_are_accepted(records: list[EpisodeRecord]) -> None:
    assert len(records) >= 5


def test_every_accepted_record_passes_an_audit_of_its_own_numbers(records: list[EpisodeRecord], shelf: Shelf) -> None:
    limits = AcceptanceLimits()
    for record in records:
        bodies = recorded_bodies(record, shelf)
        measured = measure(record, record.meta.task, bodies, record.meta.subtasks, record.meta.settle_steps)
        assert measured == record.meta.verification
        assert measured.max_foreign_force <= limits.foreign_force
        assert measured.max_neighbor_shift <= limits.neighbor_shift
        assert measured.slip <= limits.slip
        for row in (-1, -record.meta.settle_steps - 1):
            scene = scene_at(record, shelf, row)
            assert judge_goal(record.meta.task.goal, scene).satisfied
        start = scene_at(record, shelf)
        assert not judge_goal(record.meta.task.goal, start).satisfied


def test_records_have_the_shapes_they_state(records: list[EpisodeRecord]) -> None:
    for record in records:
        steps, bodies = record.steps, len(record.meta.bodies)
        assert record.joint_position.shape == record.joint_velocity.shape == (steps + 1, 7)
        assert record.finger_position.shape == (steps + 1, 1, 2)
        assert record.tcp_pose.shape == (steps + 1, 1, 7)
        assert record.object_pose.shape == (steps + 1, bodies, 7)
        assert record.joint_command.shape == (steps, 7)
        assert record.phase.shape == record.foreign_force.shape == (steps,)
        assert record.gripper_command.shape == record.gripper_force.shape == (steps, 1)
        for done in record.meta.subtasks:
            assert np.all(np.diff(record.phase[done.final_steps]) >= 0)
        assert set(record.phase) == set(range(Phase.SETTLE + 1))
        assert np.allclose(np.linalg.norm(record.object_pose[..., 3:], axis=-1), 1.0, atol=1e-6)
        closed = np.isin(record.phase, (Phase.GRASP, Phase.LIFT, Phase.TRANSFER, Phase.PLACE))
        assert np.array_equal(record.gripper_command[:, 0], np.where(closed, 0.0, 1.0))
        assert record.meta.settle_steps >= record.meta.rate


def test_commands_replayed_open_loop_give_the_same_bits(records: list[EpisodeRecord], shelf: Shelf) -> None:
    for record in records[:2]:
        replayed = replay_commands(record, shelf)
        for name in ARRAYS:
            assert np.array_equal(getattr(replayed, name), getattr(record, name)), name


def test_another_process_with_an_empty_cache_makes_the_same_bytes(records: list[EpisodeRecord], tmp_path: Path) -> None:
    record = records[-1]
    code = (
        "from tests.engine.test_engine import *; from tests.engine.shapes import small_shelf;"
        "from tests.engine.tasks import pick_place_task;"
        f"print(digest(attempt({record.meta.attempt}, run_seed=0, assets=small_shelf(), config=EngineConfig(),"
        " make_task=pick_place_task)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "DATAENGINE_CACHE": str(tmp_path)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == digest(record)


def test_what_the_arm_reaches_follows_what_it_was_told(records: list[EpisodeRecord]) -> None:
    for record in records:
        lag = np.abs(record.joint_position[1:] - record.joint_command).max()
        assert lag < 0.03
        moved = np.abs(record.joint_command - record.joint_position[:-1]).max()
        assert moved > 0.02


def test_a_lost_goal_is_rejected(records: list[EpisodeRecord], shelf: Shelf) -> None:
    record = records[0]
    target = record.meta.bodies.index(record.meta.task.targets[0])
    rest = record.meta.settle_steps
    gone = trajectory_of(record)
    gone.object_pose[-rest - 1 :, target, 0] += 0.3
    assert verdict(record, gone, shelf) == Cause.GOAL_MISSED
    brief = trajectory_of(record)
    brief.object_pose[-1, target, 0] += 0.3
    assert verdict(record, brief, shelf) == Cause.GOAL_NOT_LASTING


def test_force_shift_and_slip_are_rejected(records: list[EpisodeRecord], shelf: Shelf) -> None:
    record = records[0]
    target = record.meta.bodies.index(record.meta.task.targets[0])
    pressed = trajectory_of(record)
    pressed.foreign_force[3] = 6.0
    assert verdict(record, pressed, shelf) == Cause.CONTACT_FORCE
    shoved = trajectory_of(record)
    neighbor = next(
        i for i, name in enumerate(record.meta.bodies) if name not in (record.meta.task.targets[0], "container")
    )
    shoved.object_pose[20:, neighbor, 1] += 0.021
    assert verdict(record, shoved, shelf) == Cause.NEIGHBOR_DISTURBED
    slipped = trajectory_of(record)
    slipped.object_pose[np.flatnonzero(record.phase == Phase.TRANSFER)[0], target, 2] -= 0.02
    assert verdict(record, slipped, shelf) == Cause.SLIPPED
    assert verdict(record, trajectory_of(record), shelf) is None


def test_a_thing_no_hand_can_hold_is_rejected_before_physics(shelf: Shelf) -> None:
    outcome = one_attempt(task_of(["crate", "cube"], "bin"), shelf)
    assert isinstance(outcome, Rejection)
    assert (outcome.stage, outcome.cause) == (AttemptStage.GRASP, Cause.NO_GRASP_KNOWN)
    assert outcome.failed is not None
    assert outcome.failed.target_asset == "crate-000000000000"


def test_an_impossible_scene_names_its_conflict(shelf: Shelf) -> None:
    task = task_of(["cube", "disc", "jar"], "tub")
    relations = (LeftOf(subject="disc_1", anchor="jar_2"), LeftOf(subject="jar_2", anchor="disc_1"))
    scene = task.scene.model_copy(update={"relations": relations})
    outcome = one_attempt(task.model_copy(update={"scene": scene}), shelf)
    assert isinstance(outcome, Rejection)
    assert (outcome.stage, outcome.cause) == (AttemptStage.LAYOUT, Cause.UNSATISFIABLE)
    assert "disc_1" in outcome.detail


def test_limits_are_those_of_the_configuration(shelf: Shelf) -> None:
    outcome = one_attempt(task_of(["mug"], "plate"), shelf, acceptance=AcceptanceLimits(slip=1e-9))
    assert isinstance(outcome, Rejection)
    assert outcome.cause == Cause.SLIPPED
    assert "mm" in outcome.detail


def test_physics_settings_must_fit_together() -> None:
    with pytest.raises(ValueError, match="multiple"):
        PhysicsSettings(rate=30.0)
    assert PhysicsSettings(rate=10.0).periods == 10
