"""A failed attempt kept whole: what was done until it failed, and why it failed. Negative data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assets_index.robot_setup import RobotSetup
from assets_index.schema import Schema
from dataengine.record import Disturbance, SubTaskRecord
from dataengine.rejection import Rejection
from scene_graph.task import Layout, TaskSpec

if TYPE_CHECKING:
    from dataengine.execution import Trajectory


class FailureMeta(Schema):
    """Everything about a failed attempt that is not a trajectory.

    Attributes:
        layout, bodies, joints, robot, rate, timestep, disturbances, versions: as in `EpisodeMeta`.
        subtasks: how the sub-tasks that were done were done; the one that failed is not among them.
        rejection: where and why it failed; its `seconds` are 0, so that equal seeds give equal bytes.
    """

    attempt: int
    run_seed: int
    task: TaskSpec
    layout: Layout
    bodies: tuple[str, ...]
    joints: tuple[str, ...] = ()
    robot: str | RobotSetup
    rate: float
    timestep: float
    subtasks: tuple[SubTaskRecord, ...]
    disturbances: tuple[Disturbance, ...] = ()
    rejection: Rejection
    versions: dict[str, str]


@dataclass(frozen=True)
class FailedEpisode:
    """An attempt that failed after the arm had begun to move.

    Attributes:
        trajectory: everything from the first command to the last, with the shapes of an `EpisodeRecord`.
    """

    meta: FailureMeta
    trajectory: Trajectory

    @property
    def steps(self) -> int:
        """Number of commands, T."""
        return len(self.trajectory.joint_command)
