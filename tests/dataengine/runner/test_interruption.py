"""Runs in processes of their own: equal bytes however many workers there are and whatever happened on the way."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from dataengine.runner.folder import run_folder
from dataengine.storage.block import block_paths, verify_checksums
from dataengine.storage.errors import RunBusy
from tests.dataengine.runner.driver import drive

ROOT = Path(__file__).parents[3]
TARGET = 18


def content(run: Path) -> dict[str, str]:
    """Hash of every file of a run, but for the lock."""
    files = (path for path in sorted(run.rglob("*")) if path.is_file() and path.name != ".lock")
    return {path.relative_to(run).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    run = tmp_path_factory.mktemp("undisturbed")
    assert drive(run, 0, TARGET, 0.0) >= TARGET
    return content(run)


def start(run: Path, workers: int = 2, seconds: float = 0.6) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "tests.dataengine.runner.driver",
        str(run),
        str(workers),
        str(TARGET),
        str(seconds),
    ]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


def wait_for_blocks(run: Path, number: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while len(block_paths(run / "records")) < number:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not alive


@pytest.mark.parametrize("workers", [1, 4])
def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path, expected: dict[str, str], workers: int):
    drive(tmp_path, workers, TARGET, 0.05)
    assert content(tmp_path) == expected


def test_ctrl_c_stops_quickly_and_the_run_goes_on(tmp_path: Path, expected: dict[str, str]):
    process = start(tmp_path)
    wait_for_blocks(tmp_path, 2, process)
    workers = psutil.Process(process.pid).children()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 130
    assert errors == ""
    assert gone(workers)
    assert not list((tmp_path / "records").glob("*.tmp-*"))
    assert 2 <= len(block_paths(tmp_path / "records")) < len({name.split("/")[1] for name in expected if "/" in name})
    drive(tmp_path, 2, TARGET, 0.0)
    assert content(tmp_path) == expected


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, expected: dict[str, str]):
    process = start(tmp_path)
    wait_for_blocks(tmp_path, 2, process)
    workers = psutil.Process(process.pid).children()
    process.kill()
    process.communicate(timeout=10)
    assert gone(workers)
    kept = {path: path.stat().st_mtime_ns for path in block_paths(tmp_path / "records")}
    for path in kept:
        verify_checksums(path)
    drive(tmp_path, 2, TARGET, 0.0)
    assert content(tmp_path) == expected
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_killed_workers_do_not_change_the_result(tmp_path: Path, expected: dict[str, str]):
    process = start(tmp_path)
    for number in (1, 3):
        wait_for_blocks(tmp_path, number, process)
        workers = [child for child in psutil.Process(process.pid).children() if "spawn_main" in str(child.cmdline())]
        workers[0].kill()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert content(tmp_path) == expected


def test_a_run_is_written_by_one_process_at_a_time(tmp_path: Path):
    with run_folder(tmp_path), pytest.raises(RunBusy, match="another process"), run_folder(tmp_path):
        pass
    with run_folder(tmp_path):
        pass


def test_an_exception_inside_leaves_no_half_written_blocks(tmp_path: Path):
    half = tmp_path / "shards" / "000000.zarr.tmp-abc"

    def interrupted_run() -> None:
        with run_folder(tmp_path):
            half.mkdir(parents=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_run()
    assert not half.exists()
