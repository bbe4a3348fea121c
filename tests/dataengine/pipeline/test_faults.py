"""The real commands under bad input and bad luck: one line, a non-zero exit, and a run that can go on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from dataengine.pipeline.config import RunConfig
from dataengine.pipeline.run import read_metadata
from dataengine.pipeline.statistics import run_statistics
from dataengine.storage.block import block_digest, block_paths
from dataengine.storage.records import run_records
from tests.dataengine.pipeline.conftest import SMALL

pytestmark = pytest.mark.xdist_group("small run")

DATAENGINE = str(Path(sys.executable).with_name("dataengine"))


def write_config(path: Path, config: RunConfig = SMALL, **changes: object) -> Path:
    keys = {**config.model_dump(mode="json"), **changes}
    path.write_text(yaml.safe_dump(keys, sort_keys=False), encoding="utf-8")  # a task's roles have an order
    return path


def dataengine(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [DATAENGINE, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=280, env={**os.environ, **environment}, check=False
    )


def start_generating(run: Path, config: Path) -> subprocess.Popen[str]:
    command = [DATAENGINE, "generate", str(run), "--config", str(config), "--workers", "2"]
    # A group of its own: a terminal's Ctrl-C reaches the workers too.
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(condition: object, process: subprocess.Popen[str]) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 200
    while not condition():
        assert process.poll() is None, f"ended early:\n{process.communicate()}"
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


def assert_one_line(result: subprocess.CompletedProcess[str], *words: str) -> None:
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert result.returncode == 2, result.stderr
    assert len(errors) == 1, result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in errors[0]


def digests(run: Path) -> list[str]:
    return [block_digest(path) for path in block_paths(run / "records")]


def test_an_unknown_key_names_file_and_key(tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("task: {extends: pick_and_place, distracters: {count: [2, 3]}}\n")
    assert_one_line(dataengine("generate", tmp_path / "run", "--config", config), "mine.yaml", "task.distracters")
    assert not (tmp_path / "run").exists()


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    result = dataengine("generate", tmp_path / "run", "--config", tmp_path / "none.yaml")
    assert_one_line(result, "none.yaml", "No such file")


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    for command in ("render", "verify", "stats", "preview", "yield"):
        assert_one_line(dataengine(command, tmp_path), str(tmp_path))


@pytest.mark.usefixtures("library")
def test_a_task_that_no_asset_fits_says_so(tmp_path: Path) -> None:
    impossible = {"extends": "pick_and_place", "roles": {"thing": {"categories": ["submarine"]}}}
    config = write_config(tmp_path / "c.yaml", task=impossible)
    result = dataengine("generate", tmp_path / "run", "--config", config, "--workers", "0")
    assert_one_line(result, "0 assets for 'thing'")
    assert not (tmp_path / "run").exists(), "after a change of the configuration the same folder will do"


def test_missing_assets_are_named(small_run: Path, tmp_path: Path) -> None:
    used = {node.asset_id for record in run_records(small_run) for node in record.meta.task.scene.nodes}
    result = dataengine("verify", small_run, "--index", tmp_path / "empty")
    assert_one_line(result)
    assert any(asset in result.stderr for asset in used)


def test_without_a_vulkan_driver_the_classic_renderer_serves_and_says_so(small_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(small_run, run, ignore=shutil.ignore_patterns("shards"))
    result = dataengine(
        "render", run, "--workers", "0", VK_DRIVER_FILES="/nonexistent", VK_ICD_FILENAMES="/nonexistent"
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("Falling back") == 1
    assert read_metadata(run)["renderer"] == "classic"
    assert run_statistics(run).grounding_samples > 100


def test_ctrl_c_leaves_a_run_that_goes_on(small_run: Path, tmp_path: Path) -> None:
    run, config = tmp_path / "run", write_config(tmp_path / "c.yaml")
    process = start_generating(run, config)
    wait_for(lambda: list((run / "records").glob("*.zarr")), process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert not list((run / "records").glob("*tmp*"))
    assert dataengine("generate", run, "--config", config).returncode == 0
    assert digests(run) == digests(small_run)


def test_a_killed_worker_costs_nothing(small_run: Path, tmp_path: Path) -> None:
    longer = SMALL.model_copy(update={"episodes": 12})
    run, config = tmp_path / "run", write_config(tmp_path / "c.yaml", longer)
    process = start_generating(run, config)
    wait_for(lambda: list((run / "records").glob("*.zarr")), process)
    workers = [child for child in psutil.Process(process.pid).children() if "spawn_main" in " ".join(child.cmdline())]
    workers[0].send_signal(signal.SIGKILL)
    _, errors = process.communicate(timeout=280)
    assert process.returncode == 0, errors
    assert run_statistics(run).accepted >= 12
    expected = digests(small_run)
    assert digests(run)[: len(expected)] == expected


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 40 KiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let us mount")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_one_line_and_the_run_goes_on_when_there_is_room(
    small_run: Path, tmp_path: Path, tiny_disk: Path
) -> None:
    run, config = tiny_disk / "run", write_config(tmp_path / "c.yaml")
    result = dataengine("generate", run, "--config", config, "--workers", "2")
    assert_one_line(result, "No space left")
    assert not list(run.rglob("*.zarr.tmp*"))
    subprocess.run(["mount", "-o", "remount,size=64m", str(tiny_disk)], check=True)
    assert dataengine("generate", run, "--config", config).returncode == 0
    assert digests(run) == digests(small_run)
