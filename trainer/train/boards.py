"""Where curves can be watched while a model learns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from torch.utils.tensorboard import SummaryWriter

from trainer.errors import MissingPackage
from trainer.train.recipe import Recipe


class Board(Protocol):
    """Shows numbers over steps."""

    def add(self, values: Mapping[str, float], step: int) -> None:
        """Show the values of a step."""
        ...

    def close(self, *, failed: bool) -> None:
        """Write what is still held back, and say how the run ended where that is shown."""
        ...


class TensorBoard:
    """A folder `tensorboard`; on resume, what lies beyond `step` is hidden."""

    def __init__(self, out: Path, step: int) -> None:
        self._writer = SummaryWriter(str(out / "tensorboard"), purge_step=step + 1)

    def add(self, values: Mapping[str, float], step: int) -> None:
        """One scalar for each value."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def close(self, *, failed: bool) -> None:  # noqa: ARG002
        """Flush; how a run ended is not shown."""
        self._writer.close()


class WeightsAndBiases:
    """A run of a project, the same one when it is resumed; logging in, or working offline, is wandb's affair.

    Raises:
        MissingPackage: if wandb is not installed.
    """

    def __init__(self, project: str, out: Path, recipe: Recipe) -> None:
        try:
            import wandb
        except ImportError as error:
            raise MissingPackage("log.wandb: Weights & Biases is not installed: pip install wandb") from error
        name = str(out.resolve())
        self._run = wandb.init(
            project=project,
            name=out.name,
            id=hashlib.sha256(name.encode()).hexdigest()[:16],
            resume="allow",
            dir=str(out),
            config=recipe.model_dump(mode="json"),
        )

    def add(self, values: Mapping[str, float], step: int) -> None:
        """All values at once."""
        self._run.log(dict(values), step=step)

    def close(self, *, failed: bool) -> None:
        """Upload the rest; a run that an error ended is shown as failed."""
        self._run.finish(exit_code=int(failed))


def open_boards(out: Path, step: int, recipe: Recipe) -> list[Board]:
    """TensorBoard, and Weights & Biases if the recipe names a project of it."""
    boards: list[Board] = [TensorBoard(out, step)]
    if recipe.log.wandb is not None:
        boards.append(WeightsAndBiases(recipe.log.wandb, out, recipe))
    return boards
