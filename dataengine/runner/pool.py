"""Blocks of work on one machine: in this process, or in worker processes that may hang, leak or die."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from dataengine.runner.errors import BlockFailed, WorkerDied
from dataengine.runner.worker import STOP, Report, do_block, serve

logger = logging.getLogger(__name__)

# One worker has one core: the native libraries must not fight over the others.
SINGLE_THREADED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
_GRACE_SECONDS = 5.0

BlockFunction = Callable[[int], Any]
LostBlock = Callable[[int, WorkerDied], Any]
Reports = Generator[Report, None, None]


def run_blocks(
    function: BlockFunction,
    blocks: Iterable[int],
    *,
    workers: int,
    timeout_s: float = 1800.0,
    recycle_after: int = 16,
    on_lost: LostBlock | None = None,
) -> Reports:
    """Call `function(block)` for every block and yield the reports as they come, in any order.

    Closing the generator (`contextlib.closing`), or an exception in it, kills the workers at once; what they left
    half-written has to be removed by whoever knows where it is (`dataengine.runner.folder.run_folder`).

    Args:
        function: a pure function of the block's number that can be pickled, e.g. a `functools.partial`.
        blocks: numbers; drawn one by one as workers become free, so that it may be endless.
        workers: number of processes; 0 runs everything in this one, without time-outs.
        timeout_s: longest time that a block may take; then its worker is killed.
        recycle_after: blocks after which a worker is replaced, because native libraries leak.
        on_lost: gives the value of a block that cost two workers; without it the loss is raised.

    Raises:
        BlockFailed: if the function raised; the traceback is logged, unless it is an `EngineError`.
        WorkerDied: if a block cost two workers and there is no `on_lost`.
    """
    pool = _Pool(function, iter(blocks), workers, timeout_s, recycle_after, on_lost)
    with closing(pool.run() if workers else _in_process(function, blocks)) as reports:
        for report in reports:
            if report.failure is not None:
                failure = report.failure
                level = logging.DEBUG if failure.expected else logging.ERROR
                logger.log(level, "block %d failed:\n%s", report.block, failure.traceback)
                raise BlockFailed(report.block, failure.cause, failure.message)
            yield report


def _in_process(function: BlockFunction, blocks: Iterable[int]) -> Reports:
    for block in blocks:
        yield do_block(function, block)


@dataclass(eq=False)
class _Worker:
    """A worker process and what it is doing."""

    process: SpawnProcess
    connection: Connection
    block: int | None = None
    deadline: float = 0.0
    finished: int = 0

    @classmethod
    def start(cls, function: BlockFunction) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, function), name="block worker", daemon=True)
        with _environment(SINGLE_THREADED), _interrupts_held():
            process.start()
        theirs.close()
        return cls(process, ours)

    def assign(self, block: int, timeout_s: float) -> None:
        self.connection.send(block)
        self.block, self.deadline = block, time.monotonic() + timeout_s

    def dismiss(self) -> None:
        """Let it end by itself."""
        with _broken_pipe_ignored():
            self.connection.send(STOP)

    def kill(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()

    def cause_of_death(self) -> str:
        self.process.join(_GRACE_SECONDS)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"its worker was killed by {signal.Signals(-code).name}"
        return f"its worker ended with exit code {code}"


@dataclass
class _Pool:
    function: BlockFunction
    blocks: Iterator[int]
    size: int
    timeout_s: float
    recycle_after: int
    on_lost: LostBlock | None
    workers: list[_Worker] = field(default_factory=list)
    retired: list[_Worker] = field(default_factory=list)
    again: deque[int] = field(default_factory=deque)
    lost_once: set[int] = field(default_factory=set)

    def run(self) -> Reports:
        try:
            while busy := self._busy():
                yield from self._reports(busy)
            self._dismiss_all()
        finally:
            for worker in self.workers + self.retired:
                worker.kill()

    def _busy(self) -> list[_Worker]:
        """Give every free worker a block, as long as there are any; returns those that have one."""
        while sum(worker.block is not None for worker in self.workers) < self.size:
            block = self.again.popleft() if self.again else next(self.blocks, None)
            if block is None:
                break
            self._assign(block)
        return [worker for worker in self.workers if worker.block is not None]

    def _assign(self, block: int) -> None:
        for worker in [worker for worker in self.workers if worker.block is None]:
            try:
                worker.assign(block, self.timeout_s)
            except OSError:
                self._remove(worker)
            else:
                return
        worker = _Worker.start(self.function)
        self.workers.append(worker)
        worker.assign(block, self.timeout_s)

    def _reports(self, busy: list[_Worker]) -> Reports:
        """Wait until something happens to one of the workers; yield the reports that are there."""
        first_deadline = min(worker.deadline for worker in busy)
        wait([worker.connection for worker in busy], max(0.0, first_deadline - time.monotonic()))
        for worker in busy:
            report = self._hear(worker)
            if report is not None:
                yield report

    def _hear(self, worker: _Worker) -> Report | None:
        """The report of a worker that has one; a dead or late worker is removed and its block done again."""
        if worker.connection.poll():
            try:
                report: Report = worker.connection.recv()
            except (EOFError, OSError):
                return self._lose(worker, worker.cause_of_death())
            self._free(worker)
            return report
        if time.monotonic() > worker.deadline:
            return self._lose(worker, f"it did not finish within {self.timeout_s:g} s")
        return None

    def _free(self, worker: _Worker) -> None:
        worker.block = None
        worker.finished += 1
        if worker.finished >= self.recycle_after:
            self.workers.remove(worker)
            self.retired = [old for old in self.retired if old.process.is_alive()]
            self.retired.append(worker)
            worker.dismiss()

    def _lose(self, worker: _Worker, reason: str) -> Report | None:
        """Try the block once more, or give it up."""
        block = worker.block
        assert block is not None
        self._remove(worker)
        if block not in self.lost_once:
            logger.warning("block %d: %s; trying once more", block, reason)
            self.lost_once.add(block)
            self.again.append(block)
            return None
        error = WorkerDied(block, reason)
        if self.on_lost is None:
            raise error
        logger.warning("%s", error)
        return Report(block, self.on_lost(block, error), None, 0.0)

    def _remove(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        worker.kill()

    def _dismiss_all(self) -> None:
        for worker in self.workers:
            worker.dismiss()
        deadline = time.monotonic() + _GRACE_SECONDS
        for worker in self.workers + self.retired:
            worker.process.join(max(0.0, deadline - time.monotonic()))


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Environment variables for the processes started inside; libraries read them while they are imported."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes started inside never see Ctrl-C: they inherit the blocked signal; here it arrives afterwards."""
    resource_tracker.ensure_running()  # starting it later would unblock the signal again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _broken_pipe_ignored() -> Iterator[None]:
    """A worker that is dead already needs not be told to stop."""
    try:
        yield
    except OSError:
        logger.debug("a worker ended before it was told to")
