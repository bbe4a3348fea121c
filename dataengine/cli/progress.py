"""Progress bars, all of one look, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Advance = Callable[[int, str], None]
"""Called with the number of steps done since the last call, and a few words to show behind the bar."""


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Advance]:
    """A bar for work of `total` steps; without a terminal one line is printed at the end."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(description, total=total, words="")

        def advance(steps: int, words: str = "") -> None:
            progress.update(task, advance=steps, words=words)

        yield advance
