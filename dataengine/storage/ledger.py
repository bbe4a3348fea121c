"""Every attempt of a run, accepted or not, and the yield by whatever one asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from assets_index.errors import InvalidConfig
from assets_index.files import replacing
from assets_index.schema import Schema
from dataengine.record import EpisodeRecord
from dataengine.rejection import AttemptStage, Cause, Rejection
from dataengine.storage.errors import UnreadableData

LEDGER = "ledger.parquet"

_COLUMNS = pa.schema(
    [
        ("attempt", pa.int64()),
        ("accepted", pa.bool_()),
        ("stage", pa.string()),
        ("cause", pa.string()),
        ("detail", pa.string()),
        ("task", pa.string()),
        ("subtask", pa.int16()),
        ("skill", pa.string()),
        ("target_asset", pa.string()),
        ("container_asset", pa.string()),
        ("relations", pa.list_(pa.string())),
        ("steps", pa.int32()),
    ]
)


class LedgerRow(Schema):
    """One attempt. Wall-clock times are left out: equal seeds give equal ledgers.

    Attributes:
        stage, cause, detail: of the rejection; None and "" if it was accepted.
        task: kind of task; subtask: number of the sub-task that failed, 0 in an accepted attempt.
        skill, target_asset, container_asset, relations: of that sub-task, the first one's of an accepted attempt.
        steps: control steps of the record, 0 if there is none.
    """

    attempt: int
    accepted: bool
    stage: AttemptStage | None = None
    cause: Cause | None = None
    detail: str = ""
    task: str | None = None
    subtask: int = 0
    skill: str | None = None
    target_asset: str | None = None
    container_asset: str | None = None
    relations: tuple[str, ...] = ()
    steps: int = 0


def ledger_row(result: EpisodeRecord | Rejection) -> LedgerRow:
    """The ledger's row for the result of an attempt."""
    if isinstance(result, Rejection):
        return LedgerRow(accepted=False, **result.model_dump(exclude={"seconds"}))
    task = result.meta.task
    first = task.subtasks[0]
    return LedgerRow(
        attempt=result.meta.attempt,
        accepted=True,
        task=task.name,
        skill=first.skill,
        target_asset=task.scene.node(first.target).asset_id,
        container_asset=task.scene.node(first.container).asset_id,
        relations=tuple(relation.kind for relation in first.goal),
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


@dataclass(frozen=True)
class Yield:
    """Attempts that share a key.

    Attributes:
        causes: number of rejections by cause, most frequent first.
    """

    key: str
    attempts: int
    accepted: int
    causes: dict[str, int]

    @property
    def rate(self) -> float:
        """Share of attempts that were accepted."""
        return self.accepted / self.attempts


YieldKey = Literal["all", "stage", "cause", "target_asset", "container_asset", "relation"]


def parse_yield_key(text: str) -> YieldKey:
    """What a person asked the yield by; raises InvalidConfig that names the possible answers."""
    for key in get_args(YieldKey):
        if key == text:
            return key
    raise InvalidConfig(f"the yield can be asked by {', '.join(get_args(YieldKey))}; not by {text!r}")


def yield_table(rows: Sequence[LedgerRow], by: YieldKey = "cause") -> list[Yield]:
    """The yield by one property, the most frequent first; an attempt with two relations counts for both."""
    groups: dict[str, list[LedgerRow]] = {}
    for row in rows:
        for key in _keys(row, by):
            groups.setdefault(key, []).append(row)
    table = [_summary(key, group) for key, group in groups.items()]
    return sorted(table, key=lambda entry: (-entry.attempts, entry.key))


def _summary(key: str, rows: Sequence[LedgerRow]) -> Yield:
    causes = Counter(row.cause.value for row in rows if row.cause)
    ordered = dict(sorted(causes.items(), key=lambda item: (-item[1], item[0])))
    return Yield(key, len(rows), sum(row.accepted for row in rows), ordered)


def _keys(row: LedgerRow, by: YieldKey) -> tuple[str, ...]:
    if by == "all":
        return ("all",)
    if by == "relation":
        return tuple(sorted(set(row.relations))) or ("unknown",)
    if by in ("stage", "cause") and row.accepted:
        return ("accepted",)
    return (getattr(row, by) or "unknown",)
