"""What a run writes about itself: metrics line by line, its recipe, and package versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

import yaml

from assets_index.errors import InvalidConfig
from assets_index.schema import read_yaml
from trainer.train.boards import Board
from trainer.train.probes import ProbeReport
from trainer.train.recipe import Recipe

METRICS, PROBES = "metrics.jsonl", "probes.jsonl"
_PACKAGES = ("st4vla-dataengine", "torch", "transformers", "accelerate")


@dataclass(frozen=True)
class StepReport:
    """One optimizer step. Losses are those of the main process, None for a stream the recipe does not have.

    Attributes:
        step: counted from 1.
        loss: the weighted sum.
        rate: learning rate over its peak.
        data_seconds: waiting for the batch; seconds: the whole step.
        samples: pictures with questions, and moments, that all processes learned from.
        mfu: share of the device's peak that was used (`trainer.train.throughput`), on the main process.
    """

    step: int
    loss: float
    grounding: float | None
    action: float | None
    gradient_norm: float
    rate: float
    data_seconds: float
    seconds: float
    samples: int
    mfu: float


class MetricsLog:
    """Appends steps to `metrics.jsonl` and measurements to `probes.jsonl`, and both to the boards.

    Args:
        out: the run; what its files hold beyond `step` is cut off.
        step: the last one that was done before.
        boards: each is told every number, with its name and step, and closed at the end.
    """

    def __init__(self, out: Path, step: int, boards: Sequence[Board]) -> None:
        self._steps = _reopened(out / METRICS, step)
        self._probes = _reopened(out / PROBES, step)
        self._boards = boards

    def write(self, report: StepReport) -> None:
        """Add one step."""
        self._add(self._steps, asdict(report), "")

    def write_probe(self, report: ProbeReport) -> None:
        """Add a measurement."""
        self._add(self._probes, report.model_dump(), "heldout/")

    def _add(self, file: TextIO, row: dict[str, Any], group: str) -> None:
        file.write(json.dumps(row) + "\n")
        file.flush()
        values = {f"{group}{name}": value for name, value in row.items() if name != "step" and value is not None}
        for board in self._boards:
            board.add(values, row["step"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._steps.close()
        self._probes.close()
        for board in self._boards:
            board.close(failed=error is not None)


def _reopened(path: Path, step: int) -> TextIO:
    """The file, with the rows up to a step, to be added to."""
    kept = [row for row in read_metrics(path) if (row["step"] or 0) <= step] if step else []
    path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    return path.open("a", encoding="utf-8")


def read_metrics(path: Path) -> list[dict[str, float | None]]:
    """The rows of a `metrics.jsonl` or `probes.jsonl`; a last line that was cut off by a kill is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[:-1]]


def describe_run(out: Path, recipe: Recipe, model: Path, data: Sequence[str], sizes: Sequence[dict[str, int]]) -> None:
    """Write `recipe.yaml` and `run.json`; `sizes` is how much each source holds."""
    out.mkdir(parents=True, exist_ok=True)
    text = recipe_text(recipe)
    (out / "recipe.yaml").write_text(text, encoding="utf-8")
    facts = {
        "recipe_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "model": str(model),
        "data": list(data),
        "sizes": list(sizes),
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


def check_same_run(out: Path, recipe: Recipe, sizes: Sequence[dict[str, int]]) -> None:
    """Raise InvalidConfig if a run to be resumed was started with another recipe or on other data.

    Data may have moved: what counts is how much each source holds.
    """
    before = read_yaml(out / "recipe.yaml", Recipe).model_dump(mode="json")
    for key, value in recipe.model_dump(mode="json").items():
        if before[key] != value:
            raise InvalidConfig(f"{out}: {key} was {before[key]} when the run began and is {value} now")
    facts = json.loads((out / "run.json").read_text(encoding="utf-8"))
    if facts["sizes"] != list(sizes):
        raise InvalidConfig(
            f"{out}: the sources held {facts['sizes']} when the run began and hold {list(sizes)} now: "
            "resume on the data that run.json names"
        )
