"""Trajectories of several episodes in one group: flat columns with offsets, and metadata as text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from numpy.typing import NDArray

from dataengine.record import EpisodeRecord
from dataengine.storage.columns import Offsets, TextColumn, offsets, read_column, write_column, write_text

if TYPE_CHECKING:  # reading records needs no simulator
    from dataengine.execution import Trajectory

_STATE: dict[str, type[np.generic]] = {
    "joint_position": np.float64,
    "joint_velocity": np.float64,
    "finger_position": np.float64,
    "tcp_pose": np.float64,
}
_COMMAND: dict[str, type[np.generic]] = {
    "joint_command": np.float64,
    "gripper_command": np.float64,
    "phase": np.int8,
    "foreign_force": np.float32,
    "gripper_force": np.float32,
}


def write_episodes(group: zarr.Group, metas: Sequence[str], episodes: Sequence[EpisodeRecord | Trajectory]) -> None:
    """Write metadata and trajectories of episodes, in their order."""
    write_text(group, "meta", metas)
    write_column(group, "state_offset", offsets(len(episode.joint_position) for episode in episodes))
    write_column(group, "command_offset", offsets(len(episode.joint_command) for episode in episodes))
    poses = [episode.object_pose.reshape(-1, 7) for episode in episodes]
    write_column(group, "object_pose_offset", offsets(map(len, poses)))
    write_column(group, "articulation_offset", offsets(episode.articulation.size for episode in episodes))
    if not episodes:
        return
    for name, dtype in (_STATE | _COMMAND).items():
        write_column(group, name, np.concatenate([getattr(episode, name) for episode in episodes]), dtype)
    write_column(group, "object_pose", np.concatenate(poses), np.float64)
    joints = [episode.articulation.ravel() for episode in episodes]
    write_column(group, "articulation", np.concatenate(joints), np.float64)


class EpisodeColumns:
    """What `write_episodes` wrote, loaded when asked for."""

    def __init__(self, group: zarr.Group) -> None:
        self._group = group
        self._columns: dict[str, NDArray[Any]] = {}

    def meta(self, i: int) -> str:
        """The metadata of an episode, JSON."""
        return self._meta[i]

    def arrays(self, i: int, bodies: int) -> dict[str, NDArray[Any]]:
        """The arrays of an episode by their names; `bodies` is the number of free bodies."""
        state, command, poses = (self._slice(name, i) for name in ("state", "command", "object_pose"))
        rows = state.stop - state.start
        return {
            **{name: self._column(name)[state] for name in _STATE},
            "object_pose": self._column("object_pose")[poses].reshape(-1, bodies, 7),
            "articulation": self._column("articulation")[self._slice("articulation", i)].reshape(rows, -1),
            **{name: self._column(name)[command] for name in _COMMAND},
        }

    @cached_property
    def _meta(self) -> TextColumn:
        return TextColumn.read(self._group, "meta")

    def _column(self, name: str) -> NDArray[Any]:
        if name not in self._columns:
            self._columns[name] = read_column(self._group, name)
        return self._columns[name]

    def _slice(self, name: str, i: int) -> slice:
        offset: Offsets = self._column(f"{name}_offset")
        return slice(int(offset[i]), int(offset[i + 1]))
