"""Tensors that one step of the model reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

import torch
from torch import Tensor


class Batch:
    """A dataclass of tensors, of batches, and of None where a part is absent."""

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Self:
        """The same batch with every tensor on `device`."""
        return self._map(lambda part: part.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Self:
        """The same batch in page-locked memory, for copies that overlap with computing."""
        return self._map(lambda part: part.pin_memory())

    def tensors(self) -> dict[str, Tensor]:
        """Every tensor by its path, such as `inputs.input_ids`."""
        found: dict[str, Tensor] = {}
        for name, part in vars(self).items():
            if isinstance(part, Batch):
                found |= {f"{name}.{path}": value for path, value in part.tensors().items()}
            elif part is not None:
                found[name] = part
        return found

    def _map(self, function: Callable[[Any], Any]) -> Self:
        parts = vars(self).items()
        return type(self)(**{name: None if part is None else function(part) for name, part in parts})


@dataclass(frozen=True)
class PlannerInputs(Batch):
    """Text with images as a planner takes it; each kind of planner adds its own fields.

    Attributes:
        input_ids: (B, L) int64.
        attention_mask: (B, L) int64, 0 for padding; L is also the length of the planner's hidden states.
    """

    input_ids: Tensor
    attention_mask: Tensor


Inputs = TypeVar("Inputs", bound=PlannerInputs)


@dataclass(frozen=True)
class GroundingBatch(Batch, Generic[Inputs]):
    """Questions with answers.

    Attributes:
        labels: int64, -100 where nothing is supervised; the planner that made it knows its shape.
    """

    inputs: Inputs
    labels: Tensor


@dataclass(frozen=True)
class ActionBatch(Batch, Generic[Inputs]):
    """Observations, and the chunks of actions that follow them.

    Attributes:
        views: (B, V, 3, H, W) float32 pictures for the second encoder.
        state: (B, S) normalized, or None where the model sees none.
        actions: (B, T, A) normalized, or None when acting.
        valid: (B, T) bool, false beyond the end of the episode; None when acting.
    """

    inputs: Inputs
    views: Tensor
    state: Tensor | None = None
    actions: Tensor | None = None
    valid: Tensor | None = None
