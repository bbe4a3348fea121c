"""Tensors that one step of the model reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor


class _Batch:
    """A dataclass of tensors, of batches, and of None where a part is absent."""

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Self:
        """The same batch with every tensor on `device`."""
        return self._map(lambda part: part.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Self:
        """The same batch in page-locked memory, for copies that overlap with computing."""
        return self._map(lambda part: part.pin_memory())

    def _map(self, function: Callable[[Any], Any]) -> Self:
        parts = vars(self).items()
        return type(self)(**{name: None if part is None else function(part) for name, part in parts})


@dataclass(frozen=True)
class PlannerInputs(_Batch):
    """Text with images, as Qwen2.5-VL takes it. L tokens, P image patches, N images in the batch.

    Attributes:
        input_ids: (B, L) int64.
        attention_mask: (B, L) int64, 0 for padding.
        mm_token_type_ids: (B, L) int64, 1 for image tokens.
        pixel_values: (P, C) float32, the patches of all images.
        image_grid_thw: (N, 3) int64, patches in time, height and width of each image.
        branches: (B, L) int64, or None where every row is one plain sequence. A row may hold several questions about
            the same pictures: tokens of branch 0 are shared, tokens of branch k >= 1 see those and their own branch
            only, at the positions they would have if the others were not there; padding is -1.
    """

    input_ids: Tensor
    attention_mask: Tensor
    mm_token_type_ids: Tensor
    pixel_values: Tensor
    image_grid_thw: Tensor
    branches: Tensor | None = None


@dataclass(frozen=True)
class GroundingBatch(_Batch):
    """Questions with answers.

    Attributes:
        labels: (B, L) int64, -100 where nothing is supervised.
    """

    inputs: PlannerInputs
    labels: Tensor


@dataclass(frozen=True)
class ActionBatch(_Batch):
    """Observations, and the chunks of actions that follow them.

    Attributes:
        views: (B, V, 3, H, W) float32 pictures for the second encoder.
        state: (B, S) normalized, or None where the model sees none.
        actions: (B, T, A) normalized, or None when acting.
        valid: (B, T) bool, false beyond the end of the episode; None when acting.
    """

    inputs: PlannerInputs
    views: Tensor
    state: Tensor | None = None
    actions: Tensor | None = None
    valid: Tensor | None = None
