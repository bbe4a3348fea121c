"""Every attempt of a run, accepted or not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets_index.files import replacing
from assets_index.schema import Schema
from dataengine.record import EpisodeRecord
from dataengine.rejection import AttemptStage, Cause, Rejection, TriedSubTask, tried_subtasks
from dataengine.storage.errors import UnreadableData

LEDGER = "ledger.parquet"

_TRIED = pa.struct(
    [
        ("skill", pa.string()),
        ("target_asset", pa.string()),
        ("container_asset", pa.string()),
        ("relations", pa.list_(pa.string())),
        ("succeeded", pa.bool_()),
    ]
)
_COLUMNS = pa.schema(
    [
        ("attempt", pa.int64()),
        ("accepted", pa.bool_()),
        ("stage", pa.string()),
        ("cause", pa.string()),
        ("detail", pa.string()),
        ("task", pa.string()),
        ("subtask", pa.int16()),
        ("tried", pa.list_(_TRIED)),
        ("steps", pa.int32()),
    ]
)


class LedgerRow(Schema):
    """One attempt. Wall-clock times are left out: equal seeds give equal ledgers.

    Attributes:
        stage, cause, detail: of the rejection; None and "" if it was accepted.
        task: kind of task; subtask: number of the sub-task that failed, 0 in an accepted attempt.
        tried: the sub-tasks up to the one that failed (`Rejection.tried`), all of an accepted attempt.
        steps: control steps of the record, 0 if there is none.
    """

    attempt: int
    accepted: bool
    stage: AttemptStage | None = None
    cause: Cause | None = None
    detail: str = ""
    task: str | None = None
    subtask: int = 0
    tried: tuple[TriedSubTask, ...] = ()
    steps: int = 0


def ledger_row(result: EpisodeRecord | Rejection) -> LedgerRow:
    """The ledger's row for the result of an attempt."""
    if isinstance(result, Rejection):
        return LedgerRow(accepted=False, **result.model_dump(exclude={"seconds"}))
    task = result.meta.task
    return LedgerRow(
        attempt=result.meta.attempt,
        accepted=True,
        task=task.name,
        tried=tried_subtasks(task, succeeded=len(task.subtasks)),
        steps=result.steps,
    )


def write_ledger(run: Path, rows: Iterable[LedgerRow]) -> Path:
    """Write `ledger.parquet` of a run, replacing an older one at once; returns its path.

    Raises:
        FileNotWritten: if the disk takes no more.
    """
    path = run / LEDGER
    table = pa.Table.from_pylist([row.model_dump(mode="json") for row in rows], _COLUMNS)
    with replacing(path) as scratch:
        pq.write_table(table, scratch, compression="zstd")
    return path


def read_ledger(run: Path) -> list[LedgerRow]:
    """All rows of a run's ledger in the order of attempts.

    Raises:
        UnreadableData: if there is none, or it is damaged.
    """
    path = run / LEDGER
    try:
        table = pq.read_table(path, schema=_COLUMNS)
    except (OSError, pa.ArrowException) as error:
        raise UnreadableData(f"{path}: cannot be read: {' '.join(str(error).split())}") from error
    return [LedgerRow.model_validate(row) for row in table.to_pylist()]
