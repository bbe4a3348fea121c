"""Steps that cannot be done: losses that are no numbers, and what to change where memory is too small."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import save_file

from trainer.data.batches import ActionBatch, GroundingBatch
from trainer.errors import Diverged
from trainer.model.st4vla import Losses
from trainer.train.recipe import Recipe


@dataclass(frozen=True)
class Part:
    """One batch of a step and its losses as numbers, None for a stream that the recipe does not have."""

    grounding: GroundingBatch | None
    action: ActionBatch | None
    grounding_loss: float | None
    action_loss: float | None

    @classmethod
    def of(cls, grounding: GroundingBatch | None, action: ActionBatch | None, losses: Losses) -> Part:
        """Reading the losses waits for the device, which is what makes times true."""
        values = [None if loss is None else loss.item() for loss in (losses.grounding, losses.action)]
        return cls(grounding, action, *values)

    @property
    def finite(self) -> bool:
        """Whether both losses are numbers."""
        return all(loss is None or math.isfinite(loss) for loss in (self.grounding_loss, self.action_loss))


def check_finite(parts: Sequence[Part], norm: float, step: int, out: Path, rank: int) -> None:
    """Stop, with the batch saved, before a step that would spoil the weights.

    Raises:
        Diverged: if a loss or the gradients' norm is infinite or no number.
    """
    if math.isfinite(norm) and all(part.finite for part in parts):
        return
    worst = next((part for part in parts if not part.finite), parts[-1])
    tensors = {
        f"{name}.{path}": value.contiguous()
        for name, batch in (("grounding", worst.grounding), ("action", worst.action))
        if batch is not None
        for path, value in batch.tensors().items()
    }
    path = out / f"diverged-{step:08d}-{rank:05d}.safetensors"
    save_file(tensors, path)
    raise Diverged(
        f"step {step}: grounding loss {worst.grounding_loss}, action loss {worst.action_loss}, gradient norm {norm}; "
        f"the batch is in {path}, and the weights were left as they were before it"
    )


def memory_remedy(recipe: Recipe) -> str:
    """Which keys of a recipe to change where a step does not fit into memory."""
    found = []
    if recipe.action is not None:
        found.append(f"lower action.samples (now {recipe.action.samples})")
    if recipe.grounding is not None:
        pictures, questions = recipe.grounding.pictures, recipe.grounding.questions
        found.append(f"lower grounding.pictures (now {pictures}) or grounding.questions (now {questions})")
    found[-1] += f" and raise accumulate (now {recipe.accumulate}) by as much"
    if not recipe.gradient_checkpointing:
        found.append("set gradient_checkpointing: true")
    return ", or ".join(found)
