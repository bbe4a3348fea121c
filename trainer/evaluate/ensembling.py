"""Temporal ensembling: every step is acted on by all the chunks that foresaw it (Zhao et al. 2023, ACT)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


class TemporalEnsemble:
    """Averages the actions that overlapping chunks give for a step.

    Weights are `exp(-decay * i)`, i = 0 for the oldest chunk. All our actions are relative to the state measured at
    their own step, so that chunks predicted at different times can be averaged as they are.

    Args:
        decay: 0 weighs all alike; the greater, the more the older predictions count.
    """

    def __init__(self, decay: float = 0.01) -> None:
        self._decay = decay
        self._chunks: list[tuple[int, NDArray[np.float64]]] = []

    def add(self, step: int, chunk: ArrayLike) -> None:
        """Take a chunk (T, A) predicted at a step."""
        self._chunks.append((step, np.asarray(chunk, float)))

    def action(self, step: int) -> NDArray[np.float64]:
        """The action (A,) of a step.

        Raises:
            LookupError: if no chunk reaches that far.
        """
        self._chunks = [(start, chunk) for start, chunk in self._chunks if step - start < len(chunk)]
        foreseen = [chunk[step - start] for start, chunk in self._chunks if step >= start]
        if not foreseen:
            raise LookupError(f"no chunk holds an action for step {step}")
        weights = np.exp(-self._decay * np.arange(len(foreseen)))
        return np.average(foreseen, axis=0, weights=weights)
