"""The life of one worker process: take a block, do it, report, until told to stop."""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

from assets_index.errors import EngineError

STOP = None


@dataclass(frozen=True)
class Failure:
    """An exception as it travels: what it says, not what it is, because not every exception survives pickling.

    Attributes:
        expected: whether it was an `EngineError`, whose message is all that a person needs.
    """

    cause: str
    message: str
    traceback: str
    expected: bool

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """Take down an exception that was just caught."""
        message, expected = " ".join(str(error).split()), isinstance(error, EngineError)
        return cls(type(error).__name__, message, traceback.format_exc(), expected)


@dataclass(frozen=True)
class Report:
    """What a worker says after a block: its number, the function's value or a failure, and the seconds it took."""

    block: int
    value: Any
    failure: Failure | None
    seconds: float


def do_block(function: Callable[[int], Any], block: int) -> Report:
    """Run the function on one block; an exception becomes part of the report."""
    start = time.perf_counter()
    try:
        value, failure = function(block), None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported under its own name
        value, failure = None, Failure.of(error)
    return Report(block, value, failure, time.perf_counter() - start)


def serve(connection: Connection, function: Callable[[int], Any]) -> None:
    """Do blocks until `STOP` comes; a worker does not outlive its parent."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while (block := connection.recv()) is not STOP:
        connection.send(do_block(function, block))


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)
