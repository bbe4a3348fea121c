"""One attempt at an episode."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import version

import numpy as np

from assets_index.seeding import Stage, generator
from dataengine.engine.config import EngineConfig
from dataengine.engine.performance import Performance
from dataengine.engine.start import roomy_layout, settled
from dataengine.record import EpisodeMeta, EpisodeRecord
from dataengine.rejection import AttemptFailed, Rejection
from dataengine.verification import accept, measure
from scene_graph.placed import GeometrySource, place
from scene_graph.task import TaskSpec

MakeTask = Callable[[int, np.random.Generator], TaskSpec]


def attempt(
    index: int, *, run_seed: int, assets: GeometrySource, config: EngineConfig, make_task: MakeTask
) -> EpisodeRecord | Rejection:
    """Try to make one episode.

    The outcome depends on the arguments alone: any process gives the same bytes.

    Args:
        index: number of the attempt in its run.
        run_seed: seed of the run.
        assets: where assets and their collision hulls come from.
        config: settings of every stage.
        make_task: called with the index and a generator of its own.
    """
    began = time.process_time()
    task = make_task(index, generator(run_seed, Stage.TASK, index))
    try:
        return _episode(index, run_seed, task, assets, config)
    except AttemptFailed as failure:
        subtask = task.subtasks[failure.subtask]
        return Rejection(
            attempt=index,
            stage=failure.stage,
            cause=failure.cause,
            detail=failure.detail,
            task=task.name,
            subtask=failure.subtask,
            skill=subtask.skill,
            target_asset=task.scene.node(subtask.target).asset_id,
            container_asset=task.scene.node(subtask.container).asset_id,
            relations=tuple(relation.kind for relation in subtask.goal),
            seconds=time.process_time() - began,
        )


def _episode(index: int, run_seed: int, task: TaskSpec, assets: GeometrySource, config: EngineConfig) -> EpisodeRecord:
    layout = roomy_layout(task, assets, config, generator(run_seed, Stage.LAYOUT, index))
    rng = generator(run_seed, Stage.MOTION, index)
    simulation = settled(task, place(task.scene, layout, assets), config, rng)
    performance = Performance(task, simulation, assets, config, rng)
    subtasks = performance.run()
    trajectory, rest_steps = performance.trajectory, performance.rest_steps
    measured = measure(trajectory, task, simulation.bodies, subtasks, rest_steps)
    accept(measured, trajectory, task, simulation.bodies, rest_steps, config.acceptance)
    meta = EpisodeMeta(
        attempt=index,
        run_seed=run_seed,
        task=task,
        layout=layout,
        bodies=tuple(body.name for body in simulation.bodies),
        robot=config.robot,
        rate=config.physics.rate,
        timestep=config.physics.timestep,
        subtasks=subtasks,
        verification=measured,
        settle_steps=rest_steps,
        versions=_versions(),
    )
    return EpisodeRecord(meta=meta, **vars(trajectory))


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("mujoco", "frankik", "ruckig", "numpy")}
