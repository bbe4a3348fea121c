"""Tables of a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trainer.evaluate.grounding import KindReport

SMALLER_IS_BETTER = ("mae", "l2", "distance")


@dataclass(frozen=True)
class Cell:
    """A figure, and whether it is better than that of a constant answer."""

    text: str
    better: bool = False


@dataclass(frozen=True)
class GroundingRow:
    """One metric of one kind of question: a cell for each model, then the constant answer's."""

    kind: str
    samples: int
    metric: str
    cells: tuple[Cell, ...]
    constant: str


def grounding_rows(models: Mapping[str, Mapping[str, KindReport]]) -> Iterator[GroundingRow]:
    """Every metric of every kind, and the share of unreadable answers, of models that were asked the same questions."""
    for kind, first in next(iter(models.values())).items():
        reports = [model[kind] for model in models.values()]
        for metric, constant in first.baseline.items():
            cells = tuple(_cell(metric, report.model.get(metric), constant) for report in reports)
            yield GroundingRow(kind, first.samples, metric.replace("_", " "), cells, f"{constant:.2f}")
        yield GroundingRow(
            kind, first.samples, "unreadable", tuple(Cell(f"{report.unreadable:.0%}") for report in reports), ""
        )


def _cell(metric: str, value: float | None, constant: float) -> Cell:
    if value is None:
        return Cell("–")
    return Cell(f"{value:.2f}", value < constant if metric in SMALLER_IS_BETTER else value > constant)
