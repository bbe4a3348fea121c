"""One attempt at an episode."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any

from assets_index.robot_setup import RobotSetup
from assets_index.robots import arms
from assets_index.seeding import Stage, generator
from dataengine.engine.config import EngineConfig
from dataengine.engine.performance import Performance
from dataengine.engine.start import MakeTask, drawn_task, roomy_layout, settled
from dataengine.failure import FailedEpisode, FailureMeta
from dataengine.physics.scene_bodies import moving_parts
from dataengine.record import EpisodeMeta, EpisodeRecord
from dataengine.rejection import AttemptFailed, AttemptStage, Rejection, TriedSubTask, tried_subtasks
from dataengine.skills.disturber import Disturber
from dataengine.verification import accept, measure
from scene_graph.placed import GeometrySource, place
from scene_graph.task import Layout, TaskSpec

KeepFailure = Callable[[FailedEpisode], None]


def attempt(
    index: int,
    *,
    run_seed: int,
    assets: GeometrySource,
    config: EngineConfig,
    make_task: MakeTask,
    keep_failure: KeepFailure | None = None,
) -> EpisodeRecord | Rejection:
    """Try to make one episode.

    The outcome depends on the arguments alone: any process gives the same bytes.

    Args:
        index: number of the attempt in its run.
        run_seed: seed of the run.
        assets: where assets and their collision hulls come from.
        config: settings of every stage.
        make_task: called with the index and a generator of its own; where it raises ImpossibleTask, the attempt fails.
        keep_failure: called with the whole of an attempt that failed after the arm had begun to move.

    Raises:
        InvalidSceneGraph: if the task speaks of what is not there.
        ContradictoryGoal: if nothing can reach its goal.
    """
    began = time.process_time()
    task = drawn_task(index, run_seed, assets, make_task)
    if isinstance(task, Rejection):
        return task.model_copy(update={"seconds": time.process_time() - began})
    trial = _Trial(index, run_seed, task, assets, config)
    try:
        return trial.episode()
    except AttemptFailed as failure:
        rejection = trial.rejection(failure)
        if keep_failure is not None and trial.moved:
            keep_failure(trial.failed_episode(rejection))
        return rejection.model_copy(update={"seconds": time.process_time() - began})


class _Trial:
    """An attempt under way: what is known of it when it ends, well or not."""

    def __init__(self, index: int, run_seed: int, task: TaskSpec, assets: GeometrySource, config: EngineConfig) -> None:
        self._index, self._run_seed, self._task = index, run_seed, task
        self._assets, self._config = assets, config
        self._layout: Layout | None = None
        self._performance: Performance | None = None

    def episode(self) -> EpisodeRecord:
        """The record of the episode; raises AttemptFailed."""
        task, config, run_seed, index = self._task, self._config, self._run_seed, self._index
        self._layout = roomy_layout(task, self._assets, config, generator(run_seed, Stage.LAYOUT, index))
        rng = generator(run_seed, Stage.MOTION, index)
        simulation = settled(task, place(task.scene, self._layout, self._assets), config, rng)
        self._performance = performance = Performance(task, simulation, self._assets, config, rng, self._disturber())
        subtasks = performance.run()
        trajectory, rest_steps = performance.trajectory, performance.rest_steps
        measured = measure(trajectory, task, simulation.bodies, subtasks, rest_steps)
        accept(measured, trajectory, task, simulation.bodies, rest_steps, config.acceptance)
        meta = EpisodeMeta(**self._circumstances(), verification=measured, settle_steps=rest_steps)
        return EpisodeRecord(meta=meta, **vars(trajectory))

    def _disturber(self) -> Disturber:
        """Drawn apart from everything else, so that an episode that stays undisturbed is what it would be without."""
        rng = generator(self._run_seed, Stage.DISTURBANCE, self._index)
        return Disturber(self._config.disturbance, self._task, rng)

    def rejection(self, failure: AttemptFailed) -> Rejection:
        """Why there is no record."""
        return Rejection(
            attempt=self._index,
            stage=failure.stage,
            cause=failure.cause,
            detail=failure.detail,
            task=self._task.name,
            subtask=failure.subtask,
            tried=self._tried(failure),
        )

    @property
    def moved(self) -> bool:
        """Whether any command was carried out."""
        return self._performance is not None and self._performance.steps > 0

    def failed_episode(self, rejection: Rejection) -> FailedEpisode:
        """The whole of an attempt that `moved`."""
        assert self._performance is not None
        meta = FailureMeta(**self._circumstances(), rejection=rejection)
        return FailedEpisode(meta, self._performance.trajectory)

    def _circumstances(self) -> dict[str, Any]:
        """What the metadata of a record and of a failure have in common."""
        assert self._performance is not None
        config = self._config
        return {
            "attempt": self._index,
            "run_seed": self._run_seed,
            "task": self._task,
            "layout": self._layout,
            "bodies": tuple(body.name for body in self._performance.simulation.bodies),
            "joints": tuple(moving_parts(self._performance.simulation.bodies)),
            "robot": config.robot,
            "rate": config.physics.rate,
            "timestep": config.physics.timestep,
            "subtasks": tuple(self._performance.done),
            "disturbances": self._performance.disturbances,
            "versions": episode_versions(config.robot),
        }

    def _tried(self, failure: AttemptFailed) -> tuple[TriedSubTask, ...]:
        """The sub-tasks that this failure says something about."""
        if failure.stage == AttemptStage.VERIFY:
            return tried_subtasks(self._task, succeeded=0)
        first = 0 if self._performance is not None else failure.subtask
        return tried_subtasks(self._task, succeeded=failure.subtask)[first : failure.subtask + 1]


@cache
def episode_versions(robot: str | RobotSetup) -> dict[str, str]:
    """Versions of the packages that an episode of these arms depends on."""
    more = ("ssik",) if any(arm.robot.ik == "ssik" for arm in arms(robot)) else ()
    return {name: version(name) for name in ("mujoco", "frankik", "ruckig", "numpy", *more)}
