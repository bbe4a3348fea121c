"""What a skill is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets_index.transforms import Array
from dataengine.record import Phase


@dataclass(frozen=True)
class Segment:
    """A stretch of control steps in one phase.

    Attributes:
        commands: (T, J) joint commands, rad.
        gripper: 1 open, 0 closed, throughout.
    """

    phase: Phase
    commands: Array
    gripper: float


def hold(phase: Phase, joints: Array, steps: int, gripper: float) -> Segment:
    """Stand still for some control steps."""
    return Segment(phase, np.repeat(joints[None], steps, 0), gripper)
