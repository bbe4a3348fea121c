"""Projection-space similarity: do two objectives pull a weight matrix in the same directions? (paper, appendix A)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from assets_index.schema import Schema
from dataengine.storage.shard_set import ShardSet
from trainer.data.batches import ActionBatch, GroundingBatch
from trainer.data.processor import Processor
from trainer.data.streams import ActionStream, GroundingStream
from trainer.model.st4vla import ST4VLA
from trainer.randomness import own_random_numbers

RANK = 16
"""Directions kept of each gradient, where nothing else is said."""

_BATCH = 4
"""Samples whose gradient is taken at once."""


class Alignment(Schema):
    """How the two losses pull at the planner; both gradients are means over their probing batches.

    Attributes:
        pss: mean squared cosine of the principal angles between both gradients' main directions, 0..1; None if a
            gradient is zero, as that of an action expert before its first step or of frozen weights.
        chance: what two random subspaces of these ranks would have; only what lies above it means something.
        rank: dimensions kept of each gradient, unless it has fewer.
        grounding_norm, action_norm: lengths of the gradients of all trained weights of the planner, without the
            losses' weights in the sum.
    """

    pss: float | None
    chance: float
    rank: int
    grounding_norm: float
    action_norm: float


@dataclass(frozen=True)
class ProbingBatches:
    """Samples that stay the same in a whole run, in batches on the CPU."""

    grounding: tuple[GroundingBatch, ...]
    action: tuple[ActionBatch, ...]

    @classmethod
    def draw(
        cls, model: ST4VLA, processor: Processor, shards: ShardSet, samples: int = 64, seed: int = 0
    ) -> ProbingBatches:
        """So many questions and moments, always the same for the same data and seed."""
        questions = GroundingStream(shards, processor, seed=seed)
        moments = ActionStream(shards, processor, model.config.action, seed=seed)
        parts = [range(first, min(first + _BATCH, samples)) for first in range(0, samples, _BATCH)]
        return cls(
            tuple(processor.grounding_batch([questions[i] for i in part]) for part in parts),
            tuple(processor.action_batch([moments[i] for i in part]) for part in parts),
        )


def alignment(model: ST4VLA, batches: ProbingBatches, *, rank: int = RANK) -> Alignment:
    """PSS of both losses' gradients at the query projection of the planner's last layer.

    Args:
        model: part of its planner at least is trained, in float32: gradients in bfloat16 have no rank that could be
            told from rounding. Its weights, gradients and generators stay as they are.
        batches: noise for the actions is drawn from a fixed seed.
        rank: directions kept. With all of them a gradient has full rank, and any two spaces are the same.
    """
    weight = model.planner.last_query_projection
    assert weight.dtype is torch.float32, "its gradient has a rank"
    trained = [parameter for parameter in model.planner.parameters() if parameter.requires_grad]
    norms, spaces = [], []
    for stream in (batches.grounding, batches.action):
        gradients = _mean_gradients(model, stream, trained)
        norms.append(float(torch.nn.utils.get_total_norm(gradients)))
        pulled = next((g for g, p in zip(gradients, trained, strict=True) if p is weight), torch.zeros_like(weight))
        spaces.append(principal_space(pulled, rank))
    ranks = [space.shape[1] for space in spaces]
    return Alignment(
        pss=subspace_similarity(*spaces) if min(ranks) else None,
        chance=max(ranks) / weight.shape[0],
        rank=rank,
        grounding_norm=norms[0],
        action_norm=norms[1],
    )


def _mean_gradients(
    model: ST4VLA, batches: Sequence[GroundingBatch | ActionBatch], weights: Sequence[nn.Parameter]
) -> list[Tensor]:
    """The gradient of the batches' mean loss with respect to each of the weights, zero where it reaches none."""
    sums = [torch.zeros_like(weight) for weight in weights]
    device = weights[0].device
    with own_random_numbers(device):
        for batch in batches:
            on_device = batch.to(device)
            asks = isinstance(on_device, GroundingBatch)
            losses = model(on_device, None) if asks else model(None, on_device)
            loss = losses.grounding if asks else losses.action
            gradients = torch.autograd.grad(loss, weights, allow_unused=True)
            for total, gradient in zip(sums, gradients, strict=True):
                if gradient is not None:
                    total.add_(gradient, alpha=1 / len(batches))
    return sums


def principal_space(gradient: Tensor, rank: int) -> Tensor:
    """Orthonormal basis (d, r) of the strongest left singular vectors of (d, n): `rank` of them, or all it has."""
    left, values, _ = torch.linalg.svd(gradient.double(), full_matrices=False)
    present = int((values > values[0] * max(gradient.shape) * torch.finfo(gradient.dtype).eps).sum())
    return left[:, : min(rank, present)]


def subspace_similarity(a: Tensor, b: Tensor) -> float:
    """`tr(P_a P_b) / min(r_a, r_b)` of two orthonormal bases (d, r_a), (d, r_b); equation 3."""
    return float((a.T @ b).square().sum() / min(a.shape[1], b.shape[1]))
