from __future__ import annotations

from pathlib import Path

import fsspec
import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zarr.codecs import BytesCodec, ZstdCodec

from dataengine.storage.errors import CorruptBlock
from dataengine.storage.frames import decode_lossless, encode_lossless
from dataengine.storage.sharded import ROWS_PER_SHARD, ChunkAppender, ChunkReader

EDGE = 3


def write(folder: Path, rows: list[np.ndarray | None]) -> zarr.Array:
    appender = ChunkAppender(folder / "ids", 3)
    for row in rows:
        appender.append(None if row is None else encode_lossless(row))
    rows_per_shard = appender.close()
    return zarr.create_array(
        folder,
        name="ids",
        shape=(len(rows), EDGE, EDGE),
        dtype=np.uint16,
        chunks=(1, EDGE, EDGE),
        shards=(rows_per_shard, EDGE, EDGE),
        serializer=BytesCodec(endian="little"),
        compressors=ZstdCodec(level=3, checksum=True),
        fill_value=0,
    )


def read(array: zarr.Array, folder: Path) -> ChunkReader:
    return ChunkReader(fsspec.filesystem("file"), str(folder / "ids"), array.metadata.to_dict())


def check(folder: Path, rows: list[np.ndarray | None]) -> None:
    array = write(folder, rows)
    reader = read(array, folder)
    for i, row in enumerate(rows):
        data = reader.read(i)
        assert (data is None) == (row is None)
        if row is not None and data is not None:
            assert (decode_lossless(data, "ids", (EDGE, EDGE)) == row).all()
        assert (array[i] == (0 if row is None else row)).all()


PICTURES = st.one_of(st.none(), st.integers(0, 65535).map(lambda v: np.full((EDGE, EDGE), v, np.uint16)))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PICTURES, min_size=1, max_size=12))
def test_zarr_and_the_byte_reader_see_what_was_appended(tmp_path_factory, rows):
    check(tmp_path_factory.mktemp("sharded"), rows)


@pytest.mark.parametrize("count", [ROWS_PER_SHARD - 1, ROWS_PER_SHARD, ROWS_PER_SHARD + 1, 2 * ROWS_PER_SHARD + 7])
def test_shards_follow_one_another(tmp_path: Path, count: int):
    rows = [np.full((EDGE, EDGE), i, np.uint16) if i % 3 else None for i in range(count)]
    array = write(tmp_path, rows)
    expected = np.array([i if i % 3 else 0 for i in range(count)])
    assert (array[:, 0, 0] == expected).all()
    assert len(list((tmp_path / "ids" / "c").iterdir())) == -(-count // ROWS_PER_SHARD)
    reader = read(array, tmp_path)
    for i in (0, 1, count // 2, count - 1):
        data = reader.read(i)
        assert (data is not None) == bool(i % 3)
    with pytest.raises(IndexError):
        reader.read(count)


def test_rows_without_pictures_take_no_room(tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 65535, (EDGE, EDGE), np.uint16)
    write(tmp_path / "sparse", [noise] + [None] * 500)
    write(tmp_path / "dense", [noise] * 501)
    sizes = {name: (tmp_path / name / "ids/c/0/0/0").stat().st_size for name in ("sparse", "dense")}
    index = 501 * 16 + 4
    assert sizes["sparse"] == index + len(encode_lossless(noise))
    assert sizes["dense"] == index + 501 * len(encode_lossless(noise))


def test_a_damaged_index_is_noticed(tmp_path: Path):
    array = write(tmp_path, [np.ones((EDGE, EDGE), np.uint16)] * 4)
    path = tmp_path / "ids/c/0/0/0"
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    with pytest.raises(CorruptBlock, match="ids/c/0/0/0"):
        read(array, tmp_path).read(0)
