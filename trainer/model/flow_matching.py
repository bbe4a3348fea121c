"""Flow matching of action chunks along straight lines from noise to actions.

Lipman et al. 2023; Black et al. 2024 (π0) for noisy examples being drawn more often. The same numbers as diffusers'
`FlowMatchEulerDiscreteScheduler`, whose velocity has the other sign.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from trainer.model.config import FlowMatchingConfig

# What the timestep embedding sees of a noise share of 1; its wavelengths are made for about that many steps.
_TIME_SCALE = 1000.0


class FlowMatching:
    """The flow of a configuration."""

    def __init__(self, config: FlowMatchingConfig) -> None:
        self.config = config

    def training_example(self, clean: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Actions (B, T, A) mixed with noise, the times (B,) for it, and the velocity, which is to be predicted."""
        share = torch.rand(len(clean), device=clean.device) ** (1 / self.config.emphasis)
        noise = torch.randn_like(clean)
        return torch.lerp(clean, noise, share[:, None, None]), _TIME_SCALE * share, clean - noise

    def sample(self, predict_velocity: Callable[[Tensor, float], Tensor], noise: Tensor) -> Tensor:
        """Actions from standard normal `noise` (B, T, A), by Euler's method."""
        steps, sample = self.config.sampling_steps, noise
        for step in range(steps):
            sample = sample + predict_velocity(sample, _TIME_SCALE * (1 - step / steps)) / steps
        return sample
