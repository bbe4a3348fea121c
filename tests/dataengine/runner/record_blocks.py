"""A block function that writes records, like the real one but for the physics."""

from __future__ import annotations

import time
from pathlib import Path

from assets_index.seeding import Stage, generator
from dataengine.storage.block import block_path
from dataengine.storage.records import RecordBlock, write_records
from tests.record_factory import make_record, make_rejection

ATTEMPTS_PER_BLOCK = 4


def write_block(run: Path, seconds: float, block: int) -> int:
    """Write a block of records that depends on its number only; returns how many were accepted."""
    path = block_path(run / "records", block)
    first = block * ATTEMPTS_PER_BLOCK
    rng = generator(5, Stage.TASK, block)
    accepted = rng.random(ATTEMPTS_PER_BLOCK) < 0.7
    time.sleep(seconds * rng.random())
    write_records(path, [make_record(first + i) if ok else make_rejection(first + i) for i, ok in enumerate(accepted)])
    return accepted_of(path)


def accepted_of(path: Path) -> int:
    return len(RecordBlock(path))
