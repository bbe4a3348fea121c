from __future__ import annotations

import logging
import os
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import psutil
import pytest

from dataengine.runner.errors import BlockFailed, WorkerDied
from dataengine.runner.pool import run_blocks
from tests.dataengine.runner.blocks import break_at, count_of_process, die_at, die_once, fail_at, hang_at, square


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "resource_tracker" not in " ".join(child.cmdline())]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_every_block_is_done_once(workers: int):
    reports = list(run_blocks(square, range(8), workers=workers))
    assert sorted(report.block for report in reports) == list(range(8))
    assert all(report.value[0] == report.block**2 for report in reports)
    processes = {report.value[1] for report in reports}
    assert (processes == {os.getpid()}) == (workers == 0)
    assert len(processes) <= max(1, workers)
    assert children() == []


def test_workers_use_one_thread_and_the_parent_is_left_alone():
    before = dict(os.environ)
    (report,) = run_blocks(square, range(1), workers=1)
    assert report.value[2] == "1"
    assert dict(os.environ) == before


def test_workers_are_replaced_before_they_grow():
    counts = [report.value for report in run_blocks(count_of_process, range(7), workers=1, recycle_after=3)]
    assert counts == [1, 2, 3, 1, 2, 3, 1]


def test_a_killed_worker_costs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    reports = run_blocks(partial(die_once, tmp_path, 2), range(6), workers=2)
    assert sorted(report.value for report in reports) == list(range(6))
    done = sorted(path.name.split("-")[1] for path in tmp_path.glob("done-*"))
    assert done == [str(block) for block in range(6)]
    assert "block 2: its worker was killed by SIGKILL" in caplog.text


def test_a_block_that_kills_every_worker_is_named():
    with pytest.raises(WorkerDied) as error:
        list(run_blocks(partial(die_at, 1), range(4), workers=2))
    assert error.value.block == 1
    assert "exit code 7" in str(error.value)
    assert "\n" not in str(error.value)
    assert children() == []


def test_a_block_that_kills_every_worker_can_be_given_up():
    def give_up(block: int, error: WorkerDied) -> str:
        return f"{block} lost: {error}"

    reports = {r.block: r.value for r in run_blocks(partial(die_at, 1), range(4), workers=2, on_lost=give_up)}
    assert {block: value for block, value in reports.items() if block != 1} == {0: 0, 2: 2, 3: 3}
    assert reports[1].startswith("1 lost: block 1")


def test_a_block_that_hangs_is_stopped():
    start = time.monotonic()
    with pytest.raises(WorkerDied, match=r"did not finish within 1\.5 s"):
        list(run_blocks(partial(hang_at, 0), range(2), workers=2, timeout_s=1.5))
    assert time.monotonic() - start < 20
    assert children() == []


def test_a_slow_consumer_makes_no_worker_late(caplog: pytest.LogCaptureFixture):
    done = 0
    for _ in run_blocks(square, range(4), workers=2, timeout_s=3.0):
        done += 1
        time.sleep(4.0 if done == 1 else 0.0)
    assert done == 4
    assert caplog.text == ""


@pytest.mark.parametrize("workers", [0, 2])
def test_an_expected_error_travels_as_one_line(workers: int, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR), pytest.raises(BlockFailed) as error:
        list(run_blocks(partial(fail_at, 1), range(3), workers=workers))
    assert str(error.value) == "block 1: OutOfBananas: 3 green bananas are not enough"
    assert caplog.text == ""
    assert children() == []


@pytest.mark.parametrize("workers", [0, 2])
def test_the_traceback_of_a_bug_is_logged(workers: int, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR), pytest.raises(BlockFailed, match="block 1: ZeroDivisionError: a bug of ours"):
        list(run_blocks(partial(break_at, 1), range(3), workers=workers))
    assert "Traceback" in caplog.text
    assert "break_at" in caplog.text
    assert children() == []


def test_closing_stops_the_workers_at_once():
    start = time.monotonic()
    with closing(run_blocks(partial(hang_at, 1), range(9), workers=2)) as reports:
        assert next(reports).block == 0
    assert children() == []
    assert time.monotonic() - start < 20


def test_endless_blocks_are_drawn_as_needed():
    drawn = []

    def numbers():
        for block in range(10**9):
            drawn.append(block)
            yield block

    with closing(run_blocks(square, numbers(), workers=2)) as reports:
        for _ in range(5):
            next(reports)
    assert len(drawn) <= 8
