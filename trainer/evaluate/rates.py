"""Shares of successes with what chance allows them to be."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from assets_index.schema import Schema

_DEVIATIONS = 1.96


class Rate(Schema):
    """A share of successes.

    Attributes:
        share: 0..1.
        low, high: 95 % confidence interval of Wilson (1927), which also holds for few trials and for shares of 0 or 1.
    """

    share: float
    low: float
    high: float

    @classmethod
    def of(cls, successes: Collection[bool]) -> Rate:
        """The rate of at least one trial."""
        count, share = len(successes), float(np.mean(list(successes)))
        spread = _DEVIATIONS**2 / count
        center = (share + spread / 2) / (1 + spread)
        half = np.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
        return cls(share=share, low=min(share, float(center - half)), high=max(share, float(center + half)))

    def __str__(self) -> str:
        return f"{self.share:.0%} ({self.low:.0%} to {self.high:.0%})"
