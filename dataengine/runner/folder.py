"""The folder of a run while somebody writes into it."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dataengine.storage.block import block_number, block_paths, remove_block, remove_leftovers
from dataengine.storage.errors import BlockNotWritten, RunBusy

logger = logging.getLogger(__name__)

BLOCK_FOLDERS = ("records", "failures", "shards")


@contextmanager
def run_folder(run: Path) -> Iterator[Path]:
    """Hold a run for writing; half-written blocks are removed before and after, also after an interruption.

    The hold is the operating system's: it ends with the process, however that ends.

    Raises:
        RunBusy: if another process holds the run.
        BlockNotWritten: if the folder cannot be made.
    """
    try:
        run.mkdir(parents=True, exist_ok=True)
        lock = (run / ".lock").open("w")
    except OSError as error:
        raise BlockNotWritten(f"cannot write into {run}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunBusy(f"{run}: another process is writing into this run; wait for it or stop it") from error
        _clean(run)
        try:
            yield run
        finally:
            _clean(run)


def keep_first_blocks(folder: Path, number: int) -> None:
    """Remove the finished blocks with numbers from `number` on: those that a run turned out not to need."""
    for path in block_paths(folder):
        if block_number(path) >= number:
            remove_block(path)


def _clean(run: Path) -> None:
    for name in BLOCK_FOLDERS:
        removed = remove_leftovers(run / name)
        if removed:
            logger.info("%s: removed %d half-written blocks", run / name, len(removed))
