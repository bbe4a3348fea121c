"""Ingesting many files: in parallel, only what is new, and with every failure kept as a quarantine reason."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

from assets_index.asset import Source
from assets_index.builder import BuiltAsset
from assets_index.cache import cache_directory
from assets_index.errors import EngineError, UnusableMesh
from assets_index.files import write_text_whole
from assets_index.index import AssetIndex
from assets_index.ingest.load import UnreadableMesh

Progress = Callable[[int, int], None]


class IngestFailed(EngineError):
    """The ingest as a whole could not be done."""


class Candidate(Protocol):
    """Something that may become an asset; it is sent to a worker process, so it holds names and no data."""

    @property
    def source(self) -> Source:
        """Where it comes from; its reference tells it from all others."""

    def digest(self) -> str:
        """A hash of all that the result depends on: files, description and the pipeline's version."""

    def build(self) -> BuiltAsset:
        """Load and prepare it.

        Raises:
            UnusableMesh, UnreadableMesh: if it cannot become an asset.
        """


@dataclass(frozen=True)
class IngestReport:
    """What came of an ingest.

    Attributes:
        added: ids that were not in the index before; `kept`: ids that were there already.
        quarantined: reason by reference.
    """

    added: tuple[str, ...]
    kept: tuple[str, ...]
    quarantined: dict[str, str]


@dataclass(frozen=True)
class _Outcome:
    reference: str
    asset_id: str | None
    reason: str | None
    new: bool


def ingest(
    candidates: Sequence[Candidate], index: AssetIndex, workers: int = 1, progress: Progress | None = None
) -> IngestReport:
    """Bring candidates into the index; what was ingested before, unchanged, costs almost nothing.

    Args:
        candidates: what may become assets.
        index: where they go.
        workers: processes; the result does not depend on their number.
        progress: called with the number of candidates done and the number of all.

    Raises:
        IngestFailed: if a worker process dies.
    """
    outcomes = [_settled(index, candidate) for candidate in candidates]
    todo = [number for number, outcome in enumerate(outcomes) if outcome is None]
    done = len(candidates) - len(todo)
    if progress:
        progress(done, len(candidates))
    for number, outcome in zip(todo, _built([candidates[k] for k in todo], index, workers), strict=True):
        outcomes[number] = outcome
        done += 1
        if progress:
            progress(done, len(candidates))
    return _report(index, [outcome for outcome in outcomes if outcome is not None])


def _report(index: AssetIndex, outcomes: Sequence[_Outcome]) -> IngestReport:
    for outcome in outcomes:
        if outcome.reason is not None:
            index.quarantine(outcome.reference, outcome.reason)
    made = [(outcome.asset_id, outcome.new) for outcome in outcomes if outcome.asset_id is not None]
    return IngestReport(
        added=tuple(sorted(asset_id for asset_id, new in made if new)),
        kept=tuple(sorted(asset_id for asset_id, new in made if not new)),
        quarantined={o.reference: o.reason for o in outcomes if o.reason is not None},
    )


def _built(candidates: Sequence[Candidate], index: AssetIndex, workers: int) -> Iterator[_Outcome]:
    one = partial(_ingest_one, index)
    if workers <= 1 or len(candidates) <= 1:
        yield from map(one, candidates)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_use_one_thread) as pool:
        try:
            yield from pool.map(one, candidates)
        except BrokenProcessPool as error:
            raise IngestFailed("an ingest worker died (out of memory?); run again with --workers 1") from error


def _use_one_thread() -> None:
    """Before any library starts its own pool: there is one worker a core already."""
    os.environ["OMP_NUM_THREADS"] = "1"


def _settled(index: AssetIndex, candidate: Candidate) -> _Outcome | None:
    """What an earlier ingest of the very same candidate came to, if that still stands in the index."""
    known = _remembered(_ledger(candidate))
    reference = candidate.source.reference
    existing = index.by_source(candidate.source)
    if existing is None and known.get("reason"):
        return _Outcome(reference, None, known["reason"], new=False)
    if existing is not None and known.get("asset") == existing.id:
        return _Outcome(reference, existing.id, None, new=False)
    return None


def _ledger(candidate: Candidate) -> Path:
    return cache_directory("ingest") / f"{candidate.digest()}.json"


def _ingest_one(index: AssetIndex, candidate: Candidate) -> _Outcome:
    reference, ledger = candidate.source.reference, _ledger(candidate)
    existing = index.by_source(candidate.source)
    try:
        built = candidate.build()
    except (UnusableMesh, UnreadableMesh) as error:
        if existing is not None:
            index.remove(existing.id)
        _remember(ledger, {"reason": str(error)})
        return _Outcome(reference, None, str(error), new=False)
    if existing is not None and existing.id != built.asset.id:
        index.remove(existing.id)
    index.add(*built)
    _remember(ledger, {"asset": built.asset.id})
    return _Outcome(reference, built.asset.id, None, new=existing is None or existing.id != built.asset.id)


def _remembered(ledger: Path) -> dict[str, str]:
    """What an earlier ingest found; nothing if there was none or its file was cut off."""
    try:
        content = json.loads(ledger.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _remember(ledger: Path, content: dict[str, str]) -> None:
    write_text_whole(ledger, json.dumps(content))
