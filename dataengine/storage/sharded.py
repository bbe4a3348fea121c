"""Zarr arrays with one row a chunk, written row by row and read row by row.

zarr's own array interface rewrites a whole shard for every row that is added, and decodes what it reads. Here chunks
are appended to the shard's file as they come, encoded already, and read by byte range as they are. The layout is
that of the sharding codec (https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html): the
chunks one after the other, then an index of (offset, length) pairs, little-endian uint64, and its CRC-32C.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import google_crc32c
import numpy as np
from fsspec import AbstractFileSystem
from numpy.typing import NDArray

from dataengine.storage.errors import CorruptBlock

ROWS_PER_SHARD = 1024
ABSENT = np.uint64(2**64 - 1)


def _chunk_key(shard: int, dimensions: int) -> str:
    return "/".join(["c", str(shard), *("0" for _ in range(dimensions - 1))])


class ChunkAppender:
    """Writes the chunks of one array of which only the first dimension is divided."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.rows = 0
        self._folder = folder
        self._dimensions = dimensions
        self._file: BinaryIO | None = None
        self._index = _empty_index(ROWS_PER_SHARD)

    def append(self, chunk: bytes | None) -> None:
        """Add one row; None takes no room and reads as the fill value."""
        if chunk is not None:
            file = self._open()
            self._index[self.rows % ROWS_PER_SHARD] = file.tell(), len(chunk)
            file.write(chunk)
        self.rows += 1
        if self.rows % ROWS_PER_SHARD == 0:
            self._finish(ROWS_PER_SHARD)

    def close(self) -> int:
        """Finish the last shard; returns the rows of a shard, which the array's metadata must state."""
        rows_per_shard = max(1, min(self.rows, ROWS_PER_SHARD))
        self._finish(rows_per_shard)
        return rows_per_shard

    def abandon(self) -> None:
        """Close the file without finishing it."""
        if self._file is not None:
            self._file.close()

    def _open(self) -> BinaryIO:
        if self._file is None:
            path = self._folder / _chunk_key(self.rows // ROWS_PER_SHARD, self._dimensions)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb")
        return self._file

    def _finish(self, rows: int) -> None:
        if self._file is not None:
            index = self._index[:rows].astype("<u8").tobytes()
            with self._file as file:
                file.write(index)
                file.write(_checksum(index))
        self._file = None
        self._index = _empty_index(ROWS_PER_SHARD)


class ChunkReader:
    """Reads the encoded bytes of single rows of an array with one row a chunk.

    Attributes:
        shape: of the array.
    """

    def __init__(self, filesystem: AbstractFileSystem, path: str, metadata: dict[str, Any]) -> None:
        self.shape = tuple(int(edge) for edge in metadata["shape"])
        self._filesystem = filesystem
        self._path = path
        self._rows_per_shard = int(metadata["chunk_grid"]["configuration"]["chunk_shape"][0])
        self._indices: dict[int, NDArray[np.uint64] | None] = {}

    def read(self, row: int) -> bytes | None:
        """The chunk of a row as it is stored; None if it was never written."""
        if not 0 <= row < self.shape[0]:
            raise IndexError(f"row {row} of {self.shape[0]} in {self._path}")
        shard, position = divmod(row, self._rows_per_shard)
        if shard not in self._indices:
            self._indices[shard] = self._read_index(shard)
        index = self._indices[shard]
        if index is None or index[position, 0] == ABSENT:
            return None
        start, length = (int(value) for value in index[position])
        return self._filesystem.cat_file(self._shard_path(shard), start=start, end=start + length)

    def _shard_path(self, shard: int) -> str:
        return f"{self._path}/{_chunk_key(shard, len(self.shape))}"

    def _read_index(self, shard: int) -> NDArray[np.uint64] | None:
        path = self._shard_path(shard)
        size = 16 * self._rows_per_shard + 4
        try:
            data = self._filesystem.cat_file(path, start=-size)
        except FileNotFoundError:
            return None
        if len(data) != size or _checksum(data[:-4]) != data[-4:]:
            raise CorruptBlock(f"{path}: the index of the shard is damaged; make the block again")
        return np.frombuffer(data[:-4], "<u8").reshape(-1, 2)


def _empty_index(rows: int) -> NDArray[np.uint64]:
    return np.full((rows, 2), ABSENT, np.uint64)


def _checksum(data: bytes) -> bytes:
    return int(google_crc32c.value(data)).to_bytes(4, "little")
