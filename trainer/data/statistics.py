"""Ranges of actions and states in the data."""

from __future__ import annotations

from collections.abc import Sequence

from trainer.data.normalization import ActionStatistics, Mode
from trainer.data.streams import ActionData, moments_to_imitate


def action_statistics(data: Sequence[ActionData], mode: Mode, *, failures: bool = False) -> ActionStatistics:
    """Statistics over the moments that are learned: those of an `ActionStream` of each source, with `failures`.

    One pass over numbers, file by file: no picture is read, and memory does not grow with the data.

    Raises:
        NoSamples: if a source has none.
    """
    for source in data:
        moments_to_imitate(source, failures=failures)
    columns = (part for source in data for part in source.action_columns(to_imitate=not failures))
    return ActionStatistics.fit(columns, data[0].action_spec, mode)
