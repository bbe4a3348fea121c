"""From configuration to verified records: the physics half of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from assets_index.errors import EngineError
from assets_index.index import AssetIndex
from assets_index.seeding import Stage, generator
from dataengine.engine import attempt
from dataengine.engine.graspability import graspability
from dataengine.failure import FailedEpisode
from dataengine.pipeline.attribution import credit_run
from dataengine.pipeline.config import RunConfig
from dataengine.pipeline.quarantine import CatalogWithout, Trials
from dataengine.pipeline.run import Content, begin_run, note
from dataengine.record import EpisodeRecord
from dataengine.rejection import AttemptStage, Cause, Rejection
from dataengine.runner.errors import WorkerDied
from dataengine.runner.folder import keep_first_blocks, run_folder
from dataengine.runner.prefix import run_until
from dataengine.storage.block import block_number, block_path, block_paths
from dataengine.storage.failures import FOLDER as FAILURES
from dataengine.storage.failures import write_failures
from dataengine.storage.ledger import LedgerRow, write_ledger
from dataengine.storage.records import RecordBlock, run_ledger, write_records
from scene_graph.catalog import AssetCatalog
from scene_graph.errors import ImpossibleTask
from scene_graph.task import TaskSpec
from scene_graph.tasks import synthesize

MADE_OF: dict[Content, str] = {"episodes": "records", "layouts": "shards"}
"""Folder of the blocks that are made first; a run has begun where it holds any."""

Summary = TypeVar("Summary")

FIRST_TASKS = 8
"""Tasks tried before a run begins: if none can be made, its filters are wrong; later ones are just rejected."""


class TooFewAccepted(EngineError):
    """Attempts ran out before enough episodes were accepted; what was accepted is kept."""


@dataclass(frozen=True)
class BlockSummary:
    """What became of one block of attempts."""

    attempts: int
    accepted: int


def generate(
    run: Path,
    config: RunConfig,
    *,
    index_root: Path | None = None,
    workers: int = 0,
    timeout_s: float = 600.0,
    on_block: Callable[[BlockSummary], None] | None = None,
) -> BlockSummary:
    """Make a run's records until `config.episodes` are accepted; finished blocks of an earlier call are kept.

    Args:
        run: folder of the run.
        config: what the records depend on.
        index_root: folder of the asset index; None for the default one.
        workers: processes; 0 works in this one.
        timeout_s: longest time that a block may take.
        on_block: called with each block that is there, the old ones first.

    Returns:
        The totals of the run.

    Raises:
        ConfigChanged: if the folder holds a run of another configuration.
        OtherContent: if it holds one of layouts.
        RunBusy: if another process writes into it.
        BlockNotWritten: if the disk takes no more.
        TooFewAccepted: if `config.max_attempts_per_episode` did not suffice.
        ImpossibleTask: if none of the first tasks can be made.
    """
    tell = on_block or (lambda _summary: None)
    with begun(run, config, "episodes", open_index(index_root), _summary, tell) as known:
        summaries, offenders = _in_rounds(run, config, known, index_root, workers, timeout_s, tell)
        for folder in ("records", FAILURES):
            keep_first_blocks(run / folder, len(summaries))
        write_ledger(run, run_ledger(run))
        credit_run(run, open_index(index_root))
        total = BlockSummary(sum(s.attempts for s in summaries), sum(s.accepted for s in summaries))
        note(run, attempts=total.attempts, accepted=total.accepted, quarantined=offenders)
    if total.accepted < config.episodes:
        raise TooFewAccepted(
            f"{total.accepted} of {total.attempts} attempts accepted, {config.episodes} wanted; "
            f"`dataengine yield {run}` shows why"
        )
    return total


@contextmanager
def begun(
    run: Path,
    config: RunConfig,
    content: Content,
    index: AssetIndex,
    summarize: Callable[[Path], Summary],
    tell: Callable[[Summary], None],
) -> Iterator[dict[int, Summary]]:
    """A run's folder, held by this process alone, with its configuration in it.

    Yields:
        What became of the blocks that are there already, by number; each has been told.

    Raises:
        ConfigChanged, OtherContent, RunBusy, ImpossibleTask: as `generate`.
    """
    blocks = run / MADE_OF[content]
    if not block_paths(blocks):
        check_possible(config, index)
    with run_folder(run):
        begin_run(run, config, content)
        known = {block_number(path): summarize(path) for path in block_paths(blocks)}
        for summary in known.values():
            tell(summary)
        yield known


def _in_rounds(
    run: Path,
    config: RunConfig,
    known: dict[int, BlockSummary],
    index_root: Path | None,
    workers: int,
    timeout_s: float,
    tell: Callable[[BlockSummary], None],
) -> tuple[list[BlockSummary], dict[str, str]]:
    """Do blocks until enough episodes are accepted; before each round, assets that kept failing are put aside.

    Returns:
        What became of the blocks, and what was put aside before the last round.
    """
    limit = -(-config.episodes * config.max_attempts_per_episode // config.block_attempts)
    quarantine, trials = config.quarantine, Trials()
    size = quarantine.every_blocks if quarantine else limit
    summaries: list[BlockSummary] = []
    offenders: dict[str, str] = {}
    for first in range(0, limit, size):
        if quarantine and first:
            trials.add(row for block in range(first - size, first) for row in _rows(run, block))
            offenders = trials.offenders(quarantine)
        summaries = run_until(
            partial(generate_block, run=run, config=config, index_root=index_root, quarantined=frozenset(offenders)),
            config.episodes,
            count=lambda summary: summary.accepted,
            limit=min(first + size, limit),
            workers=workers,
            known=known | dict(enumerate(summaries)),
            on_done=lambda report: tell(report.value),
            on_lost=partial(_write_lost, run=run, config=config),
            timeout_s=timeout_s,
        )
        if sum(summary.accepted for summary in summaries) >= config.episodes:
            break
    return summaries, offenders


def _rows(run: Path, block: int) -> list[LedgerRow]:
    return RecordBlock(block_path(run / "records", block)).ledger


def generate_block(
    block: int,
    *,
    run: Path,
    config: RunConfig,
    index_root: Path | None = None,
    quarantined: frozenset[str] = frozenset(),
) -> BlockSummary:
    """Attempt the episodes of one block and write what became of them: a pure function of its arguments.

    No task is made of assets that are `quarantined`.
    """
    index = open_index(index_root)
    failures: list[FailedEpisode] = []
    results = [
        attempt(
            number,
            run_seed=config.seed,
            assets=index,
            config=config.engine,
            make_task=partial(make_task, index, quarantined, config),
            keep_failure=failures.append if config.keep_failures else None,
        )
        for number in attempts_of(block, config)
    ]
    if failures:  # before the records: where these are, the block is done
        write_failures(block_path(run / FAILURES, block), failures)
    write_records(block_path(run / "records", block), results)
    return BlockSummary(len(results), sum(isinstance(result, EpisodeRecord) for result in results))


@cache
def open_index(root: Path | None) -> AssetIndex:
    """The asset index of this process."""
    return AssetIndex.open(root)


def make_task(
    index: AssetIndex, quarantined: frozenset[str], config: RunConfig, _number: int, rng: np.random.Generator
) -> TaskSpec:
    """The task of an attempt, made of assets that are not `quarantined`."""
    return synthesize(config.task, _catalog(index, quarantined), rng, graspability(index, config.engine))


def check_possible(config: RunConfig, index: AssetIndex) -> None:
    """Raise ImpossibleTask, of one line, if no assets make any of the first tasks of a run."""
    impossible: list[ImpossibleTask] = []
    for number in range(FIRST_TASKS):
        try:
            make_task(index, frozenset(), config, number, generator(config.seed, Stage.TASK, number))
        except ImpossibleTask as error:
            impossible.append(error)
        else:
            return
    raise impossible[0]


@lru_cache(maxsize=4)
def _catalog(index: AssetIndex, quarantined: frozenset[str]) -> AssetCatalog:
    """The assets to choose from; one object as long as nothing changes, because what is known of it is cached."""
    return CatalogWithout(index, quarantined) if quarantined else index


def attempts_of(block: int, config: RunConfig) -> range:
    """Numbers of the attempts of a block."""
    return range(block * config.block_attempts, (block + 1) * config.block_attempts)


def _summary(path: Path) -> BlockSummary:
    counts = RecordBlock(path).counts
    return BlockSummary(counts["attempts"], counts["accepted"])


def _write_lost(block: int, error: WorkerDied, *, run: Path, config: RunConfig) -> BlockSummary:
    """A block that cost two workers becomes rejections, so that the run goes on and the ledger says so."""
    results = [
        Rejection(attempt=number, stage=AttemptStage.EXECUTE, cause=Cause.WORKER_DIED, detail=str(error))
        for number in attempts_of(block, config)
    ]
    write_records(block_path(run / "records", block), results)
    return BlockSummary(len(results), 0)
