"""Every task that comes with the package is one that the engine can do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assets_index.index import AssetIndex
from dataengine.engine import EngineConfig, attempt
from dataengine.record import EpisodeRecord
from dataengine.record_scene import RecordReplay
from dataengine.replay import replay_states, scene_at
from scene_graph.judge import judge, judge_goal
from scene_graph.tasks import builtin_tasks, read_task, synthesize
from tests.pantry import stocked

ATTEMPTS = 3


@pytest.fixture(scope="module")
def pantry(shared_folder: Path) -> AssetIndex:
    return stocked(shared_folder / "pantry")


@pytest.mark.slow
@pytest.mark.parametrize("name", builtin_tasks())
def test_a_task_is_done_step_by_step(name: str, pantry: AssetIndex) -> None:
    task = read_task(name)
    outcomes = (
        attempt(i, run_seed=1, assets=pantry, config=EngineConfig(), make_task=lambda _, r: synthesize(task, pantry, r))
        for i in range(ATTEMPTS)
    )
    record = next((outcome for outcome in outcomes if isinstance(outcome, EpisodeRecord)), None)
    assert record is not None, f"none of {ATTEMPTS} attempts was accepted"
    subtasks = record.meta.task.subtasks
    for number, (subtask, span) in enumerate(zip(subtasks, record.meta.subtasks, strict=True)):
        scene = scene_at(record, pantry, span.end)
        assert judge(subtask.goal, scene).satisfied
        assert not any(judge(later.goal, scene).satisfied for later in subtasks[number + 1 :])
    assert judge_goal(record.meta.task.goal, scene_at(record, pantry, -1)).satisfied


def test_moving_parts_are_drawn_where_physics_has_them(pantry: AssetIndex) -> None:
    task = read_task("buttons")
    record = attempt(
        0, run_seed=1, assets=pantry, config=EngineConfig(), make_task=lambda _, r: synthesize(task, pantry, r)
    )
    assert isinstance(record, EpisodeRecord)
    drawn = RecordReplay(record, pantry)
    ids = drawn.scene.instance_ids()
    assert len(record.meta.joints) == 3
    assert {ids[name] for name in record.meta.joints} == {ids[record.meta.task.targets[0]]}
    for step, poses in enumerate(replay_states(record, pantry)):
        for name in (*record.meta.joints, *record.meta.bodies):
            np.testing.assert_allclose(drawn.poses(step)[name], poses[name], atol=1e-9)
