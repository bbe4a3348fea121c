"""Looking at a run's records one by one, on as many cores as there are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

from assets_index.errors import EngineError
from assets_index.index import AssetIndex
from dataengine.pipeline.generate import open_index
from dataengine.pipeline.run import require_content, run_config
from dataengine.record import EpisodeRecord
from dataengine.runner.pool import run_blocks
from dataengine.storage.block import block_number, block_path, block_paths
from dataengine.storage.records import RecordBlock

Finding = TypeVar("Finding")
Examine = Callable[[EpisodeRecord, AssetIndex], Finding]


class NoEpisode(EngineError):
    """An episode was asked for that the run does not hold."""


def examine_records(
    run: Path,
    examine: Examine[Finding],
    *,
    attempts: Collection[int] | None = None,
    index_root: Path | None = None,
    workers: int = 0,
    on_block: Callable[[int, int], None] | None = None,
) -> list[Finding]:
    """Call `examine(record, index)` for each record of a run; what it gives, in the order of attempts.

    Args:
        run: folder of the run.
        examine: a function that can be pickled.
        attempts: numbers of those to look at; None for all that were accepted.
        index_root: folder of the asset index; None for the default one.
        workers: processes; 0 works in this one.
        on_block: called with the number of blocks done and of all.

    Raises:
        NoRun: if the folder is not a run.
        OtherContent: if it is one of layouts.
        NoEpisode: if none of them was accepted.
        MissingAsset, CorruptBlock: inside a BlockFailed.
    """
    blocks = _blocks(run, attempts)
    require_content(run, "episodes")
    function = partial(_examine_block, run=run, examine=examine, attempts=attempts, index_root=index_root)
    found: dict[int, list[Finding]] = {}
    with closing(run_blocks(function, blocks, workers=min(workers, len(blocks)))) as reports:
        for report in reports:
            found[report.block] = report.value
            if on_block is not None:
                on_block(len(found), len(blocks))
    findings = [finding for block in sorted(found) for finding in found[block]]
    if not findings:
        asked = "" if attempts is None else " " + ", ".join(map(str, sorted(attempts)))
        raise NoEpisode(f"{run} holds no accepted episode{asked}; `dataengine yield {run}` shows what it holds")
    return findings


def _blocks(run: Path, attempts: Collection[int] | None) -> list[int]:
    size = run_config(run).block_attempts
    wanted = None if attempts is None else {attempt // size for attempt in attempts}
    there = [block_number(path) for path in block_paths(run / "records")]
    return [block for block in there if wanted is None or block in wanted]


def _examine_block(
    block: int,
    *,
    run: Path,
    examine: Examine[Finding],
    attempts: Collection[int] | None,
    index_root: Path | None,
) -> list[Finding]:
    index = open_index(index_root)
    records = RecordBlock(block_path(run / "records", block))
    return [examine(record, index) for record in records if attempts is None or record.meta.attempt in attempts]
