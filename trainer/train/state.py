"""Checkpoints from which a run goes on exactly: weights, optimizer, average, random generators, step.

Everything is safetensors and JSON, whole even where the model is sharded. The newest checkpoint takes the place of the
one before it, once it is complete.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.optim import Optimizer

from trainer.data.processor import Processor
from trainer.errors import UnusableCheckpoint
from trainer.json_files import read_json
from trainer.model.st4vla import ST4VLA
from trainer.model.weights import check_whole
from trainer.train.averaging import WeightAverage

_CHECKPOINTS, _STATE = "checkpoints", "training"
# Only the main process gets tensors, on the CPU; the others an empty dictionary.
_WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


@dataclass(frozen=True)
class Training:
    """What changes in a run. Its methods are called by every process.

    Attributes:
        model: as it was made; wrapped: the same, as accelerate has prepared it.
        average: None without one.
    """

    accelerator: Accelerator
    model: ST4VLA
    wrapped: nn.Module
    processor: Processor
    optimizer: Optimizer
    average: WeightAverage | None

    def save_model(self, directory: Path) -> None:
        """Write a folder that `from_pretrained` reads, with the average's weights if there is one."""
        with self.trained_weights():
            self._write_model(directory)
        self.accelerator.wait_for_everyone()

    def trained_weights(self) -> AbstractContextManager[None]:
        """Within it the model has the weights of the trained model: the average's if there is one."""
        return self.average.applied() if self.average else nullcontext()

    def save_checkpoint(self, out: Path, step: int) -> None:
        """Write the checkpoint after `step` steps; it is there for every process when this returns."""
        final = out / _CHECKPOINTS / f"{step:08d}"
        partial = final.with_suffix(".partial")
        state = partial / _STATE
        if self.accelerator.is_main_process:
            shutil.rmtree(partial, ignore_errors=True)
            state.mkdir(parents=True)
        self.accelerator.wait_for_everyone()
        self._write_model(partial)
        save_file(_generators(), state / _generator_file(self.accelerator.process_index))
        optimizer: dict[str, Any] = get_optimizer_state_dict(self.wrapped, self.optimizer, options=_WHOLE)
        averaged: dict[str, Any] = {}
        if self.average is not None:
            with self.average.applied():
                averaged = _separate(self._weights())
        if self.accelerator.is_main_process:
            save_file(_flat(optimizer["state"]), state / "optimizer.safetensors")
            if self.average is not None:
                save_file(averaged, state / "average.safetensors")
            (state / "progress.json").write_text(json.dumps({"step": step}) + "\n", encoding="utf-8")
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            _replace(partial, final)
        self.accelerator.wait_for_everyone()

    def restore(self, checkpoint: Path) -> int:
        """Put optimizer, average and generators back; returns how many steps were done.

        Raises:
            UnusableCheckpoint: if a part is missing or broken, or if another number of processes wrote it, whose random
                numbers would not be the same.
        """
        state = checkpoint / _STATE
        wrote, run = len(list(state.glob("generators-*.safetensors"))), self.accelerator.num_processes
        if wrote != run:
            raise UnusableCheckpoint(
                f"{checkpoint} was written by {wrote} processes; resume it with as many, not {run}"
            )
        current: dict[str, Any] = get_optimizer_state_dict(self.wrapped, self.optimizer)
        stored = _read_tensors(state / "optimizer.safetensors", like=_flat(current["state"]))
        current["state"] = _nested(stored)
        set_optimizer_state_dict(self.wrapped, self.optimizer, optim_state_dict=current, options=_WHOLE)
        if self.average is not None:
            with self.average.applied():
                names = get_model_state_dict(self.wrapped)
                averaged: dict[str, Any] = _read_tensors(state / "average.safetensors", like=names)
                set_model_state_dict(self.wrapped, averaged, options=_WHOLE)
        _set_generators(_read_tensors(state / _generator_file(self.accelerator.process_index), like=_generators()))
        return int(read_json(state / "progress.json", "step")["step"])

    def _write_model(self, directory: Path) -> None:
        weights = self._weights()
        if self.accelerator.is_main_process:
            self.model.save_pretrained(directory, weights)
            self.processor.save_pretrained(directory)

    def _weights(self) -> dict[str, Any]:
        return get_model_state_dict(self.wrapped, options=_WHOLE)


def newest_checkpoint(out: Path) -> Path:
    """The checkpoint to resume from; raises UnusableCheckpoint if the run has none."""
    found = sorted(path for path in (out / _CHECKPOINTS).glob("*") if not path.suffix)
    if not found:
        raise UnusableCheckpoint(f"{out} has no checkpoint to resume from: start it without --resume")
    return found[-1]


def _replace(partial: Path, final: Path) -> None:
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)
    for other in final.parent.iterdir():
        if other != final:
            shutil.rmtree(other)


def _read_tensors(path: Path, like: Collection[str]) -> dict[str, Tensor]:
    """The tensors of a file, which must have the names of `like`."""
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise UnusableCheckpoint(f"{path} cannot be read: {' '.join(str(error).split())}") from error
    check_whole(str(path), set(like) - tensors.keys(), tensors.keys() - set(like))
    return tensors


def _flat(nested: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
    pairs = ((name, quantity, value) for name, values in nested.items() for quantity, value in values.items())
    return _separate({f"{name}:{quantity}": value for name, quantity, value in pairs})


def _nested(flat: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    nested: dict[str, dict[str, Tensor]] = {}
    for path, value in flat.items():
        name, quantity = path.rsplit(":", 1)
        nested.setdefault(name, {})[quantity] = value
    return nested


def _separate(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies: tied weights share memory, which safetensors refuses, and on a CPU all of them do with the model."""
    return {name: value.clone().contiguous() for name, value in tensors.items()}


def _generator_file(rank: int) -> str:
    return f"generators-{rank:05d}.safetensors"


def _generators() -> dict[str, Tensor]:
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def _set_generators(states: dict[str, Tensor]) -> None:
    torch.set_rng_state(states["cpu"])
    if torch.cuda.is_available() and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"])
