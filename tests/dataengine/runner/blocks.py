"""Block functions that misbehave; worker processes import them from here."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from assets_index.errors import EngineError


class OutOfBananas(EngineError):
    """An error of ours that cannot be pickled by default."""

    def __init__(self, count: int, kind: str) -> None:
        super().__init__(f"{count} {kind} bananas are not enough")


def as_is(accepted: int) -> int:
    return accepted


def square(block: int) -> tuple[int, int, str | None]:
    return block * block, os.getpid(), os.environ.get("OMP_NUM_THREADS")


def fail_at(bad: int, block: int) -> int:
    if block == bad:
        raise OutOfBananas(3, "green")
    return block


def break_at(bad: int, block: int) -> int:
    if block == bad:
        raise ZeroDivisionError("a bug of ours")
    return block


def die_once(folder: Path, bad: int, block: int) -> int:
    """The worker of one block is killed from outside, the first time."""
    mark = folder / f"died-{block}"
    if block == bad and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / f"done-{block}-{os.getpid()}").touch()
    return block


def die_at(bad: int, block: int) -> int:
    if block == bad:
        os._exit(7)
    return block


def hang_at(bad: int, block: int) -> int:
    if block == bad:
        time.sleep(1000)
    return block


def count_of_process(_block: int) -> int:
    """How many blocks this process has done."""
    _done.append(None)
    return len(_done)


_done: list[None] = []
