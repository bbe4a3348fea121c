"""A failed attempt kept whole: what was done until it failed, and why it failed. Negative data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dataengine.record import AttemptMeta
from dataengine.rejection import Rejection

if TYPE_CHECKING:
    from dataengine.execution import Trajectory


class FailureMeta(AttemptMeta):
    """Everything about a failed attempt that is not a trajectory; the sub-task that failed is not among `subtasks`.

    Attributes:
        rejection: where and why it failed; its `seconds` are 0, so that equal seeds give equal bytes.
    """

    rejection: Rejection


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
