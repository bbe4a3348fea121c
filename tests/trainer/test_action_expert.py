import torch

from trainer.model.action_expert import ActionExpert
from trainer.model.config import ActionExpertConfig, QueryingTransformerConfig, ST4VLAConfig

SMALL = ST4VLAConfig(
    querying_transformer=QueryingTransformerConfig(queries=4, width=32, heads=4),
    action_expert=ActionExpertConfig(width=64, depth=2, heads=4),
)


def test_full_size_is_dit_b():
    with torch.device("meta"):
        expert = ActionExpert(ST4VLAConfig())
    assert 86.0e6 < sum(parameter.numel() for parameter in expert.parameters()) < 87.0e6


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


def test_learns_which_of_two_chunks_belongs_to_a_condition():
    torch.manual_seed(0)
    expert = ActionExpert(SMALL)
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
