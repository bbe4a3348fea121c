"""Progress on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from trainer.train.log import StepReport


@contextmanager
def training_progress(steps: int) -> Iterator[Callable[[StepReport], None]]:
    """A bar over training steps with the current losses; gives the callback that moves it."""
    columns = (TextColumn("train"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.fields[losses]}"), console=Console(stderr=True)) as progress:
        task = progress.add_task("train", total=steps, losses="")

        def on_step(report: StepReport) -> None:
            losses = {"grounding": report.grounding, "action": report.action}
            shown = "  ".join(f"{name} {value:.3f}" for name, value in losses.items() if value is not None)
            progress.update(task, completed=report.step, losses=shown)

        yield on_step
