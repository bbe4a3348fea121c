"""A scene at rest before anybody touches it: what is asked about where nothing is done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets_index.robots import arms
from assets_index.seeding import Stage, generator
from assets_index.transforms import Array, apply
from dataengine.engine.arm_choice import nearest_first
from dataengine.engine.config import EngineConfig
from dataengine.engine.start import MakeTask, drawn_task, grasps_of, roomy_layout, settled
from dataengine.execution import Execution
from dataengine.grasps.grasp_set import GraspSet
from dataengine.motion.planner import ArmPlanner
from dataengine.physics.simulation import Simulation
from dataengine.questions.context import Moment, WorldGrasp
from dataengine.rejection import AttemptFailed, Rejection
from dataengine.skills.pick import Pick
from dataengine.skills.pick_place import PickPlace
from renderers.scene import Poses
from scene_graph.placed import GeometrySource, PlacedBody, place
from scene_graph.task import TaskSpec

_PLANNING = 1
"""What sets the numbers of planning apart from those of settling."""


@dataclass(frozen=True)
class Still:
    """A settled layout with the arms at their start.

    Attributes:
        number: of the attempt in its run.
        simulation: at rest; planning in it moves nothing.
        poses: T_world_body, (4, 4), of bodies, moving parts and the robot's links by their names.
    """

    number: int
    task: TaskSpec
    simulation: Simulation
    poses: Poses


def still(
    number: int, *, run_seed: int, assets: GeometrySource, config: EngineConfig, make_task: MakeTask
) -> Still | Rejection:
    """Lay out a task's scene and let it settle; nothing is carried out.

    The outcome depends on the arguments, which are those of `dataengine.engine.attempt`, alone; task and layout are the
    same as there.

    Raises:
        InvalidSceneGraph: if the task speaks of what is not there.
        ContradictoryGoal: if nothing can reach its goal.
    """
    task = drawn_task(number, run_seed, assets, make_task)
    if isinstance(task, Rejection):
        return task
    try:
        layout = roomy_layout(task, assets, config, generator(run_seed, Stage.LAYOUT, number))
        motion = generator(run_seed, Stage.MOTION, number)
        simulation = settled(task, place(task.scene, layout, assets), config, motion)
    except AttemptFailed as failure:
        return Rejection(
            attempt=number, stage=failure.stage, cause=failure.cause, detail=failure.detail, task=task.name
        )
    return Still(number, task, simulation, simulation.poses())


def moment_before_grasp(layout: Still, *, run_seed: int, assets: GeometrySource, config: EngineConfig) -> Moment:
    """The scene with the planned, free way to the grasp of the first target.

    Where there is none, or where the first thing to do is no pick, it has no grasp and its path stays where the gripper
    is. The arguments are those of `still`.
    """
    rng = generator(run_seed, Stage.MOTION, layout.number, _PLANNING)
    path, grasp, arm = _first_grasp(layout.task, layout.simulation, assets, config, rng)
    gripper = arms(config.robot)[arm].gripper
    return Moment(layout.simulation.scene(), "grasp", path, object_path=None, grasp=grasp, gripper=gripper)


def _first_grasp(
    task: TaskSpec, simulation: Simulation, assets: GeometrySource, config: EngineConfig, rng: np.random.Generator
) -> tuple[Array, WorldGrasp | None, int]:
    """Positions of the TCP on the way to the first target, (M, 3), how it is grasped at the end, and by which arm."""
    subtask, execution = task.subtasks[0], Execution(simulation)
    order = nearest_first(simulation, subtask)
    for arm in order if subtask.skill == "pick_place" else ():
        execution.arm = arm
        planner = ArmPlanner(simulation, subtask.handled, config.motion, rng, bow=config.pick_place.bow, arm=arm)
        grasps = grasps_of(subtask.target, task, assets, planner.robot, config)
        try:
            pick, _ = PickPlace(subtask, grasps, planner, execution, config.pick_place, config.acceptance).plan()
        except AttemptFailed:
            continue
        return *_way_to(pick, planner, simulation.scene()[subtask.target], grasps), arm
    return simulation.state().tcp_pose[order[:1], :3], None, order[0]


def _way_to(pick: Pick, planner: ArmPlanner, target: PlacedBody, grasps: GraspSet) -> tuple[Array, WorldGrasp]:
    commands = [command for segment in pick.before_grasp(planner) for command in segment.commands]
    path = np.array([planner.clearance.tcp(command)[:3, 3] for command in commands])
    contacts = apply(target.pose.matrix, grasps.contacts[pick.grasp])
    return path, WorldGrasp(contacts, pick.tcp, planner.robot.jaw.pad_breadth)
