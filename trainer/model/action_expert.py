"""The action expert: a diffusion transformer over a chunk of actions, conditioned by tokens in front of it."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.model.config import DiffusionConfig, ST4VLAConfig
from trainer.model.diffusion import Diffusion
from trainer.model.flow_matching import FlowMatching

_FREQUENCIES = 256


def timestep_embedding(steps: Tensor, size: int = _FREQUENCIES) -> Tensor:
    """Sinusoidal embedding of diffusion steps, or times on their scale, (B,), shape (B, size)."""
    half = size // 2
    frequencies = torch.exp(-math.log(10000) * torch.arange(half, device=steps.device) / half)
    angles = steps[:, None].float() * frequencies
    return torch.cat([angles.cos(), angles.sin()], -1)


class TransformerBlock(nn.Module):
    """Pre-norm self-attention and MLP, each with a residual."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (B, L, W) to tokens of the same shape."""
        query, key, value = self.qkv(self.norm_attention(x)).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value)
        x = x + self.out(attended.transpose(1, 2).flatten(2))
        return x + self.mlp(self.norm_mlp(x))


class ActionExpert(nn.Module):
    """Predicts the noise in a chunk of normalized actions (or the velocity out of it), and samples chunks."""

    def __init__(self, config: ST4VLAConfig) -> None:
        super().__init__()
        self.config = config.action_expert
        denoising = config.denoising
        self.process = Diffusion(denoising) if isinstance(denoising, DiffusionConfig) else FlowMatching(denoising)
        self.guidance = denoising.guidance
        self.chunk, self.action_size = config.action.chunk, len(config.action.names)
        queries, condition_width = config.querying_transformer.queries, config.querying_transformer.width
        width, context = self.config.width, queries + (config.state_size > 0)
        self.null_condition = nn.Parameter(0.02 * torch.randn(queries, condition_width))
        self.condition = nn.Linear(condition_width, width)
        self.state = nn.Linear(config.state_size, width) if config.state_size else None
        self.time = nn.Sequential(nn.Linear(_FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width))
        self.action = nn.Linear(self.action_size, width)
        self.positions = nn.Parameter(0.02 * torch.randn(context + self.chunk, width))
        self.blocks = nn.ModuleList(TransformerBlock(width, self.config.heads) for _ in range(self.config.depth))
        self.norm = nn.LayerNorm(width)
        self.prediction = nn.Linear(width, self.action_size)
        nn.init.zeros_(self.prediction.weight)
        nn.init.zeros_(self.prediction.bias)

    def forward(self, noisy: Tensor, steps: Tensor, condition: Tensor, state: Tensor | None = None) -> Tensor:
        """Predicted noise or velocity, (B, T, A).

        Args:
            noisy: (B, T, A) actions at their noise level.
            steps: (B,) diffusion steps or times.
            condition: (B, Q, C) tokens of the querying transformer.
            state: (B, S) normalized, where the configuration asks for one.
        """
        context = self.condition(condition) + self.time(timestep_embedding(steps))[:, None]
        if self.state is not None:
            assert state is not None, "the configuration asks for a state"
            context = torch.cat([context, self.state(state)[:, None]], 1)
        tokens = torch.cat([context, self.action(noisy)], 1) + self.positions
        for block in self.blocks:
            tokens = block(tokens)
        return self.prediction(self.norm(tokens[:, -self.chunk :]))

    def loss(self, actions: Tensor, valid: Tensor, condition: Tensor, state: Tensor | None = None) -> Tensor:
        """Mean squared error of the prediction over the valid entries of `actions`.

        Args:
            actions: (B, T, A) normalized.
            valid: (B, T) false beyond the end of the episode.
            condition: (B, Q, C); each serves `noise_repeats` draws.
            state: (B, S) normalized, where the configuration asks for one.
        """
        repeats = self.config.noise_repeats
        actions, valid, condition = (x.repeat(repeats, *[1] * (x.ndim - 1)) for x in (actions, valid, condition))
        state = None if state is None else state.repeat(repeats, 1)
        dropped = torch.rand(len(actions), device=actions.device) < self.config.condition_dropout
        condition = torch.where(dropped[:, None, None], self.null_condition.to(condition.dtype), condition)
        noisy, steps, target = self.process.training_example(actions)
        error = (self(noisy, steps, condition, state) - target).square().mean(-1)
        return (error * valid).sum() / valid.sum().clamp(min=1)

    def sample(self, condition: Tensor, noise: Tensor, state: Tensor | None = None) -> Tensor:
        """Chunks of normalized actions, (B, T, A), from standard normal `noise` of that shape, with guidance."""
        both = torch.cat([condition, self.null_condition.to(condition.dtype).expand_as(condition)])
        states = None if state is None else torch.cat([state, state])

        def predict(sample: Tensor, step: float) -> Tensor:
            steps = torch.full((2 * len(sample),), step, device=sample.device)
            conditional, null = self(torch.cat([sample, sample]), steps, both, states).chunk(2)
            return null + self.guidance * (conditional - null)

        def predict_unguided(sample: Tensor, step: float) -> Tensor:
            return self(sample, torch.full((len(sample),), step, device=sample.device), condition, state)

        return self.process.sample(predict_unguided if self.guidance == 1 else predict, noise)
