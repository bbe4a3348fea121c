"""Ranges of actions and states in a set of shards."""

from __future__ import annotations

import numpy as np

from dataengine.storage.shard_set import ShardSet
from trainer.data.normalization import ActionStatistics, Mode
from trainer.data.streams import moments_to_imitate


def action_statistics(shards: ShardSet, mode: Mode, *, failures: bool = False) -> ActionStatistics:
    """Statistics over the moments that are learned: those of an `ActionStream` with the same `failures`."""
    samples = [shards.action(int(index), 1) for index in moments_to_imitate(shards, failures=failures)]
    actions = np.concatenate([sample.actions for sample in samples])
    states = np.stack([sample.state for sample in samples])
    return ActionStatistics.fit(actions, states, shards.action_spec, mode)
