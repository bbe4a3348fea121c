"""Why layouts were refused, until one was not."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from dataengine.rejection import AttemptFailed, AttemptStage, Cause

Demand = Literal["pick", "place"]

PATIENCE = 30
"""Refusals of a demand that was never met, by each arm, after which it is given up."""


class Refusals:
    """How often each demand of each sub-task was refused, and which were met at least once.

    Args:
        arms: how many ask; a demand is met when one of them meets it.
    """

    def __init__(self, arms: int = 1) -> None:
        self._patience = PATIENCE * arms
        self._counts: Counter[tuple[int, AttemptStage, Cause]] = Counter()
        self._refused: Counter[tuple[int, Demand]] = Counter()
        self._met: set[tuple[int, Demand]] = set()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def meet(self, subtask: int, demand: Demand) -> None:
        """Note that a demand was met."""
        self._met.add((subtask, demand))

    def refuse(self, subtask: int, demand: Demand, stage: AttemptStage, cause: Cause) -> None:
        """Note a refusal.

        Raises:
            AttemptFailed: if a demand that was never met has now been refused too often.
        """
        self._counts[subtask, stage, cause] += 1
        self._refused[subtask, demand] += 1
        if (subtask, demand) not in self._met and self._refused[subtask, demand] >= self._patience:
            raise self.failure()

    def failure(self) -> AttemptFailed:
        """The most frequent refusal as the end of an attempt; there must be one."""
        (subtask, stage, cause), _ = self._counts.most_common(1)[0]
        summary = ", ".join(f"{each} {number}" for (_, _, each), number in self._counts.most_common())
        detail = f"no layout leaves sub-task {subtask + 1} possible; refused before physics: {summary}"
        failure = AttemptFailed(stage, cause, detail)
        failure.subtask = subtask
        return failure
