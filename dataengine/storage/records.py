"""Blocks of episode records: kilobytes an episode, exact, and the same bytes for the same episodes.

A block holds what became of a range of attempts: the records of those that were accepted, and a ledger row of each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import zarr

from dataengine.record import EpisodeMeta, EpisodeRecord
from dataengine.rejection import Rejection
from dataengine.storage.block import block_paths, new_block
from dataengine.storage.columns import TextColumn, write_text
from dataengine.storage.episode_block import EpisodeBlock
from dataengine.storage.episodes import write_episodes
from dataengine.storage.errors import damage_named
from dataengine.storage.group import subgroup
from dataengine.storage.ledger import LedgerRow, ledger_row

FORMAT = "dataengine.records"
FORMAT_VERSION = 4


def write_records(path: Path, results: Sequence[EpisodeRecord | Rejection]) -> None:
    """Write the results of a range of attempts, in their order, as one block.

    Raises:
        BlockNotWritten: if the disk takes no more.
    """
    records = [result for result in results if isinstance(result, EpisodeRecord)]
    with new_block(path) as folder:
        group = zarr.create_group(folder)
        metas = [record.meta.model_dump_json() for record in records]
        write_episodes(group.create_group("episodes"), metas, records)
        write_text(group.create_group("attempts"), "row", [ledger_row(result).model_dump_json() for result in results])
        counts = {
            "attempts": len(results),
            "accepted": len(records),
            "steps": sum(record.steps for record in records),
        }
        group.attrs.update({"format": FORMAT, "format_version": FORMAT_VERSION, "counts": counts})


class RecordBlock(EpisodeBlock[EpisodeRecord]):
    """The records of one block, loaded when asked for, and the ledger rows of all its attempts.

    Attributes:
        counts: `attempts`, `accepted`, `steps`.
    """

    FORMAT, FORMAT_VERSION, COUNTED = FORMAT, FORMAT_VERSION, "accepted"

    @cached_property
    def ledger(self) -> list[LedgerRow]:
        """What became of each attempt, in order."""
        rows = TextColumn.read(subgroup(self._group, "attempts"), "row")
        with damage_named(f"{self.url}/attempts/row"):
            return [LedgerRow.model_validate_json(row) for row in rows]

    def _episode(self, i: int) -> EpisodeRecord:
        with damage_named(f"{self.url}/episodes/meta"):
            meta = EpisodeMeta.model_validate_json(self._episodes.meta(i))
        return EpisodeRecord(meta=meta, **self._episodes.arrays(i, len(meta.bodies)))


def run_records(run: Path) -> Iterator[EpisodeRecord]:
    """All records of a run in the order of attempts, a block at a time."""
    for path in block_paths(run / "records"):
        yield from RecordBlock(path)


def run_ledger(run: Path) -> Iterator[LedgerRow]:
    """The ledger rows of all blocks of a run, in order: what `ledger.parquet` is made from."""
    for path in block_paths(run / "records"):
        yield from RecordBlock(path).ledger
