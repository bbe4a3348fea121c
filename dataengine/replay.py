"""Doing an episode again from its commands."""

from __future__ import annotations

from assets_index.robots import robot
from assets_index.transforms import Pose
from dataengine.execution import Execution, Trajectory
from dataengine.physics.settings import PhysicsSettings
from dataengine.physics.simulation import Simulation
from dataengine.record import EpisodeRecord, Phase
from dataengine.skills.segment import Segment
from scene_graph.placed import GeometrySource, PlacedBody, PlacedScene


def recorded_bodies(record: EpisodeRecord, assets: GeometrySource, row: int = 0) -> tuple[PlacedBody, ...]:
    """The record's bodies, in its order, where they were at a state row.

    Raises:
        MissingAsset: if one of them is not in `assets`.
    """
    asset_ids = {node.name: node.asset_id for node in record.meta.task.scene.nodes}
    return tuple(
        PlacedBody(name, assets.asset(asset_ids[name]), Pose.from_vector(pose), tuple(assets.hulls(asset_ids[name])))
        for name, pose in zip(record.meta.bodies, record.object_pose[row], strict=True)
    )


def scene_at(record: EpisodeRecord, assets: GeometrySource, row: int = 0) -> PlacedScene:
    """The record's bodies at a state row; the first row is the moment before the first command.

    Raises:
        MissingAsset: if one of them is not in `assets`.
    """
    return PlacedScene({body.name: body for body in recorded_bodies(record, assets, row)})


def simulation_at_start(record: EpisodeRecord, assets: GeometrySource) -> Simulation:
    """The simulation in which the episode began, at its first state."""
    return Simulation(
        recorded_bodies(record, assets),
        robot(record.meta.robot),
        PhysicsSettings(rate=record.meta.rate, timestep=record.meta.timestep),
        target=record.meta.task.subtasks[0].target,
        joint_position=record.joint_position[0],
    )


def replay_commands(record: EpisodeRecord, assets: GeometrySource) -> Trajectory:
    """Carry the recorded commands out, open loop from the first state; what results is measured anew."""
    execution = Execution(simulation_at_start(record, assets))
    for subtask, done in zip(record.meta.task.subtasks, record.meta.subtasks, strict=True):
        execution.simulation.retarget(subtask.target)
        for step in done.steps:
            command, gripper = record.joint_command[step : step + 1], float(record.gripper_command[step])
            execution.run([Segment(Phase(record.phase[step]), command, gripper)])
    return execution.trajectory()
