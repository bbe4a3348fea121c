import pytest
import torch

from dataengine.storage.shard_set import ShardSet
from trainer.data.processor import Processor
from trainer.evaluate.pss import ProbingBatches, alignment, principal_space, subspace_similarity
from trainer.model.st4vla import ST4VLA


def test_similarity_is_that_of_equation_3():
    torch.manual_seed(0)
    a, b = (torch.randn(20, 3, dtype=torch.float64) @ torch.randn(3, 30, dtype=torch.float64) for _ in range(2))
    spaces = principal_space(a, 20), principal_space(b, 20)
    assert [space.shape for space in spaces] == [(20, 3), (20, 3)]  # all that they have
    projectors = [gradient @ torch.linalg.pinv(gradient, rtol=1e-9) for gradient in (a, b)]
    expected = torch.trace(projectors[0] @ projectors[1]) / 3
    assert subspace_similarity(*spaces) == pytest.approx(float(expected))


def test_same_space_is_one_and_orthogonal_spaces_are_zero():
    basis = torch.linalg.qr(torch.randn(12, 12, dtype=torch.float64))[0]
    assert subspace_similarity(basis[:, :4], basis[:, :4]) == pytest.approx(1)
    assert subspace_similarity(basis[:, :4], basis[:, 4:9]) == pytest.approx(0, abs=1e-12)


def test_random_spaces_are_as_similar_as_the_stated_chance():
    torch.manual_seed(0)
    draws = [[principal_space(torch.randn(64, 80), rank) for rank in (8, 16)] for _ in range(40)]
    assert sum(subspace_similarity(*pair) for pair in draws) / 40 == pytest.approx(16 / 64, abs=0.02)


def test_alignment_is_reproducible_and_leaves_no_trace(model: ST4VLA, processor: Processor, shards: ShardSet):
    torch.nn.init.normal_(model.action_expert.prediction.weight)  # else no gradient leaves the untrained expert
    batches = ProbingBatches.draw(model, processor, shards, samples=6)
    before = torch.get_rng_state()
    first = alignment(model, batches, rank=4)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert alignment(model, batches, rank=4) == first
    assert first.pss is not None
    assert 0 <= first.pss <= 1
    assert first.chance == 4 / model.planner.last_query_projection.shape[0]


def test_gradient_norms_are_those_of_the_mean_loss(model: ST4VLA, processor: Processor, shards: ShardSet):
    batches = ProbingBatches.draw(model, processor, shards, samples=6)
    found = alignment(model, batches)
    losses = [model(batch, None).grounding for batch in batches.grounding]
    (sum(losses) / len(losses)).backward()
    gradients = [p.grad for p in model.planner.parameters() if p.grad is not None]
    assert found.grounding_norm == pytest.approx(float(torch.nn.utils.get_total_norm(gradients)), rel=1e-5)
    assert (found.pss, found.action_norm) == (None, 0)  # nothing leaves the expert before its first step
