"""Gradients from the action expert reach the planner attenuated (paper 2.1)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class _GradientDecay(torch.autograd.Function):
    # An autograd function, not `a * x + (1 - a) * x.detach()`: that one rounds the values on their way forward.
    @staticmethod
    def forward(ctx: Any, x: Tensor, factor: float) -> Tensor:
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] * ctx.factor, None


def decay_gradient(x: Tensor, factor: float) -> Tensor:
    """`x`, bit for bit; on the way back its gradient is multiplied by `factor`."""
    return _GradientDecay.apply(x, factor)
