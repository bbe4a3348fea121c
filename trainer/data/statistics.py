"""Ranges of actions and states in the data."""

from __future__ import annotations

from collections.abc import Sequence

from assets_index.errors import InvalidConfig
from trainer.data.action_data import ActionData, moments_to_imitate
from trainer.data.normalization import ActionStatistics, Mode
from trainer.model.config import DiffusionConfig, FlowMatchingConfig

_DEVIATIONS = 3.0


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


def check_reach(mode: Mode, denoising: DiffusionConfig | FlowMatchingConfig) -> None:
    """Raise InvalidConfig if an expert's samples could not go as far as the actions do that it learns from."""
    clip = denoising.clip if isinstance(denoising, DiffusionConfig) else None
    if mode == "mean_std" and clip is not None and clip < _DEVIATIONS:
        raise InvalidConfig(
            f"actions normalized by mean_std go beyond the checkpoint's denoising.clip of {clip:g}: make it with "
            f"{_DEVIATIONS:g} or more, or choose other action.statistics"
        )
