"""Ranges of actions and states in the data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer.data.normalization import ActionStatistics, Mode
from trainer.data.streams import ActionData, moments_to_imitate


def action_statistics(data: Sequence[ActionData], mode: Mode, *, failures: bool = False) -> ActionStatistics:
    """Statistics over the moments that are learned: those of an `ActionStream` of each source, with `failures`."""
    samples = [
        source.action(int(index), 1) for source in data for index in moments_to_imitate(source, failures=failures)
    ]
    actions = np.concatenate([sample.actions for sample in samples])
    states = np.stack([sample.state for sample in samples])
    return ActionStatistics.fit(actions, states, data[0].action_spec, mode)
