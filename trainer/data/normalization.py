"""Actions and states in the range that diffusion wants, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assets_index.schema import Schema
from dataengine.actions import ActionSpec
from trainer.data.column_statistics import ColumnStatistics

Mode = Literal["quantiles", "extremes", "mean_std"]

Floats = NDArray[np.float32]


class Range(Schema):
    """Per entry the values that become -1 and 1; an entry that never changes becomes 0.

    Attributes:
        bounded: whether what lies beyond is clipped.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    bounded: bool = True

    @classmethod
    def fit(cls, statistics: ColumnStatistics, mode: Mode) -> Range:
        """The range of the rows that the statistics have seen."""
        if mode == "quantiles":
            low, high = statistics.sketch.quantile(0.01), statistics.sketch.quantile(0.99)
        elif mode == "extremes":
            low, high = statistics.minimum, statistics.maximum
        else:
            low, high = statistics.mean - statistics.std, statistics.mean + statistics.std
        return cls(low=tuple(low.tolist()), high=tuple(high.tolist()), bounded=mode != "mean_std")

    def normalize(self, values: ArrayLike) -> Floats:
        """Values (..., D), of which those within the range to [-1, 1]."""
        low, width = np.array(self.low), np.subtract(self.high, self.low)
        safe = np.where(width > 0, width, 1.0)
        scaled = np.where(width > 0, 2 * (np.asarray(values, float) - low) / safe - 1, 0.0)
        return (np.clip(scaled, -1, 1) if self.bounded else scaled).astype(np.float32)

    def restore(self, normalized: ArrayLike) -> Floats:
        """The inverse of `normalize`, within the range if it is bounded."""
        low, high = np.array(self.low), np.array(self.high)
        return (low + (np.asarray(normalized, float) + 1) / 2 * (high - low)).astype(np.float32)


class ActionStatistics(Schema):
    """Ranges of actions and states in the training data; they travel with the checkpoint.

    Attributes:
        mode: 1st and 99th percentiles, extremes (for data as tight as LIBERO's), or mean and standard deviation, which
            become 0 and 1 and bound nothing.
        steps: how many control steps they were taken from.
    """

    mode: Mode
    action: Range
    state: Range
    steps: int

    @classmethod
    def fit(cls, chunks: Iterable[tuple[ArrayLike, ArrayLike]], spec: ActionSpec, mode: Mode) -> ActionStatistics:
        """Statistics of actions (N, A) and states (N, S), in one pass over chunks of them.

        A gripper's range is always that of its binary command.
        """
        actions, states = ColumnStatistics(), ColumnStatistics()
        for some_actions, some_states in chunks:
            actions.add(some_actions)
            states.add(some_states)
        fitted = Range.fit(actions, mode)
        low, high = list(fitted.low), list(fitted.high)
        for gripper in spec.gripper_indices:
            low[gripper], high[gripper] = 0.0, 1.0
        action = fitted.model_copy(update={"low": tuple(low), "high": tuple(high)})
        return cls(mode=mode, action=action, state=Range.fit(states, mode), steps=actions.rows)
