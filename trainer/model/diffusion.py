"""Denoising diffusion of action chunks: squared-cosine schedule, ε-prediction, DDIM sampling.

Nichol & Dhariwal 2021 (schedule), Song et al. 2021 (DDIM, eq. 12), Ho & Salimans 2022 (guidance); the same numbers as
diffusers' `DDIMScheduler(beta_schedule="squaredcos_cap_v2")`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from trainer.model.config import DiffusionConfig

_MAX_BETA = 0.999


class Diffusion(nn.Module):
    """The noise process of a configuration."""

    levels: Tensor

    def __init__(self, config: DiffusionConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("levels", signal_level(config.train_steps), persistent=False)

    def training_example(self, clean: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Actions (B, T, A) noised at random steps, the steps (B,), and the noise, which is to be predicted."""
        steps = torch.randint(self.config.train_steps, (len(clean),), device=clean.device)
        noise = torch.randn_like(clean)
        return add_noise(clean, noise, self.levels[steps]), steps, noise

    def sample(self, predict_noise: Callable[[Tensor, float], Tensor], noise: Tensor) -> Tensor:
        """Clean actions from standard normal `noise` (B, T, A), by DDIM."""
        return ddim(predict_noise, noise, self.config)


def signal_level(steps: int) -> Tensor:
    """Cumulative product of alphas of the squared-cosine schedule, shape (steps,), float32."""

    def level(t: float) -> float:
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2

    betas = [min(1 - level((i + 1) / steps) / level(i / steps), _MAX_BETA) for i in range(steps)]
    return torch.cumprod(1 - torch.tensor(betas, dtype=torch.float64), 0).float()


def add_noise(clean: Tensor, noise: Tensor, level: Tensor) -> Tensor:
    """`clean` (B, ...) noised to a signal level (B,)."""
    level = level.reshape(-1, *[1] * (clean.ndim - 1))
    return level.sqrt() * clean + (1 - level).sqrt() * noise


def sampling_steps(config: DiffusionConfig) -> list[int]:
    """Training steps that DDIM visits, noisiest first."""
    total, count = config.train_steps, config.sampling_steps
    if config.spacing == "leading":
        return [i * (total // count) for i in reversed(range(count))]
    return [round(total - i * total / count) - 1 for i in range(count)]


def ddim(predict_noise: Callable[[Tensor, float], Tensor], noise: Tensor, config: DiffusionConfig) -> Tensor:
    """Deterministic DDIM from pure noise to a clean sample of the same shape.

    Args:
        predict_noise: the noise in a sample at a training step.
        noise: standard normal, (B, ...).
        config: which steps are visited, and how far a clean sample may reach.
    """
    levels = signal_level(config.train_steps).to(noise)
    stride = config.train_steps // config.sampling_steps
    sample = noise
    for step in sampling_steps(config):
        predicted = predict_noise(sample, step)
        level = levels[step]
        clean = (sample - (1 - level).sqrt() * predicted) / level.sqrt()
        if config.clip is not None:
            clean = clean.clamp(-config.clip, config.clip)
        next_level = levels[step - stride] if step >= stride else torch.ones_like(level)
        sample = next_level.sqrt() * clean + (1 - next_level).sqrt() * predicted
    return sample
