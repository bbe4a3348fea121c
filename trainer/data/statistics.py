"""Ranges of actions and states in a set of shards."""

from __future__ import annotations

import numpy as np

from dataengine.storage.shard_set import ShardSet
from trainer.data.normalization import ActionStatistics, Mode


def action_statistics(shards: ShardSet, mode: Mode) -> ActionStatistics:
    """Statistics over every moment that has an action."""
    samples = [shards.action(index, 1) for index in range(shards.action_count)]
    actions = np.concatenate([sample.actions for sample in samples])
    states = np.stack([sample.state for sample in samples])
    return ActionStatistics.fit(actions, states, shards.action_spec, mode)
