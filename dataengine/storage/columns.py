"""Tables in a zarr group: one array a column, one chunk an array.

Text is a uint8 array of UTF-8 bytes with an array of offsets; row i is `bytes[offset[i]:offset[i + 1]]`. Lists of
different lengths are kept the same way: the flat values and an array of offsets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
import zarr
from numpy.typing import ArrayLike, NDArray
from zarr.codecs import BytesCodec, ZstdCodec

from dataengine.storage.errors import damage_named

Offsets = NDArray[np.int64]

ZSTD_LEVEL = 3


def write_column(group: zarr.Group, name: str, values: ArrayLike, dtype: Any = None) -> None:
    """Write a whole array as `group/name`. Equal input gives equal bytes."""
    array = np.ascontiguousarray(values, dtype)
    chunk = tuple(max(1, edge) for edge in array.shape)
    column = group.create_array(
        name,
        shape=array.shape,
        dtype=array.dtype,
        chunks=chunk,
        serializer=BytesCodec(endian="little") if array.dtype.itemsize > 1 else BytesCodec(endian=None),
        compressors=ZstdCodec(level=ZSTD_LEVEL, checksum=True),
        fill_value=0,
        config={"write_empty_chunks": True},
    )
    if array.size:
        column[...] = array


def read_column(group: zarr.Group, name: str) -> NDArray[Any]:
    """The whole array `group/name`; raises CorruptBlock if it cannot be decoded."""
    with damage_named(f"{group.store_path}/{name}"):
        return np.asarray(group[name][...])  # type: ignore[index]


def offsets(lengths: Iterable[int]) -> Offsets:
    """Where each of so many rows begins, and the end of the last: (n + 1,) int64."""
    return np.fromiter(accumulate(lengths, initial=0), np.int64)


def write_text(group: zarr.Group, name: str, rows: Sequence[str]) -> None:
    """Write strings as `name` (UTF-8 bytes) and `name_offset`."""
    encoded = [row.encode() for row in rows]
    write_column(group, name, np.frombuffer(b"".join(encoded), np.uint8))
    write_column(group, f"{name}_offset", offsets(map(len, encoded)))


@dataclass(frozen=True)
class TextColumn(Sequence[str]):
    """Strings, decoded when asked for."""

    data: bytes
    offset: Offsets

    @classmethod
    def read(cls, group: zarr.Group, name: str) -> TextColumn:
        """The column that `write_text` wrote."""
        return cls(read_column(group, name).tobytes(), read_column(group, f"{name}_offset"))

    def __len__(self) -> int:
        return len(self.offset) - 1

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        if not -len(self) <= row < len(self):
            raise IndexError(row)
        row %= len(self)
        return self.data[self.offset[row] : self.offset[row + 1]].decode()


def write_ragged(group: zarr.Group, name: str, rows: Sequence[ArrayLike], width: int, dtype: Any = np.float64) -> None:
    """Write lists of `width`-vectors as `name` (values, width) and `name_offset`."""
    arrays = [np.asarray(row, dtype).reshape(-1, width) for row in rows]
    flat = np.concatenate(arrays) if arrays else np.zeros((0, width), dtype)
    write_column(group, name, flat)
    write_column(group, f"{name}_offset", offsets(map(len, arrays)))


@dataclass(frozen=True)
class RaggedColumn:
    """Lists of vectors; `column[i]` is (n_i, width)."""

    data: NDArray[Any]
    offset: Offsets

    @classmethod
    def read(cls, group: zarr.Group, name: str) -> RaggedColumn:
        """The column that `write_ragged` wrote."""
        return cls(read_column(group, name), read_column(group, f"{name}_offset"))

    def __len__(self) -> int:
        return len(self.offset) - 1

    def __getitem__(self, row: int) -> NDArray[Any]:
        return self.data[self.offset[row] : self.offset[row + 1]]
