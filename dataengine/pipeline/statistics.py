"""What a run holds, in numbers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from assets_index.schema import Schema
from dataengine.pipeline.diversity import Diversity, run_diversity
from dataengine.pipeline.run import run_config
from dataengine.runner.folder import BLOCK_FOLDERS
from dataengine.storage.block import block_paths
from dataengine.storage.failures import FOLDER as FAILURES
from dataengine.storage.failures import FailureBlock
from dataengine.storage.records import RecordBlock
from dataengine.storage.shard_reader import ShardReader


class RunStatistics(Schema):
    """Counts of a run.

    Attributes:
        steps: control steps of the accepted episodes.
        frames: pictures in the shards; action_samples: moments that an action chunk follows.
        failures: failed attempts that were kept whole.
        bytes: size of records, failures and shards on disk.
        diversity: how various the motions are, where it was asked for and there is any.
    """

    attempts: int
    accepted: int
    failures: int
    steps: int
    frames: int
    grounding_samples: int
    action_samples: int
    questions_by_kind: dict[str, int]
    record_blocks: int
    shards: int
    bytes: int
    diversity: Diversity | None = None


def run_statistics(run: Path, *, diversity: bool = False) -> RunStatistics:
    """Count what a run's finished blocks hold; measure its diversity too if asked to, which reads episodes.

    Raises:
        NoRun: if the folder is not a run.
    """
    run_config(run)
    records = [RecordBlock(path).counts for path in block_paths(run / "records")]
    shards = [ShardReader(path).counts for path in block_paths(run / "shards")]
    kinds: Counter[str] = Counter()
    for counts in shards:
        kinds.update(counts["questions_by_kind"])
    return RunStatistics(
        attempts=sum(counts["attempts"] for counts in records),
        accepted=sum(counts["accepted"] for counts in records),
        failures=sum(len(FailureBlock(path)) for path in block_paths(run / FAILURES)),
        steps=sum(counts["steps"] for counts in records),
        frames=sum(counts["frames"] for counts in shards),
        grounding_samples=sum(counts["grounding_samples"] for counts in shards),
        action_samples=sum(counts["action_samples"] for counts in shards),
        questions_by_kind=dict(sorted(kinds.items())),
        record_blocks=len(records),
        shards=len(shards),
        bytes=sum(_size(run / folder) for folder in BLOCK_FOLDERS),
        diversity=run_diversity(run) if diversity else None,
    )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
