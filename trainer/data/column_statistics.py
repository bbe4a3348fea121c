"""Extremes, moments and quantiles of a stream of rows, in one pass and in bounded memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_BUFFER = 8192

Values = NDArray[np.float64]


class QuantileSketch:
    """Quantiles of each column (Munro & Paterson 1980): exact up to `buffer` rows, beyond it within `rank_error`.

    A buffer that is full is sorted. Two full ones of the same weight become one of twice the weight, of every other
    value of both. So there are no more than log2(rows / buffer) + 2 of them: 10 MB for a billion rows of eight columns.
    """

    def __init__(self, buffer: int = _BUFFER) -> None:
        self._buffer = buffer
        self._incoming: list[Values] = []
        self._waiting = 0
        self._full: list[Values | None] = []  # place l has weight 2 ** l
        self._merges: list[int] = []
        self._rows = 0

    def add(self, values: Values) -> None:
        """Take in rows (N, D)."""
        self._incoming.append(values)
        self._waiting += len(values)
        self._rows += len(values)
        if self._waiting < self._buffer:
            return
        waiting = np.concatenate(self._incoming)
        whole = len(waiting) // self._buffer * self._buffer
        for first in range(0, whole, self._buffer):
            self._carry(np.sort(waiting[first : first + self._buffer], axis=0))
        # A copy, so that the rows before it are let go.
        self._incoming, self._waiting = [waiting[whole:].copy()], len(waiting) - whole

    def quantile(self, q: float) -> Values:
        """The q-quantile of each column, (D,), interpolated as NumPy does where it is exact."""
        if not any(full is not None for full in self._full):
            return np.quantile(np.concatenate(self._incoming), q, axis=0)
        parts = [np.concatenate(self._incoming), *(full for full in self._full if full is not None)]
        weights = [1, *(2**level for level, full in enumerate(self._full) if full is not None)]
        values, weight = np.concatenate(parts), np.repeat(weights, [len(part) for part in parts])
        order = values.argsort(axis=0)
        below = np.cumsum(weight[order], axis=0)
        place = (below <= q * (self._rows - 1)).sum(0).clip(max=len(values) - 1)
        column = np.arange(values.shape[1])
        return values[order[place, column], column]

    @property
    def stored_rows(self) -> int:
        """How many rows are in memory."""
        return self._waiting + sum(len(full) for full in self._full if full is not None)

    @property
    def rank_error(self) -> float:
        """By how much, as a share of all rows, the rank of a quantile may be off; 0.001 for a billion rows."""
        # A merge of weight w displaces no rank by more than w.
        return sum(count * 2**level for level, count in enumerate(self._merges)) / max(1, self._rows)

    def _carry(self, full: Values) -> None:
        level = 0
        while level < len(self._full) and (other := self._full[level]) is not None:
            self._full[level] = None
            # Odd and even places in turn, so that the errors cancel.
            full = np.sort(np.concatenate([other, full]), axis=0)[self._merges[level] % 2 :: 2]
            self._merges[level] += 1
            level += 1
        if level == len(self._full):
            self._full.append(None)
            self._merges.append(0)
        self._full[level] = full


class ColumnStatistics:
    """Statistics of the columns of rows that are added chunk by chunk.

    Attributes:
        rows: how many were added.
        minimum, maximum, mean: (D,). sketch: of the quantiles.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.minimum: Values = np.array(np.inf)
        self.maximum: Values = np.array(-np.inf)
        self.mean: Values = np.zeros(())
        self.sketch = QuantileSketch()
        self._squares: Values = np.zeros(())

    def add(self, values: ArrayLike) -> None:
        """Take in rows (N, D)."""
        values = np.asarray(values, float)
        if not len(values):
            return
        # Chan, Golub & LeVeque 1979: moments of two parts are combined without a sum of squares, which loses digits.
        difference, rows = values.mean(0) - self.mean, self.rows + len(values)
        self._squares = self._squares + values.var(0) * len(values) + difference**2 * (self.rows * len(values) / rows)
        self.mean = self.mean + difference * (len(values) / rows)
        self.rows = rows
        self.minimum = np.minimum(self.minimum, values.min(0))
        self.maximum = np.maximum(self.maximum, values.max(0))
        self.sketch.add(values)

    @property
    def std(self) -> Values:
        """Standard deviation of each column, (D,), as NumPy's; 0, and no rounding error, where nothing changes."""
        return np.where(self.minimum == self.maximum, 0.0, np.sqrt(self._squares / max(1, self.rows)))
