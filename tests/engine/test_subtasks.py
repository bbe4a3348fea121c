"""Tasks of several steps: each with its own target, boundaries and pause, judged as a whole."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from dataengine.engine import EngineConfig, attempt
from dataengine.record import EpisodeRecord, Phase
from dataengine.replay import recorded_bodies, replay_commands, scene_at
from dataengine.verification import measure
from scene_graph.judge import judge, judge_goal
from tests.engine.shapes import CONTAINERS, OBJECTS, Shelf
from tests.engine.tasks import two_step_task


@pytest.fixture(scope="module")
def record(own_cache: None, shelf: Shelf) -> EpisodeRecord:  # noqa: ARG001
    @lru_cache
    def tries() -> list[EpisodeRecord]:
        container = next(name for name in CONTAINERS if name != "plate")
        task = two_step_task(OBJECTS[:3], container)
        outcomes = (
            attempt(i, run_seed=5, assets=shelf, config=EngineConfig(), make_task=lambda *_: task) for i in range(6)
        )
        return [outcome for outcome in outcomes if isinstance(outcome, EpisodeRecord)][:1]

    assert tries(), "no attempt at two steps was accepted"
    return tries()[0]


def test_steps_follow_each_other_and_end_standing_still(record: EpisodeRecord) -> None:
    first, second = record.meta.subtasks
    assert (first.first, first.end, second.end) == (0, second.first, record.steps)
    assert [record.subtask_at(step) for step in (0, first.end - 1, first.end, record.steps)] == [0, 0, 1, 1]
    for done, phase in ((first, Phase.WAIT), (second, Phase.SETTLE)):
        padding = record.joint_command[done.end - done.padding : done.end]
        assert done.padding > 0
        assert np.ptp(padding, axis=0).max() == 0.0
        assert set(record.phase[done.end - done.padding : done.end]) == {phase}


def test_each_step_moves_its_own_target(record: EpisodeRecord, shelf: Shelf) -> None:
    for subtask, done in zip(record.meta.task.subtasks, record.meta.subtasks, strict=True):
        assert not judge(subtask.goal, scene_at(record, shelf, done.first)).satisfied
        assert judge(subtask.goal, scene_at(record, shelf, done.end)).satisfied
        assert record.gripper_force[done.first : done.end].max() > 1.0
    assert judge_goal(record.meta.task.goal, scene_at(record, shelf, -1)).satisfied


def test_the_whole_is_measured_again_from_its_numbers(record: EpisodeRecord, shelf: Shelf) -> None:
    meta = record.meta
    again = measure(record, meta.task, recorded_bodies(record, shelf), meta.subtasks, meta.settle_steps)
    assert again == meta.verification
    assert len(again.subgoals) == 2


def test_commands_alone_give_the_same_forces(record: EpisodeRecord, shelf: Shelf) -> None:
    replayed = replay_commands(record, shelf)
    np.testing.assert_array_equal(replayed.object_pose, record.object_pose)
    np.testing.assert_array_equal(replayed.gripper_force, record.gripper_force)
    np.testing.assert_array_equal(replayed.foreign_force, record.foreign_force)
