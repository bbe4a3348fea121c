"""Trajectories of clips as columns, and the actions that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray

from dataengine.storage.clip import Motion
from dataengine.storage.columns import Offsets, offsets, read_column, write_column

_STATE_COLUMNS = ("joint_position", "finger_position", "tcp_pose")


def write_actions(group: zarr.Group, motions: Sequence[Motion | None]) -> None:
    """Write the trajectory of each clip; None takes no rows."""
    present = [motion for motion in motions if motion is not None]
    write_column(group, "state_offset", offsets(len(m.joint_position) if m else 0 for m in motions))
    write_column(group, "command_offset", offsets(m.steps if m else 0 for m in motions))
    for column in fields(Motion) if present else ():
        write_column(group, column.name, np.concatenate([getattr(motion, column.name) for motion in present]))


class ActionTable:
    """The table of one shard, read when first asked."""

    def __init__(self, group: zarr.Group) -> None:
        self._group = group

    @cached_property
    def steps(self) -> NDArray[np.int64]:
        """Number of commands of each clip; 0 for clips that serve questions only."""
        return np.diff(self._command_offset)

    def motion(self, clip: int) -> Motion | None:
        """The trajectory of a clip."""
        if self.steps[clip] == 0:
            return None
        states, commands = slice(*self._state_offset[clip : clip + 2]), slice(*self._command_offset[clip : clip + 2])
        rows = {name: states if name in _STATE_COLUMNS else commands for name in self._columns}
        return Motion(**{name: values[rows[name]] for name, values in self._columns.items()})

    def state(self, clip: int, step: int) -> NDArray[np.float32]:
        """Joint positions and the opening between each arm's fingers at a step, (J + G,)."""
        return self._states[self._state_offset[clip] + step]

    def columns(
        self, clips: NDArray[np.integer[Any]], steps: NDArray[np.integer[Any]]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Actions (N, A) at N steps of clips, and the states (N, J + G) before them."""
        return self._actions[self._command_offset[clips] + steps], self._states[self._state_offset[clips] + steps]

    def chunk(
        self, clip: int, step: int, length: int, grippers: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """The `length` actions from `step` on, (length, A), and which of them lie behind the end, (length,).

        Behind the end the joints stay and the grippers, whose entries are named, keep their last command.
        """
        following = self._actions[self._command_offset[clip] + step : self._command_offset[clip + 1]]
        present = min(length, len(following))
        actions = np.zeros((length, following.shape[1]), np.float32)
        actions[:present] = following[:present]
        actions[present:, grippers] = following[-1, grippers]
        return actions, np.arange(length) >= present

    @cached_property
    def _state_offset(self) -> Offsets:
        return read_column(self._group, "state_offset")

    @cached_property
    def _command_offset(self) -> Offsets:
        return read_column(self._group, "command_offset")

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        return {column.name: read_column(self._group, column.name) for column in fields(Motion)}

    @cached_property
    def _states(self) -> NDArray[np.float32]:
        opening = self._columns["finger_position"].sum(2)
        return np.concatenate([self._columns["joint_position"], opening], 1).astype(np.float32)

    @cached_property
    def _actions(self) -> NDArray[np.float32]:
        # A clip has one state more than commands; the state of a command is the one measured before it.
        commands = self._columns["joint_command"]
        surplus = np.repeat(self._state_offset[:-1] - self._command_offset[:-1], self.steps)
        delta = commands - self._columns["joint_position"][np.arange(len(commands)) + surplus]
        return np.concatenate([delta, self._columns["gripper_command"]], 1).astype(np.float32)
