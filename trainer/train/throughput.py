"""How much a training step computes, and how much the device could."""

from __future__ import annotations

import time
from collections.abc import Collection

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from trainer.data.batches import ActionBatch, GroundingBatch
from trainer.randomness import own_random_numbers
from trainer.train.recipe import Recipe
from trainer.train.state import Training

_DATA_SHEET_PEAKS = {"H200": 989e12, "H100 PCIe": 756e12, "H100 NVL": 835e12, "H100": 989e12, "A100": 312e12}
"""bf16 matrix products without sparsity, FLOP/s, by a part of the device's name (NVIDIA's data sheets)."""

_SIZE, _REPEATS = 1024, 5


def peak_flops(device: torch.device, dtype: torch.dtype) -> float:
    """The most that a device computes, FLOP/s.

    From the data sheet for bf16 on a GPU that we know; otherwise that of the fastest of a few large matrix products.
    """
    if device.type == "cuda" and dtype is torch.bfloat16:
        name = torch.cuda.get_device_name(device)
        for part, flops in _DATA_SHEET_PEAKS.items():
            if part in name:
                return flops
    return _measured_peak(device, dtype)


def _measured_peak(device: torch.device, dtype: torch.dtype) -> float:
    size = _SIZE if device.type == "cpu" else 8 * _SIZE
    matrix = torch.ones(size, size, device=device, dtype=dtype)
    seconds = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        (matrix @ matrix)[0, 0].item()  # waits for the device
        seconds.append(time.perf_counter() - began)
    return 2 * size**3 / min(seconds)


class Speed:
    """Tells how well a run uses its device; the operations of its first batch stand for those of all."""

    def __init__(self, training: Training, freeze: Collection[str]) -> None:
        half = training.accelerator.mixed_precision == "bf16"
        self._peak = peak_flops(training.accelerator.device, torch.bfloat16 if half else torch.float32)
        self._training, self._freeze = training, freeze
        self._flops: int | None = None

    def mfu(self, grounding: GroundingBatch | None, action: ActionBatch | None, seconds: float) -> float:
        """Share of the peak that was used on these batches, forward and backward, in so many seconds."""
        if self._flops is None:
            wrapped = self._training.wrapped
            with self._training.accelerator.no_sync(wrapped):  # no backward pass follows
                self._flops = training_flops(wrapped, grounding, action, self._freeze)
        return self._flops / seconds / self._peak


def samples_per_step(recipe: Recipe, processes: int) -> int:
    """Pictures with questions, and moments, that all processes learn from in a step."""
    pictures = 0 if recipe.grounding is None else recipe.grounding.pictures
    moments = 0 if recipe.action is None else recipe.action.samples
    return (pictures + moments) * recipe.accumulate * processes


def training_flops(
    model: nn.Module, grounding: GroundingBatch | None, action: ActionBatch | None, freeze: Collection[str] = ()
) -> int:
    """Floating-point operations of one forward and backward pass over these batches.

    The matrix products and attention of a forward pass, as torch counts them, three times: each has two in the backward
    pass, which frozen modules do not have. What gradient checkpointing computes again is not counted, as usual for MFU.

    Args:
        model: ST4VLA, as it is or wrapped; weights, gradients and generators stay as they are.
        grounding: a batch of questions.
        action: a batch of moments.
        freeze: paths of modules that are not trained; they must stand at the model's inputs.
    """
    device = next(model.parameters()).device
    # With gradients, since torch's counter cannot follow views of weights without; it cannot see into compiled blocks.
    eager = torch.compiler.set_stance("force_eager")
    with own_random_numbers(device), eager, FlopCounterMode(display=False) as counter:
        model(grounding, action)
    root = type(model).__name__  # under which the counter names every module, and a wrapper's own as `module`
    paths = {f"{root}.{wrapped}{path}" for path in freeze for wrapped in ("", "module.")}
    frozen = sum(sum(flops.values()) for name, flops in counter.get_flop_counts().items() if name in paths)
    return 3 * counter.get_total_flops() - 2 * frozen
