"""Moments read off an episode's record."""

from __future__ import annotations

import numpy as np

from assets_index.transforms import Pose, apply
from dataengine.questions.context import Moment, Motion, WorldGrasp
from dataengine.record import EpisodeRecord, Phase
from scene_graph.placed import PlacedScene

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
}


def moment_at(record: EpisodeRecord, step: int, scene: PlacedScene) -> Moment:
    """The moment before command `step`; `step` may also be the number of steps, the end.

    Args:
        record: the episode.
        step: control step, 0 to T.
        scene: the episode's free bodies, at any poses.
    """
    motions = [MOTIONS[Phase(phase)] for phase in record.phase]
    motion = motions[min(step, record.steps - 1)]
    end = next((later for later in range(step, record.steps) if motions[later] != motion), record.steps)
    target = record.meta.bodies.index(record.meta.task.target)
    poses = {name: Pose.from_vector(record.object_pose[step, i]) for i, name in enumerate(record.meta.bodies)}
    placed = scene.with_poses(poses)
    center = placed[record.meta.task.target].asset.center_of_mass
    carried = [apply(Pose.from_vector(pose).matrix, center) for pose in record.object_pose[step : end + 1, target]]
    return Moment(
        scene=placed,
        motion=motion,
        gripper_path=record.tcp_pose[step : end + 1, :3],
        object_path=np.array(carried) if motion == "place" else None,
        grasp=_grasp(record, poses[record.meta.task.target]) if motion == "grasp" else None,
    )


def _grasp(record: EpisodeRecord, target: Pose) -> WorldGrasp:
    grasp = record.meta.grasp
    return WorldGrasp(apply(target.matrix, grasp.contacts), target.matrix @ grasp.pose.matrix)
