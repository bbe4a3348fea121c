"""What a run writes about itself: metrics line by line and for TensorBoard, its recipe, and package versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml
from torch.utils.tensorboard import SummaryWriter

from assets_index.errors import InvalidConfig
from trainer.train.recipe import Recipe

_PACKAGES = ("st4vla-dataengine", "torch", "transformers", "accelerate")


@dataclass(frozen=True)
class StepReport:
    """One optimizer step. Losses are those of the main process, None for a stream the recipe does not have.

    Attributes:
        step: counted from 1.
        loss: the weighted sum.
        rate: learning rate over its peak.
        data_seconds: waiting for the batch; seconds: the whole step.
    """

    step: int
    loss: float
    grounding: float | None
    action: float | None
    gradient_norm: float
    rate: float
    data_seconds: float
    seconds: float


class MetricsLog:
    """Appends reports to `metrics.jsonl` and to TensorBoard; on resume, what lies beyond the checkpoint is cut off."""

    def __init__(self, out: Path, step: int) -> None:
        path = out / "metrics.jsonl"
        kept = read_metrics(path)[:step] if step else []
        path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
        self._file = path.open("a", encoding="utf-8")
        self._board = SummaryWriter(str(out / "tensorboard"), purge_step=step + 1)

    def write(self, report: StepReport) -> None:
        """Add one step."""
        row = asdict(report)
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()
        for name, value in row.items():
            if name != "step" and value is not None:
                self._board.add_scalar(name, value, report.step)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._board.close()


def read_metrics(path: Path) -> list[dict[str, float | None]]:
    """The rows of a `metrics.jsonl`, one per step; a last line that was cut off by a kill is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1]]


def describe_run(out: Path, recipe: Recipe, model: Path, data: Sequence[str]) -> None:
    """Write `recipe.yaml` and `run.json`."""
    text = recipe_text(recipe)
    (out / "recipe.yaml").write_text(text, encoding="utf-8")
    facts = {
        "recipe_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "model": str(model),
        "data": list(data),
        "versions": {name: _version(name) for name in _PACKAGES},
    }
    (out / "run.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def recipe_text(recipe: Recipe) -> str:
    """The resolved recipe as YAML."""
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False)


def check_same_recipe(out: Path, recipe: Recipe) -> None:
    """Raise InvalidConfig, naming the first key, if a run to be resumed was started with another recipe."""
    before = yaml.safe_load((out / "recipe.yaml").read_text(encoding="utf-8"))
    for key, value in recipe.model_dump(mode="json").items():
        if before.get(key) != value:
            raise InvalidConfig(f"{out}: {key} was {before.get(key)} when the run began and is {value} now")
