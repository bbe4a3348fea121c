"""Progress bars, all of one look, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Advance = Callable[[int, str], None]
"""Called with the number of steps done since the last call, and a few words to show behind the bar."""

Count = Callable[[int, int], None]
"""Called with the number of steps done so far, and of all."""


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


@contextmanager
def counting_bar(description: str) -> Iterator[Count]:
    """A bar for functions that report how many of how many are done; it appears with the first report."""
    with ExitStack() as stack:
        advance: Advance | None = None
        shown = 0

        def count(done: int, total: int) -> None:
            nonlocal advance, shown
            advance = advance or stack.enter_context(progress_bar(description, total))
            advance(done - shown, "")
            shown = done

        yield count
