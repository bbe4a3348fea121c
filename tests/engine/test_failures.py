"""What is left of an attempt that failed."""

from __future__ import annotations

import numpy as np

from dataengine.engine import EngineConfig, attempt
from dataengine.failure import FailedEpisode
from dataengine.record import EpisodeRecord
from dataengine.rejection import AttemptStage, Cause, Rejection
from dataengine.verification import AcceptanceLimits
from scene_graph.errors import ImpossibleTask
from scene_graph.task import TaskSpec
from tests.engine.shapes import Shelf
from tests.engine.tasks import task_of, two_step_task


def failures_of(
    task: TaskSpec, shelf: Shelf, config: EngineConfig, seed: int = 3
) -> tuple[list[FailedEpisode], EpisodeRecord | Rejection]:
    kept: list[FailedEpisode] = []
    outcome = attempt(
        0, run_seed=seed, assets=shelf, config=config, make_task=lambda *_: task, keep_failure=kept.append
    )
    return kept, outcome


def test_a_failed_episode_is_kept_whole(shelf: Shelf) -> None:
    strict = EngineConfig(acceptance=AcceptanceLimits(settle_shift=-1.0))
    (kept,), outcome = failures_of(task_of(["mug"], "plate"), shelf, strict)
    assert isinstance(outcome, Rejection)
    assert outcome.stage == AttemptStage.VERIFY
    assert kept.meta.rejection == outcome.model_copy(update={"seconds": 0.0})
    assert kept.steps == kept.meta.subtasks[-1].end > 50
    assert len(kept.trajectory.object_pose) == kept.steps + 1

    none, accepted = failures_of(task_of(["mug"], "plate"), shelf, EngineConfig())
    assert isinstance(accepted, EpisodeRecord)
    assert none == []
    np.testing.assert_array_equal(kept.trajectory.object_pose, accepted.object_pose)


def test_a_task_that_cannot_be_drawn_is_a_rejection(shelf: Shelf) -> None:
    def make_task(*_: object) -> TaskSpec:
        raise ImpossibleTask("nothing fits")

    outcome = attempt(7, run_seed=0, assets=shelf, config=EngineConfig(), make_task=make_task)
    assert isinstance(outcome, Rejection)
    assert (outcome.attempt, outcome.stage, outcome.cause) == (7, AttemptStage.TASK, Cause.IMPOSSIBLE_TASK)
    assert outcome.detail == "nothing fits"


def test_what_never_moved_is_not_kept(shelf: Shelf) -> None:
    kept, outcome = failures_of(task_of(["crate", "cube"], "bin"), shelf, EngineConfig())
    assert isinstance(outcome, Rejection)
    assert kept == []
    assert [tried.succeeded for tried in outcome.tried] == [False]


def test_every_subtask_of_an_episode_that_does_not_pass_counts_as_failed(shelf: Shelf) -> None:
    strict = EngineConfig(acceptance=AcceptanceLimits(settle_shift=-1.0))
    task = two_step_task(["cube", "disc", "jar"], "tub")
    outcomes = [failures_of(task, shelf, strict, seed) for seed in range(3)]
    kept, outcome = next((k, o) for k, o in outcomes if isinstance(o, Rejection) and o.stage == AttemptStage.VERIFY)
    assert [tried.succeeded for tried in outcome.tried] == [False, False]
    assert len(kept[0].meta.subtasks) == 2
