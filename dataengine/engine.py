"""One attempt at an episode: from a task to a verified record, or to the reason why there is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import version

import numpy as np

from assets_index.robots import robot
from assets_index.schema import Schema
from assets_index.seeding import Stage, generator
from assets_index.transforms import Pose
from dataengine.execution import Execution
from dataengine.grasps.grasp_set import GraspSet, grasps_for
from dataengine.grasps.settings import GraspSettings
from dataengine.motion.planner import ArmPlanner
from dataengine.motion.timing import MotionLimits
from dataengine.physics.settings import PhysicsSettings
from dataengine.physics.simulation import Simulation
from dataengine.record import EpisodeMeta, EpisodeRecord, GraspRecord
from dataengine.rejection import AttemptFailed, AttemptStage, Cause, Rejection
from dataengine.skills.pick import Pick
from dataengine.skills.pick_place import PickPlace, graspable
from dataengine.skills.settings import PickPlaceSettings
from dataengine.verification import AcceptanceLimits, accept, measure
from scene_graph.errors import LayoutExhausted, UnsatisfiableLayout
from scene_graph.judge import judge
from scene_graph.placed import GeometrySource, PlacedScene, place
from scene_graph.solver import DEFAULT_LIMITS, SolverLimits, solve
from scene_graph.task import Layout, TaskSpec

FALLEN_TILT = 0.97
"""Least cosine between a body's axes before and after settling."""

SETTLED_SHIFT = 0.02

LAYOUTS = 4
"""Layouts drawn at most until the hand fits around the target."""

ROOMY = 4
"""Free grasps that make a layout good enough at once."""

MakeTask = Callable[[int, np.random.Generator], TaskSpec]


class EngineConfig(Schema):
    """Everything that an episode depends on besides its task, its assets and its seed."""

    robot: str = "franka_panda"
    layout: SolverLimits = DEFAULT_LIMITS
    physics: PhysicsSettings = PhysicsSettings()
    grasps: GraspSettings = GraspSettings()
    motion: MotionLimits = MotionLimits()
    pick_place: PickPlaceSettings = PickPlaceSettings()
    acceptance: AcceptanceLimits = AcceptanceLimits()


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
        return Rejection(
            attempt=index,
            stage=failure.stage,
            cause=failure.cause,
            detail=failure.detail,
            target_asset=task.scene.node(task.target).asset_id,
            container_asset=task.scene.node(task.container).asset_id,
            relations=tuple(relation.kind for relation in task.goal),
            seconds=time.process_time() - began,
        )


def _episode(index: int, run_seed: int, task: TaskSpec, assets: GeometrySource, config: EngineConfig) -> EpisodeRecord:
    asset = assets.asset(task.scene.node(task.target).asset_id)
    grasps = grasps_for(asset, assets, robot(config.robot), config.grasps, config.physics)
    layout = _layout(task, assets, grasps, config, generator(run_seed, Stage.LAYOUT, index))
    rng = generator(run_seed, Stage.MOTION, index)
    simulation = _settled(task, place(task.scene, layout, assets), config, rng)
    execution = Execution(simulation)
    tempo = float(rng.uniform(*config.pick_place.tempo))
    planner = ArmPlanner(simulation, task.target, config.motion, rng, tempo)
    skill = PickPlace(task, grasps, planner, execution, config.pick_place)
    pick, placing = skill.plan()
    rest_steps = skill.execute(pick, placing, config.acceptance.foreign_force)
    trajectory = execution.trajectory()
    measured = measure(trajectory, task, simulation.bodies, rest_steps)
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
        grasp=_grasp_record(grasps, pick),
        verification=measured,
        settle_steps=rest_steps,
        versions=_versions(),
    )
    return EpisodeRecord(meta=meta, **vars(trajectory))


def _layout(
    task: TaskSpec, assets: GeometrySource, grasps: GraspSet, config: EngineConfig, rng: np.random.Generator
) -> Layout:
    """A layout in which the open hand fits around the target; drawn anew if it does not."""
    jaw = robot(config.robot).jaw
    outcomes: list[tuple[int, Layout] | AttemptFailed] = []
    for _ in range(LAYOUTS):
        layout = _solve(task, assets, config, rng)
        try:
            free = graspable(place(task.scene, layout, assets), task.target, grasps, jaw, config.pick_place)
        except AttemptFailed as failure:
            outcomes.append(failure)
            continue
        if len(free) >= ROOMY:
            return layout
        outcomes.append((len(free), layout))
    roomiest = max(outcomes, key=lambda outcome: outcome[0] if isinstance(outcome, tuple) else 0)
    if isinstance(roomiest, AttemptFailed):
        raise roomiest
    return roomiest[1]


def _solve(task: TaskSpec, assets: GeometrySource, config: EngineConfig, rng: np.random.Generator) -> Layout:
    try:
        return solve(task.scene, assets, rng, limits=config.layout)
    except UnsatisfiableLayout as error:
        raise AttemptFailed(AttemptStage.LAYOUT, Cause.UNSATISFIABLE, str(error)) from error
    except LayoutExhausted as error:
        raise AttemptFailed(AttemptStage.LAYOUT, Cause.LAYOUT_EXHAUSTED, str(error)) from error


def _settled(task: TaskSpec, scene: PlacedScene, config: EngineConfig, rng: np.random.Generator) -> Simulation:
    """The scene at rest, still what the scene graph says."""
    arm = robot(config.robot)
    start = np.array(arm.home) + rng.normal(0.0, config.pick_place.start_jitter, len(arm.home))
    simulation = Simulation(tuple(scene.bodies.values()), arm, config.physics, target=task.target, joint_position=start)
    if not simulation.settle():
        raise AttemptFailed(AttemptStage.SETTLE, Cause.UNSETTLED, "bodies still move after settling")
    settled = simulation.scene()
    for name, body in scene.bodies.items():
        before, after = body.pose.matrix, settled[name].pose.matrix
        shift = float(np.linalg.norm(after[:3, 3] - before[:3, 3]))
        tilt = float((before[:3, 2] * after[:3, 2]).sum())
        if shift > SETTLED_SHIFT or tilt < FALLEN_TILT:
            detail = f"{name} moved {1e3 * shift:.0f} mm and tilted {np.degrees(np.arccos(tilt)):.0f} degrees"
            raise AttemptFailed(AttemptStage.SETTLE, Cause.UNSETTLED, detail)
    lost = [
        relation.kind
        for relation, verdict in zip(task.scene.relations, judge(task.scene.relations, settled).verdicts, strict=True)
        if not verdict.holds
    ]
    if lost:
        detail = f"no longer true after settling: {', '.join(lost)}"
        raise AttemptFailed(AttemptStage.SETTLE, Cause.RELATION_LOST_IN_SETTLING, detail)
    return simulation


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("mujoco", "frankik", "ruckig", "numpy")}


def _grasp_record(grasps: GraspSet, pick: Pick) -> GraspRecord:
    (x1, y1, z1), (x2, y2, z2) = grasps.contacts[pick.grasp].tolist()
    return GraspRecord(
        pose=Pose.from_matrix(grasps.poses[pick.grasp]),
        width=float(grasps.widths[pick.grasp]),
        contacts=((x1, y1, z1), (x2, y2, z2)),
        quality=float(grasps.quality[pick.grasp]),
    )
