"""Projection-space similarity: do two objectives pull a weight matrix in the same directions? (paper, appendix A)."""

from __future__ import annotations

import torch
from torch import Tensor

from assets_index.schema import Schema
from dataengine.storage.shard_set import ShardSet
from trainer.data.batches import ActionBatch, GroundingBatch
from trainer.data.processor import Processor
from trainer.data.streams import ActionStream, GroundingStream
from trainer.model.st4vla import ST4VLA


class Alignment(Schema):
    """PSS of the two gradients.

    Attributes:
        pss: mean squared cosine of the principal angles, 0..1.
        chance: what two random subspaces of these ranks would have; only what lies above it means something.
        rank_grounding, rank_action: dimensions kept of each gradient.
    """

    pss: float
    chance: float
    rank_grounding: int
    rank_action: int


def alignment(model: ST4VLA, grounding: GroundingBatch, action: ActionBatch, *, energy: float = 0.9) -> Alignment:
    """PSS of both losses' gradients at the query projection of the planner's last layer.

    Args:
        model: its weights stay as they are.
        grounding: probing batch of questions.
        action: probing batch of actions; its noise is drawn from a fixed seed.
        energy: share of the squared singular values that a gradient's subspace keeps. With all of them a gradient has
            full rank and any two spaces are the same.
    """
    weight = model.planner.last_query_projection
    with torch.random.fork_rng():
        torch.manual_seed(0)
        losses = model(grounding, action)
    spaces = [
        principal_space(torch.autograd.grad(loss, weight)[0], energy) for loss in (losses.grounding, losses.action)
    ]
    ranks = [space.shape[1] for space in spaces]
    return Alignment(
        pss=subspace_similarity(*spaces),
        chance=max(ranks) / weight.shape[0],
        rank_grounding=ranks[0],
        rank_action=ranks[1],
    )


def probing_batches(
    model: ST4VLA, processor: Processor, shards: ShardSet, samples: int = 64, seed: int = 0
) -> tuple[GroundingBatch, ActionBatch]:
    """Fixed batches of questions and of actions, always the same for the same data and seed."""
    questions = GroundingStream(shards, processor, seed=seed)
    moments = ActionStream(shards, processor, model.config.action, seed=seed)
    device = next(model.parameters()).device
    grounding = processor.grounding_batch([questions[i] for i in range(samples)])
    action = processor.action_batch([moments[i] for i in range(samples)])
    return grounding.to(device), action.to(device)


def principal_space(gradient: Tensor, energy: float) -> Tensor:
    """Orthonormal basis (d, r) of the fewest left singular vectors that hold a share of the energy of (d, n)."""
    left, values, _ = torch.linalg.svd(gradient.double(), full_matrices=False)
    held = torch.cumsum(values.square(), 0) / values.square().sum()
    return left[:, : int((held < energy).sum()) + 1]


def subspace_similarity(a: Tensor, b: Tensor) -> float:
    """`tr(P_a P_b) / min(r_a, r_b)` of two orthonormal bases (d, r_a), (d, r_b); equation 3."""
    return float((a.T @ b).square().sum() / min(a.shape[1], b.shape[1]))
