"""A graphics driver that takes its process down: the block is done once more, then reported; no other one suffers."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from dataengine.pipeline import ground, render
from dataengine.pipeline.config import GroundConfig
from dataengine.pipeline.render import ShardsLost, ShardSummary, pending_shards, render_run
from dataengine.rejection import Cause
from dataengine.storage.block import block_number, block_paths, verify_checksums
from tests.dataengine.pipeline.conftest import SMALL

pytestmark = pytest.mark.xdist_group("small run")

draw = render.render_shard


def crashing(number: int, **arguments: object) -> ShardSummary:
    """Shard 0 ends the process each time, while it is being written, the next one the first time."""
    end_process_of(number, arguments["run"])
    return draw(number, **arguments)  # type: ignore[arg-type]


def end_process_of(number: int, run: object) -> None:
    """End the process for block 0, and for block 1 the first time."""
    assert isinstance(run, Path)
    tried = run / f"tried {number}"
    if number == 0 or (number == 1 and not tried.exists()):
        tried.touch()
        os.kill(os.getpid(), signal.SIGSEGV)


@pytest.mark.usefixtures("library")
def test_a_shard_that_crashes_its_driver_is_reported_and_the_others_are_drawn(
    small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = shutil.copytree(small_run, tmp_path / "run")
    shutil.rmtree(run / "shards")
    wanted = pending_shards(run)
    assert wanted[:2] == [0, 1]
    monkeypatch.setattr(render, "render_shard", crashing)
    with pytest.raises(ShardsLost, match="1 shards were not drawn"):
        render_run(run, workers=2)
    assert pending_shards(run) == [0]
    for path in block_paths(run / "shards"):
        verify_checksums(path)
    assert not [path for path in (run / "shards").iterdir() if path not in block_paths(run / "shards")]


lay_out = ground.ground_block


def crashing_layouts(block: int, **arguments: object) -> ground.GroundSummary:
    """Block 0 ends the process each time, the next one the first time."""
    end_process_of(block, arguments["run"])
    return lay_out(block, **arguments)  # type: ignore[arg-type]


@pytest.mark.usefixtures("library")
def test_layouts_that_crash_the_driver_are_reported_and_others_take_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    config = SMALL.model_copy(update={"ground": GroundConfig(layouts=2, width=96, height=96), "block_attempts": 1})
    run = tmp_path / "run"
    monkeypatch.setattr(ground, "ground_block", crashing_layouts)
    total = ground.ground(run, config, workers=1)
    assert total.layouts == 2
    assert total.failures[Cause.WORKER_DIED] == 1
    assert "block 0: its worker was killed by SIGSEGV; trying once more" in caplog.text
    written = block_paths(run / "shards")
    assert 0 not in [block_number(path) for path in written]
    assert sorted((run / "shards").iterdir()) == written
    for path in written:
        verify_checksums(path)
