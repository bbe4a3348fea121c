"""As many blocks as are needed, and the same ones however many workers there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from dataengine.runner.pool import BlockFunction, LostBlock, run_blocks
from dataengine.runner.worker import Report


def run_until(
    function: BlockFunction,
    target: int,
    *,
    count: Callable[[Any], int],
    limit: int,
    workers: int,
    known: Mapping[int, Any] | None = None,
    on_done: Callable[[Report], None] | None = None,
    on_lost: LostBlock | None = None,
    timeout_s: float = 1800.0,
    recycle_after: int = 16,
) -> list[Any]:
    """Run blocks 0, 1, 2, ... until the counts of a gapless beginning add up to `target`.

    Blocks end in any order, but only those of the shortest sufficient beginning are returned, so that the result does
    not depend on the number of workers. Blocks done beyond it are dropped; the caller removes what they wrote
    (`dataengine.runner.folder.keep_first_blocks`).

    Args:
        function: as for `run_blocks`.
        target: wanted sum of counts.
        count: how much a block's value counts, e.g. the number of accepted episodes.
        limit: number of blocks at most; if they do not suffice, all of them are returned.
        workers: number of processes; 0 for none.
        known: values of blocks that were finished by an earlier, interrupted run.
        on_done: called with each report as it comes.
        on_lost: as for `run_blocks`.
        timeout_s: as for `run_blocks`.
        recycle_after: as for `run_blocks`.

    Returns:
        The values of blocks 0 .. n-1.

    Raises:
        BlockFailed: if the function raised.
        WorkerDied: if a block cost two workers and there is no `on_lost`.
    """
    progress = _Progress(target, count, limit, dict(known or {}))
    reports = run_blocks(
        function,
        progress.wanted(),
        workers=workers,
        timeout_s=timeout_s,
        recycle_after=recycle_after,
        on_lost=on_lost,
    )
    with closing(reports):
        for report in reports:
            progress.values[report.block] = report.value
            if on_done is not None:
                on_done(report)
            if progress.reached():
                break
    return progress.beginning()


@dataclass
class _Progress:
    target: int
    count: Callable[[Any], int]
    limit: int
    values: dict[int, Any] = field(default_factory=dict)

    def wanted(self) -> Iterator[int]:
        """Blocks still to be started, until those before them suffice whatever the unfinished ones bring."""
        for block in range(self.limit):
            if sum(self.count(value) for number, value in self.values.items() if number < block) >= self.target:
                return
            if block not in self.values:
                yield block

    def beginning(self) -> list[Any]:
        """The shortest gapless beginning that reaches the target; all that is gapless if none does."""
        values: list[Any] = []
        total = 0
        for block in range(self.limit):
            if total >= self.target or block not in self.values:
                break
            values.append(self.values[block])
            total += self.count(values[-1])
        return values

    def reached(self) -> bool:
        """Whether the gapless beginning suffices."""
        return sum(map(self.count, self.beginning())) >= self.target
