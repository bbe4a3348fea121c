"""Doing an episode again: from its states, or from its commands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from assets_index.robots import arms
from assets_index.transforms import Array, Pose
from dataengine.execution import Execution, Trajectory
from dataengine.physics.scene_bodies import SceneBodies
from dataengine.physics.settings import PhysicsSettings
from dataengine.physics.simulation import Simulation
from dataengine.record import EpisodeRecord, Phase
from scene_graph.placed import GeometrySource, PlacedBody, PlacedScene, landmarks_of, split_joints


def recorded_bodies(record: EpisodeRecord, assets: GeometrySource, row: int = 0) -> tuple[PlacedBody, ...]:
    """The record's bodies, in its order, where they were at a state row.

    Raises:
        MissingAsset: if one of them is not in `assets`.
    """
    asset_ids = {node.name: node.asset_id for node in record.meta.task.scene.nodes}
    things = [assets.asset(asset_ids[name]) for name in record.meta.bodies]
    joints = split_joints(things, record.articulation[row])
    return tuple(
        PlacedBody(name, asset, Pose.from_vector(pose), tuple(assets.hulls(asset.id)), values)
        for name, asset, pose, values in zip(record.meta.bodies, things, record.object_pose[row], joints, strict=True)
    )


def scene_at(record: EpisodeRecord, assets: GeometrySource, row: int = 0) -> PlacedScene:
    """The record's bodies at a state row; the first row is the moment before the first command.

    Raises:
        MissingAsset: if one of them is not in `assets`.
    """
    landmarks = landmarks_of(record.meta.task.scene.regions)
    return PlacedScene({body.name: body for body in recorded_bodies(record, assets, row)}, landmarks)


def simulation_at_start(
    record: EpisodeRecord, assets: GeometrySource, kind: type[Simulation] = Simulation
) -> Simulation:
    """The simulation in which the episode began, at its first state; `kind` may be one that sees more."""
    return kind(
        recorded_bodies(record, assets),
        arms(record.meta.robot),
        PhysicsSettings(rate=record.meta.rate, timestep=record.meta.timestep),
        target=record.meta.task.subtasks[0].handled,
        joint_position=record.joint_position[0],
        landmarks=landmarks_of(record.meta.task.scene.regions),
    )


def replay_states(record: EpisodeRecord, assets: GeometrySource) -> Iterator[dict[str, Array]]:
    """Put everything where each state row says it was; yields `Simulation.poses` of each row.

    An arm's joints that are not recorded, e.g. those of a linkage between the fingers, stay as they are.
    """
    simulation = simulation_at_start(record, assets)
    model, data = simulation.model, simulation.data
    joints = np.concatenate([arm.joints for arm in simulation.arms])
    fingers = [[int(model.joint(name).qposadr[0]) for name in arm.robot.finger_joints] for arm in simulation.arms]
    bodies = SceneBodies(model, simulation.bodies)
    for row in range(record.steps + 1):
        data.qpos[joints] = record.joint_position[row]
        data.qpos[fingers] = record.finger_position[row]
        bodies.put(data, record.object_pose[row], record.articulation[row])
        yield simulation.poses()


def replay_commands(record: EpisodeRecord, assets: GeometrySource) -> Trajectory:
    """Carry the recorded commands out, open loop from the first state; what results is measured anew.

    What was done to the episode on purpose is done again, at the same steps.
    """
    return replay_on(simulation_at_start(record, assets), record)


def replay_on(simulation: Simulation, record: EpisodeRecord) -> Trajectory:
    """Carry the recorded commands out in a simulation that is at the record's start."""
    execution = Execution(simulation, record.meta.disturbances)
    for subtask, done in zip(record.meta.task.subtasks, record.meta.subtasks, strict=True):
        execution.simulation.retarget(subtask.handled)
        execution.arm = done.arm
        for step in done.steps:
            execution.step(Phase(record.phase[step]), record.joint_command[step], record.gripper_command[step])
    return execution.trajectory()
