"""Where an episode begins: a task, a layout of it that leaves room for the hand, settled in physics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assets_index.robot import RobotDescription
from assets_index.robots import arms
from assets_index.seeding import Stage, generator
from dataengine.engine.arm_choice import pick_place_feasibility
from dataengine.engine.config import EngineConfig
from dataengine.engine.refusals import Refusals
from dataengine.grasps.grasp_set import GraspSet, grasps_for
from dataengine.physics.errors import UnstablePhysics
from dataengine.physics.simulation import Simulation, home
from dataengine.rejection import AttemptFailed, AttemptStage, Cause, Rejection
from scene_graph.errors import ImpossibleTask, InfeasibleLayout, LayoutExhausted, UnsatisfiableLayout
from scene_graph.judge import judge
from scene_graph.placed import GeometrySource, PlacedScene
from scene_graph.solver import solve
from scene_graph.task import Layout, TaskSpec
from scene_graph.validation import check_task

MakeTask = Callable[[int, np.random.Generator], TaskSpec]
"""Makes the task of an attempt, by its number and a generator of its own; raises ImpossibleTask if it cannot."""

FALLEN_TILT = 0.97
"""Least cosine between a body's axes before and after settling."""

SETTLED_SHIFT = 0.02

ROOMY = 4
"""Free grasps within reach that every target should have."""


def drawn_task(number: int, run_seed: int, assets: GeometrySource, make_task: MakeTask) -> TaskSpec | Rejection:
    """The task of an attempt; a rejection if what was drawn does not go together.

    Raises:
        InvalidSceneGraph: if the task speaks of what is not there.
        ContradictoryGoal: if nothing can reach its goal.
    """
    try:
        task = make_task(number, generator(run_seed, Stage.TASK, number))
    except ImpossibleTask as error:
        return Rejection(attempt=number, stage=AttemptStage.TASK, cause=Cause.IMPOSSIBLE_TASK, detail=str(error))
    check_task(task, assets)
    return task


def roomy_layout(task: TaskSpec, assets: GeometrySource, config: EngineConfig, rng: np.random.Generator) -> Layout:
    """A layout in which the open hand fits around every target, and the arm reaches the targets and their places.

    `ROOMY` grasps of each target are asked for; where that cannot be had, one has to do.

    Raises:
        AttemptFailed: if there is no layout, or none that leaves every target a grasp and a place.
    """
    try:
        return _layout(task, assets, config, rng, ROOMY)
    except AttemptFailed as failure:
        if failure.cause != Cause.NO_GRASP_FREE:
            raise
    return _layout(task, assets, config, rng, 1)


def _layout(
    task: TaskSpec, assets: GeometrySource, config: EngineConfig, rng: np.random.Generator, wanted: int
) -> Layout:
    """A layout that leaves every target so many grasps, or all that it has where it stands alone."""
    setup = arms(config.robot)
    refusals = Refusals(len(setup))
    feasibility = pick_place_feasibility(task, assets, config, wanted, refusals)
    bases = tuple(arm.base.position[:2] for arm in setup)
    try:
        return solve(task.scene, assets, rng, limits=config.layout, bases=bases, feasibility=feasibility)
    except UnsatisfiableLayout as error:
        raise AttemptFailed(AttemptStage.LAYOUT, Cause.UNSATISFIABLE, str(error)) from error
    except LayoutExhausted as error:
        raise AttemptFailed(AttemptStage.LAYOUT, Cause.LAYOUT_EXHAUSTED, str(error)) from error
    except InfeasibleLayout as error:
        if not refusals:
            raise AttemptFailed(AttemptStage.LAYOUT, Cause.LAYOUT_EXHAUSTED, str(error)) from error
        raise refusals.failure() from error


def grasps_of(
    name: str, task: TaskSpec, assets: GeometrySource, robot: RobotDescription, config: EngineConfig
) -> GraspSet:
    """The grasps of a node's asset for an arm's hand, from the cache where they have been found before."""
    asset = assets.asset(task.scene.node(name).asset_id)
    return grasps_for(asset, assets, robot, config.grasps, config.physics)


def settled(task: TaskSpec, scene: PlacedScene, config: EngineConfig, rng: np.random.Generator) -> Simulation:
    """The scene at rest, still what the scene graph says.

    Raises:
        AttemptFailed: if something does not come to rest, moves away or falls over, or a relation is lost.
    """
    setup = arms(config.robot)
    start = home(setup)
    start = start + rng.normal(0.0, config.pick_place.start_jitter, len(start))
    bodies, target = tuple(scene.bodies.values()), task.subtasks[0].handled
    simulation = Simulation(
        bodies, setup, config.physics, target=target, joint_position=start, landmarks=scene.landmarks
    )
    try:
        resting = simulation.settle()
    except UnstablePhysics as error:
        raise AttemptFailed(AttemptStage.SETTLE, Cause.UNSTABLE_PHYSICS, str(error)) from error
    if not resting:
        raise AttemptFailed(AttemptStage.SETTLE, Cause.UNSETTLED, "bodies still move after settling")
    after = simulation.scene()
    for name, body in scene.bodies.items():
        _check_stood_still(name, body.pose.matrix, after[name].pose.matrix)
    lost = [relation.kind for relation in task.scene.relations if not judge((relation,), after).satisfied]
    if lost:
        detail = f"no longer true after settling: {', '.join(lost)}"
        raise AttemptFailed(AttemptStage.SETTLE, Cause.RELATION_LOST_IN_SETTLING, detail)
    return simulation


def _check_stood_still(name: str, before: np.ndarray, after: np.ndarray) -> None:
    shift = float(np.linalg.norm(after[:3, 3] - before[:3, 3]))
    tilt = float((before[:3, 2] * after[:3, 2]).sum())
    if shift > SETTLED_SHIFT or tilt < FALLEN_TILT:
        detail = f"{name} moved {1e3 * shift:.0f} mm and tilted {np.degrees(np.arccos(tilt)):.0f} degrees"
        raise AttemptFailed(AttemptStage.SETTLE, Cause.UNSETTLED, detail)
