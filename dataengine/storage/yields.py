"""How much of what was tried succeeded, by whatever one asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from assets_index.errors import InvalidConfig
from dataengine.rejection import TriedSubTask
from dataengine.storage.ledger import LedgerRow

YieldKey = Literal["all", "task", "stage", "cause", "skill", "relation", "target_asset", "container_asset"]


@dataclass(frozen=True)
class Yield:
    """What shares a key.

    Attributes:
        attempts: attempts; sub-tasks that were tried, where the key is a property of sub-tasks.
        accepted: how many of them were accepted, or got done.
        causes: number of failures by cause, most frequent first.
    """

    key: str
    attempts: int
    accepted: int
    causes: dict[str, int]

    @property
    def failed(self) -> int:
        """How many were not accepted."""
        return self.attempts - self.accepted

    @property
    def rate(self) -> float:
        """Share that was accepted."""
        return self.accepted / self.attempts


def parse_yield_key(text: str) -> YieldKey:
    """What a person asked the yield by; raises InvalidConfig that names the possible answers."""
    for key in get_args(YieldKey):
        if key == text:
            return key
    raise InvalidConfig(f"the yield can be asked by {', '.join(get_args(YieldKey))}; not by {text!r}")


def yield_table(rows: Sequence[LedgerRow], by: YieldKey = "cause") -> list[Yield]:
    """The yield by one property, the most frequent first.

    Attempts are counted by "all", "task", "stage" and "cause", sub-tasks by what is a property of theirs; one with two
    relations counts for both. What is not known of an attempt (because its worker died) is under "unknown".
    """
    groups: dict[str, list[tuple[bool, str | None]]] = {}
    for row in rows:
        for key, succeeded in _trials(row, by):
            groups.setdefault(key, []).append((succeeded, None if succeeded or row.cause is None else row.cause.value))
    table = [_summary(key, group) for key, group in groups.items()]
    return sorted(table, key=lambda entry: (-entry.attempts, entry.key))


def _summary(key: str, trials: Sequence[tuple[bool, str | None]]) -> Yield:
    causes = Counter(cause for _, cause in trials if cause)
    ordered = dict(sorted(causes.items(), key=lambda item: (-item[1], item[0])))
    return Yield(key, len(trials), sum(succeeded for succeeded, _ in trials), ordered)


def _trials(row: LedgerRow, by: YieldKey) -> Iterator[tuple[str, bool]]:
    """Keys under which a row counts, each with whether it counts as a success."""
    if by == "all":
        yield "all", row.accepted
    elif by in ("stage", "cause"):
        yield "accepted" if row.accepted else getattr(row, by).value, row.accepted
    elif by == "task":
        yield row.task or "unknown", row.accepted
    elif not row.tried:
        yield "unknown", row.accepted
    for tried in row.tried if by in ("skill", "relation", "target_asset", "container_asset") else ():
        for key in _properties(tried, by):
            yield key, tried.succeeded


def _properties(tried: TriedSubTask, by: YieldKey) -> tuple[str, ...]:
    if by == "relation":
        return tuple(sorted(set(tried.relations))) or ("none",)
    return (getattr(tried, by) or "none",)
