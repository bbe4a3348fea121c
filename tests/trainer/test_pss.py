import pytest
import torch

from dataengine.storage.shard_set import ShardSet
from trainer.data.processor import Processor
from trainer.evaluate.pss import alignment, principal_space, probing_batches, subspace_similarity
from trainer.model.st4vla import ST4VLA


def test_similarity_is_that_of_equation_3():
    torch.manual_seed(0)
    a, b = (torch.randn(20, 3, dtype=torch.float64) @ torch.randn(3, 30, dtype=torch.float64) for _ in range(2))
    spaces = principal_space(a, 1 - 1e-12), principal_space(b, 1 - 1e-12)
    projectors = [gradient @ torch.linalg.pinv(gradient, rtol=1e-9) for gradient in (a, b)]
    expected = torch.trace(projectors[0] @ projectors[1]) / 3
    assert subspace_similarity(*spaces) == pytest.approx(float(expected))


def test_same_space_is_one_and_orthogonal_spaces_are_zero():
    basis = torch.linalg.qr(torch.randn(12, 12, dtype=torch.float64))[0]
    assert subspace_similarity(basis[:, :4], basis[:, :4]) == pytest.approx(1)
    assert subspace_similarity(basis[:, :4], basis[:, 4:9]) == pytest.approx(0, abs=1e-12)


def test_random_spaces_are_as_similar_as_the_stated_chance():
    torch.manual_seed(0)
    draws = [[principal_space(torch.randn(64, rank), 1.0) for rank in (8, 16)] for _ in range(40)]
    assert sum(subspace_similarity(*pair) for pair in draws) / 40 == pytest.approx(16 / 64, abs=0.02)


def test_alignment_of_a_model_is_reproducible(model: ST4VLA, processor: Processor, shards: ShardSet):
    torch.nn.init.normal_(model.action_expert.prediction.weight)  # else no gradient leaves the untrained expert
    grounding, action = probing_batches(model, processor, shards, samples=4)
    first = alignment(model, grounding, action)
    assert alignment(model, grounding, action) == first
    assert 0 <= first.pss <= 1
    assert 0 < first.chance < 1
