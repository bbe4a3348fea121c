import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler

from trainer.model.config import DiffusionConfig
from trainer.model.diffusion import add_noise, ddim, sampling_steps, signal_level


def reference(spacing: str, clip: float | None) -> DDIMScheduler:
    scheduler = DDIMScheduler(
        num_train_timesteps=100,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="epsilon",
        clip_sample=clip is not None,
        timestep_spacing=spacing,
    )
    scheduler.set_timesteps(10)
    return scheduler


def test_schedule_and_noising_agree_with_diffusers():
    scheduler = reference("leading", None)
    assert torch.allclose(signal_level(100), scheduler.alphas_cumprod, atol=1e-5)
    clean, noise, steps = torch.randn(8, 16, 8), torch.randn(8, 16, 8), torch.randint(100, (8,))
    ours = add_noise(clean, noise, signal_level(100)[steps])
    assert torch.allclose(ours, scheduler.add_noise(clean, noise, steps), atol=1e-5)


# Trailing without a clip amplifies its input 2,000-fold, in both.
@pytest.mark.parametrize(("spacing", "clip"), [("leading", 1.0), ("leading", None), ("trailing", 1.0)])
def test_sampling_agrees_with_diffusers(spacing, clip):
    config = DiffusionConfig(spacing=spacing, clip=clip)
    scheduler = reference(spacing, clip)
    assert sampling_steps(config) == scheduler.timesteps.tolist()

    mixing = torch.from_numpy(np.random.default_rng(0).normal(size=(8, 8)).astype(np.float32)) / 3

    def predict_noise(sample: torch.Tensor, step: int) -> torch.Tensor:
        return torch.tanh(sample @ mixing + step / 100)

    noise = torch.randn(4, 16, 8, generator=torch.Generator().manual_seed(0))
    expected = noise
    for step in scheduler.timesteps:
        expected = scheduler.step(predict_noise(expected, int(step)), step, expected, eta=0.0).prev_sample
    assert torch.allclose(ddim(predict_noise, noise, config), expected, atol=1e-5)
