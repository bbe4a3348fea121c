import numpy as np
import torch
from diffusers import FlowMatchEulerDiscreteScheduler

from trainer.model.config import FlowMatchingConfig
from trainer.model.flow_matching import FlowMatching


def test_sampling_agrees_with_diffusers():
    scheduler = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=1.0)
    scheduler.set_timesteps(sigmas=np.linspace(1.0, 0.1, 10))
    mixing = torch.from_numpy(np.random.default_rng(0).normal(size=(8, 8)).astype(np.float32)) / 3

    def velocity(sample: torch.Tensor, time: float) -> torch.Tensor:
        return torch.tanh(sample @ mixing + time / 1000)

    noise = torch.randn(4, 16, 8, generator=torch.Generator().manual_seed(0))
    expected = noise
    for time in scheduler.timesteps:
        expected = scheduler.step(-velocity(expected, float(time)), time, expected).prev_sample
    assert torch.allclose(FlowMatching(FlowMatchingConfig()).sample(velocity, noise), expected, atol=1e-5)


def test_the_velocity_leads_from_any_mixture_to_the_actions():
    flow = FlowMatching(FlowMatchingConfig())
    clean = torch.rand(64, 16, 8) * 2 - 1
    noisy, time, velocity = flow.training_example(clean)
    share = (time / 1000)[:, None, None]
    assert torch.allclose(noisy + share * velocity, clean, atol=1e-5)
    assert ((share >= 0) & (share <= 1)).all()


def test_emphasis_prefers_noisy_examples():
    torch.manual_seed(0)
    clean = torch.zeros(20_000, 1, 1)
    for emphasis in (1.0, 1.5):
        _, time, _ = FlowMatching(FlowMatchingConfig(emphasis=emphasis)).training_example(clean)
        # The mean of u ** (1 / a) is a / (a + 1).
        assert abs(time.mean() / 1000 - emphasis / (emphasis + 1)) < 0.01
