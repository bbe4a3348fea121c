"""Episodes to learn from, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dataengine.actions import ActionSpec
from dataengine.samples import ActionSample
from trainer.data.images import Rgb
from trainer.errors import ActionSpecMismatch, MissingCamera, NoSamples
from trainer.model.config import ObservationSpec


class ActionData(Protocol):
    """Episodes: a `ShardSet`, or `LeRobotEpisodes`.

    Attributes:
        name: for messages.
        action_spec: what the numbers of an action mean.
        cameras: names of the cameras.
    """

    name: str
    action_spec: ActionSpec
    cameras: tuple[str, ...]

    @property
    def action_count(self) -> int:
        """Number of moments."""

    def action_indices(self, *, to_imitate: bool = False) -> NDArray[np.int64]:
        """The moments, ascending; `to_imitate` leaves out failures and disturbances."""

    def action(self, i: int, chunk: int | None = None) -> ActionSample:
        """Moment i with `chunk` actions."""

    def action_columns(self, *, to_imitate: bool = False) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Part by part the first action (N, A) and the state (N, S) of every moment."""

    def rgb(self, camera: str, row: int) -> Rgb:
        """The picture (H, W, 3) of a camera at a row of an `ActionSample`."""

    def not_to_imitate(self, row: int) -> Sequence[tuple[int, int]]:
        """The steps (first, end) of its episode that are not to be imitated."""


def moments_to_imitate(data: ActionData, *, failures: bool = False) -> NDArray[np.int64]:
    """Indices of the action samples that are learned, ascending; see `ActionStream`.

    Raises:
        NoSamples: if there are none.
    """
    moments = data.action_indices(to_imitate=not failures)
    if not len(moments):
        raise NoSamples(f"{data.name} hold no actions to imitate")
    return moments


def check_actions(data: ActionData, observation: ObservationSpec, spec: ActionSpec) -> None:
    """Whether the data can train, or judge, a model with this observation and these actions.

    Raises:
        ActionSpecMismatch, MissingCamera, NoSamples: saying what differs.
    """
    stored = data.action_spec
    for name in ActionSpec.model_fields:
        if getattr(stored, name) != getattr(spec, name):
            raise ActionSpecMismatch(
                f"{data.name}: action {name} is {getattr(stored, name)}, the checkpoint's is {getattr(spec, name)}"
            )
    wanted = {*observation.cameras, *observation.planner_cameras}
    if missing := sorted(wanted - set(data.cameras)):
        raise MissingCamera(f"{data.name}: no camera {missing[0]!r}; there are {', '.join(data.cameras)}")
    if not data.action_count:
        raise NoSamples(f"{data.name} hold no actions")
