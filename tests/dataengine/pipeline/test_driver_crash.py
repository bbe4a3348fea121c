"""A graphics driver that takes its process down: the shard is done once more, then reported; no other one suffers."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from dataengine.pipeline import render
from dataengine.pipeline.render import ShardsLost, ShardSummary, pending_shards, render_run
from dataengine.storage.block import block_paths, verify_checksums

pytestmark = pytest.mark.xdist_group("small run")

draw = render.render_shard


def crashing(number: int, **arguments: object) -> ShardSummary:
    """Shard 0 ends the process each time, while it is being written, the next one the first time."""
    run = arguments["run"]
    assert isinstance(run, Path)
    tried = run / f"tried {number}"
    if number == 0 or (number == 1 and not tried.exists()):
        tried.touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    return draw(number, **arguments)  # type: ignore[arg-type]


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
