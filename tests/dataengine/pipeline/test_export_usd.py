"""`dataengine export usd` on a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from pxr import Usd
from typer.testing import CliRunner

from dataengine.cli.commands import app
from dataengine.pipeline.examine import NoEpisode
from dataengine.runner.errors import BlockFailed
from dataengine.storage.block import block_paths
from dataengine.storage.records import RecordBlock


def export(run: Path, out: Path, *options: str) -> dict[str, bytes]:
    """Export on the command line; the files that are there then, by name."""
    result = CliRunner().invoke(app, ["export", "usd", str(run), "--out", str(out), *options])
    if result.exception is not None:
        raise result.exception
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_every_episode_becomes_a_folder_with_every_moment_by_any_number_of_workers(
    small_run: Path, tmp_path: Path
) -> None:
    files = export(small_run, tmp_path / "one", "--workers", "0")
    records = [record for path in block_paths(small_run / "records") for record in RecordBlock(path)]
    assert {name.split("/")[0] for name in files} == {f"{record.meta.attempt:06d}" for record in records}
    for record in records:
        stage = Usd.Stage.Open(str(tmp_path / "one" / f"{record.meta.attempt:06d}" / "replay.usdc"))
        assert stage.GetEndTimeCode() == record.steps
        assert stage.GetPrimAtPath("/World/robot").GetChildren()
    assert export(small_run, tmp_path / "two", "--workers", "2") == files


def test_another_look_is_another_scene_with_the_same_motion(small_run: Path, tmp_path: Path) -> None:
    first = next(iter(RecordBlock(block_paths(small_run / "records")[0]))).meta.attempt
    options = ("--workers", "0", "--episode", str(first))
    one = export(small_run, tmp_path, *options)
    two = export(small_run, tmp_path, *options, "--look", "1")
    assert one[f"{first:06d}/scene.usda"] != two[f"{first:06d}/scene.usda"]
    assert not [name for name in two if "tmp" in name], "something was left behind"


def test_what_cannot_be_exported_is_named(small_run: Path, tmp_path: Path) -> None:
    with pytest.raises(NoEpisode):
        export(small_run, tmp_path, "--workers", "0", "--episode", "999")
    (tmp_path / "file").write_text("")
    with pytest.raises(BlockFailed, match="FileNotWritten"):
        export(small_run, tmp_path / "file", "--workers", "0")
