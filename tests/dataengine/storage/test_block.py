from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataengine.storage.block import (
    CHECKSUMS,
    block_number,
    block_path,
    block_paths,
    new_block,
    remove_block,
    remove_leftovers,
    verify_checksums,
)
from dataengine.storage.errors import BlockNotWritten, CorruptBlock
from dataengine.storage.records import write_records
from tests.record_factory import make_record
from tests.shard_factory import write_test_shard

ROOT = Path(__file__).parents[3]


@pytest.fixture
def block(tmp_path: Path) -> Path:
    path = block_path(tmp_path / "records", 3)
    with new_block(path) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "numbers").write_bytes(bytes(range(256)))
        (folder / "zarr.json").write_text("{}")
    return path


def test_a_block_appears_whole(block: Path):
    assert block.name == "000003.zarr"
    assert block_paths(block.parent) == [block]
    assert {p.relative_to(block).as_posix() for p in block.rglob("*")} == {
        "deep", "deep/numbers", "zarr.json", CHECKSUMS,
    }  # fmt: skip
    assert os.stat(block).st_mode & 0o077 == 0o777 & ~_umask() & 0o077
    verify_checksums(block)


def test_a_failed_block_leaves_nothing(tmp_path: Path):
    def write_half() -> None:
        with new_block(tmp_path / "000000.zarr") as folder:
            (folder / "half").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_until_the_end_nothing_is_there(tmp_path: Path):
    with new_block(tmp_path / "000000.zarr") as folder:
        (folder / "data").write_text("data")
        assert block_paths(tmp_path) == []
    assert len(block_paths(tmp_path)) == 1


def test_a_block_that_is_there_stays(block: Path):
    before = (block / "deep" / "numbers").stat().st_mtime_ns
    with new_block(block) as folder:
        (folder / "other").write_text("other")
    assert (block / "deep" / "numbers").stat().st_mtime_ns == before
    assert not (block / "other").exists()
    assert list(block.parent.iterdir()) == [block]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_flipped_bit_is_found(block: Path, data: st.DataObject):
    file = data.draw(st.sampled_from(sorted(p for p in block.rglob("*") if p.is_file())))
    content = bytearray(file.read_bytes())
    position, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    file.write_bytes(bytes(byte ^ (1 << bit) if i == position else byte for i, byte in enumerate(content)))
    try:
        with pytest.raises(CorruptBlock) as error:
            verify_checksums(block)
        assert str(block) in str(error.value)
        assert file.name in str(error.value) or file.name == CHECKSUMS
        assert "\n" not in str(error.value)
    finally:
        file.write_bytes(content)


def test_missing_and_foreign_files_are_found(block: Path):
    (block / "extra").write_text("")
    with pytest.raises(CorruptBlock, match="extra: does not belong"):
        verify_checksums(block)
    (block / "extra").unlink()
    (block / "deep" / "numbers").unlink()
    with pytest.raises(CorruptBlock, match="numbers: is missing"):
        verify_checksums(block)
    (block / CHECKSUMS).unlink()
    with pytest.raises(CorruptBlock, match=CHECKSUMS):
        verify_checksums(block)


def test_leftovers_of_killed_processes_are_removed(block: Path):
    script = (
        "import os, sys, pathlib; from dataengine.storage.block import new_block\n"
        "with new_block(pathlib.Path(sys.argv[1])) as folder:\n"
        "    (folder / 'half').write_text('half'); os.kill(os.getpid(), 9)\n"
    )
    path = block_path(block.parent, 4)
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -9
    assert len(list(block.parent.iterdir())) == 2
    assert block_paths(block.parent) == [block]
    assert len(remove_leftovers(block.parent)) == 1
    assert list(block.parent.iterdir()) == [block]


def test_blocks_are_listed_by_number(tmp_path: Path):
    for number in (10_000_000, 3, 1_000_001, 999_999):
        with new_block(block_path(tmp_path, number)):
            pass
    assert [block_number(path) for path in block_paths(tmp_path)] == [3, 999_999, 1_000_001, 10_000_000]


def test_removing_a_block(block: Path):
    remove_block(block)
    assert list(block.parent.iterdir()) == []


def test_a_limit_on_file_size_is_one_line(tmp_path: Path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(BlockNotWritten) as error, new_block(tmp_path / "000000.zarr") as folder:
            (folder / "big").write_bytes(b"x" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_line_and_keeps_what_is_whole(small_disk: Path):
    with new_block(small_disk / "000000.zarr") as folder:
        (folder / "data").write_bytes(b"x" * 1000)
    with pytest.raises(BlockNotWritten, match="No space left on device") as error:
        write_parts(small_disk / "000001.zarr", 100)
    assert isinstance(error.value.__cause__, OSError)
    assert error.value.__cause__.errno == errno.ENOSPC
    assert [path.name for path in small_disk.iterdir()] == ["000000.zarr"]
    verify_checksums(small_disk / "000000.zarr")


def test_a_full_disk_stops_records_and_shards_the_same_way(small_disk: Path):
    with pytest.raises(BlockNotWritten, match="No space left"):
        write_records(small_disk / "000000.zarr", [make_record(i, steps=200, bodies=9) for i in range(4)])
    with pytest.raises(BlockNotWritten, match="No space left"):
        write_test_shard(small_disk / "000000.zarr", range(40), size=112)
    assert list(small_disk.iterdir()) == []


def write_parts(path: Path, parts: int) -> None:
    with new_block(path) as folder:
        for part in range(parts):
            (folder / str(part)).write_bytes(np.random.default_rng(part).bytes(8192))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
