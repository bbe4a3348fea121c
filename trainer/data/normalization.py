"""Actions and states in the range that diffusion wants, and back."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assets_index.schema import Schema
from dataengine.actions import ActionSpec

Mode = Literal["quantiles", "extremes"]

_QUANTILES: dict[Mode, tuple[float, float]] = {"quantiles": (0.01, 0.99), "extremes": (0.0, 1.0)}

Floats = NDArray[np.float32]


class Range(Schema):
    """Per entry the values that become -1 and 1; an entry that never changes becomes 0."""

    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def fit(cls, values: ArrayLike, mode: Mode) -> Range:
        """The range of values (N, D)."""
        low, high = np.quantile(np.asarray(values, float), _QUANTILES[mode], axis=0)
        return cls(low=tuple(low.tolist()), high=tuple(high.tolist()))

    def normalize(self, values: ArrayLike) -> Floats:
        """Values (..., D) to [-1, 1]; what lies beyond the range is clipped."""
        low, width = np.array(self.low), np.subtract(self.high, self.low)
        safe = np.where(width > 0, width, 1.0)
        scaled = np.where(width > 0, 2 * (np.asarray(values, float) - low) / safe - 1, 0.0)
        return np.clip(scaled, -1, 1).astype(np.float32)

    def restore(self, normalized: ArrayLike) -> Floats:
        """The inverse of `normalize` within the range."""
        low, high = np.array(self.low), np.array(self.high)
        return (low + (np.asarray(normalized, float) + 1) / 2 * (high - low)).astype(np.float32)


class ActionStatistics(Schema):
    """Ranges of actions and states in the training data; they travel with the checkpoint.

    Attributes:
        mode: 1st and 99th percentiles, or extremes (for data as tight as LIBERO's).
        steps: how many control steps they were taken from.
    """

    mode: Mode
    action: Range
    state: Range
    steps: int

    @classmethod
    def fit(cls, actions: ArrayLike, states: ArrayLike, spec: ActionSpec, mode: Mode) -> ActionStatistics:
        """Statistics of actions (N, A) and states (N, S); a gripper's range is always that of its binary command."""
        fitted = Range.fit(actions, mode)
        low, high = list(fitted.low), list(fitted.high)
        for gripper in spec.gripper_indices:
            low[gripper], high[gripper] = 0.0, 1.0
        action = Range(low=tuple(low), high=tuple(high))
        return cls(mode=mode, action=action, state=Range.fit(states, mode), steps=len(np.asarray(actions)))
