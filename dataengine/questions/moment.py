"""Moments read off an episode's record."""

from __future__ import annotations

import numpy as np

from assets_index.robot import JawGeometry
from assets_index.robots import arms
from assets_index.transforms import Pose, apply
from dataengine.questions.context import Moment, Motion, WorldGrasp
from dataengine.record import EpisodeRecord, GraspRecord, Phase
from scene_graph.placed import PlacedScene, split_joints

MOTIONS: dict[Phase, Motion] = {
    Phase.REACH: "grasp",
    Phase.APPROACH: "grasp",
    Phase.GRASP: "grasp",
    Phase.LIFT: "place",
    Phase.TRANSFER: "place",
    Phase.PLACE: "place",
    Phase.RELEASE: "place",
    Phase.RETREAT: "retreat",
    Phase.SETTLE: "retreat",
    Phase.WAIT: "retreat",
    Phase.PULL: "move",
    Phase.PUSH: "move",
    Phase.PRESS: "move",
}


def moment_at(record: EpisodeRecord, step: int, scene: PlacedScene) -> Moment:
    """The moment before command `step`; `step` may also be the number of steps, the end.

    In a try that failed there is no way to go and no grasp to be made: neither would be a good answer.

    Args:
        record: the episode.
        step: control step, 0 to T.
        scene: the episode's free bodies, at any poses.
    """
    motions = [MOTIONS[Phase(phase)] for phase in record.phase]
    motion = motions[min(step, record.steps - 1)]
    number = record.subtask_at(step)
    subtask, done = record.meta.task.subtasks[number], record.meta.subtasks[number]
    failing = step < done.final_steps.start
    end = next((later for later in range(step, done.end) if motions[later] != motion), max(step, done.end))
    end = step if failing else end
    target = record.meta.bodies.index(subtask.target)
    poses = {name: Pose.from_vector(record.object_pose[step, i]) for i, name in enumerate(record.meta.bodies)}
    assets = [scene[name].asset for name in record.meta.bodies]
    joints = dict(zip(record.meta.bodies, split_joints(assets, record.articulation[step]), strict=True))
    placed = scene.with_poses(poses).with_joints(joints)
    center = placed[subtask.target].asset.center_of_mass
    carried = [apply(Pose.from_vector(pose).matrix, center) for pose in record.object_pose[step : end + 1, target]]
    arm = arms(record.meta.robot)[done.arm]
    return Moment(
        scene=placed,
        motion=motion,
        gripper_path=record.tcp_pose[step : end + 1, done.arm, :3],
        object_path=np.array(carried) if motion == "place" and subtask.part is None else None,
        grasp=None if failing or motion != "grasp" else _grasp(done.grasp, poses[subtask.target], arm.robot.jaw),
        gripper=arm.gripper,
    )


def _grasp(grasp: GraspRecord | None, target: Pose, jaw: JawGeometry) -> WorldGrasp | None:
    if grasp is None:
        return None
    contacts, tcp = apply(target.matrix, grasp.contacts), target.matrix @ grasp.pose.matrix
    return WorldGrasp(contacts, tcp, jaw.pad_breadth)
