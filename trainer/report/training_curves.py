"""What runs did on held-out data while they learned: the paper's Figure 3, for one run or several side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from trainer.errors import NothingMeasured
from trainer.train.log import PROBES, read_metrics


@dataclass(frozen=True)
class Panel:
    """One quantity over steps.

    Attributes:
        title: above the panel, with its letter in the paper.
        quantity: name in `ProbeReport`.
        absent: what to write where no run measured it.
    """

    title: str
    quantity: str
    absent: str


PANELS = (
    Panel("(a) perception: box IoU@0.5", "box_iou_50", "no boxes among the held-out questions"),
    Panel("(b) manipulation: success at the end", "success_at_end", "log.trials is 0"),
    Panel("(c) gradient similarity: PSS", "pss", "needs questions and actions"),
)


def training_curves(runs: Mapping[str, Path]) -> Figure:
    """The three panels of Figure 3; dotted beside PSS is what random gradients would have.

    Args:
        runs: folders of runs by the names under which they are shown.

    Raises:
        NothingMeasured: if a run measured nothing on the way.
    """
    measured = {name: _probes(folder) for name, folder in runs.items()}
    figure = Figure(figsize=(4.4 * len(PANELS), 3.4), layout="constrained")
    for axes, panel in zip(figure.subplots(1, len(PANELS)), PANELS, strict=True):
        axes.set(title=panel.title, xlabel="step", ylim=(-0.03, 1.03))
        for number, (name, rows) in enumerate(measured.items()):
            _draw(axes, rows, panel.quantity, color=f"C{number}", label=name, marker="o", markersize=3)
            if panel.quantity == "pss":
                _draw(axes, rows, "pss_chance", color=f"C{number}", linestyle=":")
        if axes.lines:
            axes.legend(fontsize="small")
        else:
            axes.text(0.5, 0.5, panel.absent, transform=axes.transAxes, ha="center", color="gray")
    return figure


def write_training_curves(runs: Sequence[Path], path: Path) -> None:
    """Draw runs, each under the name of its folder, into a PNG, PDF or SVG.

    Raises:
        NothingMeasured: if a run measured nothing on the way.
    """
    names = [run.resolve().name for run in runs]
    twice = len(set(names)) < len(names)
    figure = training_curves({str(run) if twice else name: run for run, name in zip(runs, names, strict=True)})
    figure.savefig(path, dpi=150)


def _probes(folder: Path) -> list[dict[str, Any]]:
    rows = read_metrics(folder / PROBES)
    if not rows:
        raise NothingMeasured(f"{folder}: nothing was measured on the way: train with --heldout")
    return rows


def _draw(axes: Any, rows: Sequence[Mapping[str, Any]], quantity: str, **style: Any) -> None:
    points = [(row["step"], row[quantity]) for row in rows if row[quantity] is not None]
    if points:
        axes.plot(*zip(*points, strict=True), **style)
