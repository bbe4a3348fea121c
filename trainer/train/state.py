"""Checkpoints from which a run goes on exactly: weights, optimizer, random generators, step.

Everything is safetensors and JSON. The newest checkpoint takes the place of the one before it, once it is whole.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.optim import Optimizer

from trainer.data.processor import Processor
from trainer.errors import UnusableCheckpoint
from trainer.model.st4vla import ST4VLA
from trainer.train.optimization import load_optimizer_tensors, optimizer_tensors

_CHECKPOINTS, _STATE = "checkpoints", "training"


def save_checkpoint(out: Path, step: int, model: ST4VLA, processor: Processor, optimizer: Optimizer) -> None:
    """Write the checkpoint after `step` steps; called by the main process, whose generators it keeps."""
    final = out / _CHECKPOINTS / f"{step:08d}"
    partial = final.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    save_model(partial, model, processor)
    state = partial / _STATE
    state.mkdir()
    save_file(optimizer_tensors(model, optimizer), state / "optimizer.safetensors")
    save_file(_generators(), state / "generators.safetensors")
    (state / "progress.json").write_text(json.dumps({"step": step}) + "\n", encoding="utf-8")
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)
    for other in final.parent.iterdir():
        if other != final:
            shutil.rmtree(other)


def save_model(directory: Path, model: ST4VLA, processor: Processor) -> None:
    """Model and processor as one directory that `from_pretrained` reads."""
    model.save_pretrained(directory)
    processor.save_pretrained(directory)


def newest_checkpoint(out: Path) -> Path:
    """The checkpoint to resume from; raises UnusableCheckpoint if the run has none."""
    found = sorted(path for path in (out / _CHECKPOINTS).glob("*") if not path.suffix)
    if not found:
        raise UnusableCheckpoint(f"{out} has no checkpoint to resume from: start it without --resume")
    return found[-1]


def restore_training(checkpoint: Path, model: ST4VLA, optimizer: Optimizer) -> int:
    """Put optimizer and generators back; returns how many steps were done."""
    state = checkpoint / _STATE
    load_optimizer_tensors(model, optimizer, load_file(state / "optimizer.safetensors"))
    generators = load_file(state / "generators.safetensors")
    torch.set_rng_state(generators["cpu"])
    if torch.cuda.is_available() and "cuda" in generators:
        torch.cuda.set_rng_state(generators["cuda"])
    return int(json.loads((state / "progress.json").read_text(encoding="utf-8"))["step"])


def _generators() -> dict[str, Tensor]:
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states
