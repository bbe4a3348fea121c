import pytest
import torch

from dataengine.storage.shard_set import ShardSet
from trainer.data.processor import Processor
from trainer.data.streams import ActionStream
from trainer.model.action_expert import ActionExpert
from trainer.model.config import (
    ActionExpertConfig,
    DiffusionConfig,
    FlowMatchingConfig,
    QueryingTransformerConfig,
    ST4VLAConfig,
)
from trainer.model.sizes import DIT
from trainer.model.st4vla import ST4VLA

SMALL = ST4VLAConfig(
    querying_transformer=QueryingTransformerConfig(queries=4, width=32, heads=4),
    action_expert=ActionExpertConfig(width=64, depth=2, heads=4),
)


# The blocks of Peebles & Xie's DiT-S, B and L without adaLN have 12 W² weights each.
@pytest.mark.parametrize(("size", "millions"), [("S", 22.1), ("B", 86.5), ("L", 304.3)])
def test_sizes_are_those_of_dit(size: str, millions: float):
    with torch.device("meta"):
        expert = ActionExpert(ST4VLAConfig(action_expert=DIT[size]))
    assert sum(parameter.numel() for parameter in expert.parameters()) / 1e6 == pytest.approx(millions, rel=0.01)
    assert DIT["B"] == ActionExpertConfig()


def test_guidance_needs_a_condition_that_was_dropped_in_training():
    without = ActionExpertConfig(condition_dropout=0.0)
    with pytest.raises(ValueError, match=r"guidance other than 1 needs action_expert\.condition_dropout above 0"):
        ST4VLAConfig(action_expert=without)
    ST4VLAConfig(action_expert=without, denoising=DiffusionConfig(guidance=1.0))


def test_an_untrained_expert_predicts_no_noise():
    expert = ActionExpert(SMALL)
    predicted = expert(torch.randn(3, 16, 8), torch.tensor([0, 50, 99]), torch.randn(3, 4, 32))
    assert torch.equal(predicted, torch.zeros(3, 16, 8))


def test_what_lies_beyond_the_episode_is_not_learned():
    torch.manual_seed(0)
    expert = ActionExpert(SMALL)
    actions, condition = torch.randn(4, 16, 8), torch.randn(4, 4, 32)
    valid = torch.arange(16).expand(4, 16) < 10
    torch.manual_seed(1)
    loss = expert.loss(actions, valid, condition)
    actions[:, 10:] += 100
    torch.manual_seed(1)
    assert torch.equal(expert.loss(actions, valid, condition), loss)


@pytest.mark.parametrize("denoising", [DiffusionConfig(), FlowMatchingConfig(guidance=1.0)], ids=lambda c: c.kind)
def test_learns_which_of_two_chunks_belongs_to_a_condition(denoising: DiffusionConfig | FlowMatchingConfig):
    torch.manual_seed(0)
    expert = ActionExpert(SMALL.model_copy(update={"denoising": denoising}))
    chunks = (torch.rand(2, 1, 8) * 2 - 1) * torch.linspace(-0.9, 0.9, 16)[:, None]
    conditions, steps = torch.randn(2, 4, 32), 200
    optimizer = torch.optim.AdamW(expert.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for _ in range(steps):
        valid = torch.ones(8, 16, dtype=torch.bool)
        loss = expert.loss(chunks.repeat(4, 1, 1), valid, conditions.repeat(4, 1, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        sampled = expert.sample(conditions, torch.randn(2, 16, 8))
    assert (sampled - chunks).abs().mean() < 0.1
    assert (sampled - chunks.flip(0)).abs().mean() > 0.2


def test_noise_draws_share_one_pass_of_the_planner(model: ST4VLA, processor: Processor, shards: ShardSet):
    passes: list[int] = []
    model.planner.network.model.language_model.register_forward_hook(lambda *_: passes.append(1))
    stream = ActionStream(shards, processor, model.config.action, seed=0)
    model.action_loss(processor.action_batch([stream[0]]))
    assert model.config.action_expert.noise_repeats > 1
    assert len(passes) == 1


def test_without_guidance_the_null_condition_plays_no_role():
    expert = ActionExpert(SMALL.model_copy(update={"denoising": DiffusionConfig(guidance=1.0)}))
    torch.nn.init.normal_(expert.prediction.weight)
    condition, noise = torch.randn(2, 4, 32), torch.randn(2, 16, 8)
    before = expert.sample(condition, noise)
    torch.nn.init.normal_(expert.null_condition)
    assert torch.equal(expert.sample(condition, noise), before)
