"""One flipped bit anywhere is found by the checksums, and reading it never ends in anything but a typed error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets_index.errors import EngineError
from dataengine.storage.block import verify_checksums
from dataengine.storage.errors import CorruptBlock
from dataengine.storage.records import RecordBlock, write_records
from dataengine.storage.shard_reader import ShardReader
from tests.record_factory import make_record, make_rejection
from tests.shard_factory import write_test_shard


def read_shard(path: Path) -> None:
    reader = ShardReader(path)
    for i in range(reader.grounding_count):
        reader.grounding(i)
    for i in range(reader.action_count):
        reader.action(i)
    for camera in reader.cameras:
        for row in range(reader.frame_rows):
            reader.rgb(camera, row)
            reader.ids(camera, row)
            reader.depth(camera, row)
            reader.view(camera, row)
            reader.bodies(camera, row)


def read_records(path: Path) -> None:
    block = RecordBlock(path)
    list(block)
    list(block.ledger)


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Callable[[Path], None]]:
    folder = tmp_path_factory.mktemp("blocks")
    write_test_shard(folder / "shard.zarr", range(2), steps=2, size=28)
    write_records(folder / "records.zarr", [make_record(0), make_rejection(1)])
    return {folder / "shard.zarr": read_shard, folder / "records.zarr": read_records}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit(blocks: dict[Path, Callable[[Path], None]], data: st.DataObject):
    block = data.draw(st.sampled_from(sorted(blocks)))
    file = data.draw(st.sampled_from(sorted(p for p in block.rglob("*") if p.is_file() and p.stat().st_size)))
    content = bytearray(file.read_bytes())
    position, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    damaged = bytearray(content)
    damaged[position] ^= 1 << bit
    file.write_bytes(damaged)
    try:
        with pytest.raises(CorruptBlock):
            verify_checksums(block)
        blocks[block](block)
    except EngineError as error:
        assert block.name in str(error)  # noqa: PT017 - many flips change nothing that is read
        assert "\n" not in str(error)  # noqa: PT017
    finally:
        file.write_bytes(content)


def test_undamaged_blocks_are_read(blocks: dict[Path, Callable[[Path], None]]):
    for block, read in blocks.items():
        verify_checksums(block)
        read(block)
