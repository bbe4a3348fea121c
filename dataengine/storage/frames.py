"""Pictures of a shard: JPEG colours; lossless ids, depth in millimetres, normals, free space."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Literal

import numpy as np
import zarr
from numcodecs.zstd import Zstd
from numpy.typing import NDArray
from zarr.codecs import BytesCodec, ZstdCodec
from zarr.core.common import JSON

from dataengine.storage.jpeg import JpegCodec, encode_jpeg
from dataengine.storage.sharded import ChunkAppender

Layer = Literal["normals", "free_space"]
Channel = Literal["rgb", "ids", "depth"] | Layer

DEPTH_UNIT = 0.001
"""Metres per unit of stored depth; 0 stands for "nothing hit" and for depths that uint16 cannot hold."""

NORMAL_UNIT = 1.0 / 127.0
"""A stored normal's components are multiples of this; all three are 0 where there is none."""

_ZSTD_LEVEL = 3
_zstd = Zstd(level=_ZSTD_LEVEL, checksum=True)

STORED_AS: dict[Channel, str] = {"rgb": "|u1", "ids": "<u2", "depth": "<u2", "normals": "|i1", "free_space": "|u1"}
"""Numbers of the stored pictures, as numpy names them."""

_VECTORS: tuple[Channel, ...] = ("rgb", "normals")
_ATTRIBUTES: dict[Channel, dict[str, JSON]] = {
    "depth": {"unit_in_metres": DEPTH_UNIT},
    "normals": {"unit": NORMAL_UNIT},
}


class Room(IntEnum):
    """What is known of a pixel: the middle of the target's footprint would be on the table there.

    `UNKNOWN` also stands where no table is seen, and where it depends on how the target is turned.
    """

    UNKNOWN = 0
    FREE = 1
    TAKEN = 2


def encode_lossless(picture: NDArray) -> bytes:
    """Little-endian, zstd: the bytes that zarr's own codecs read."""
    return bytes(_zstd.encode(np.ascontiguousarray(picture, picture.dtype.newbyteorder("<"))))


def decode_lossless(data: bytes, channel: Channel, shape: tuple[int, ...]) -> NDArray:
    """The picture of a channel that was encoded."""
    return np.frombuffer(_zstd.decode(data), STORED_AS[channel]).reshape(shape)


def quantize_depth(depth: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Metres to millimetres; 0 where nothing was hit or the distance is beyond 65.535 m."""
    units = np.round(depth / DEPTH_UNIT)
    return np.where(np.isfinite(units) & (units <= np.iinfo(np.uint16).max), units, 0).astype(np.uint16)


def restore_depth(units: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Millimetres to metres; inf where nothing was hit."""
    return np.where(units == 0, np.inf, units * DEPTH_UNIT).astype(np.float32)


def quantize_normals(normals: NDArray[np.float32]) -> NDArray[np.int8]:
    """Unit vectors to multiples of `NORMAL_UNIT`; NaN to zero."""
    return np.round(np.nan_to_num(normals) / NORMAL_UNIT).astype(np.int8)


def restore_normals(units: NDArray[np.int8]) -> NDArray[np.float32]:
    """Unit vectors; NaN where there is none."""
    length = np.linalg.norm(units.astype(np.float32), axis=-1, keepdims=True)
    return (units / np.where(length > 0.0, length, np.nan)).astype(np.float32)


class PictureWriter:
    """Appends the pictures of one camera and one channel."""

    def __init__(self, root: Path, channel: Channel, camera: str, jpeg: JpegCodec) -> None:
        self.name = f"frames/{channel}/{camera}"
        self._channel = channel
        self._jpeg = jpeg
        self._shape: tuple[int, ...] | None = None
        self._chunks = ChunkAppender(root / self.name, 4 if channel in _VECTORS else 3)

    def append(self, picture: NDArray | None) -> None:
        """Add one row, or None for no picture.

        rgb is (H, W, 3) uint8, ids (H, W) uint16, depth (H, W) float32 metres, normals (H, W, 3) float32 and free_space
        (H, W) uint8.
        """
        if picture is None:
            self._chunks.append(None)
            return
        if self._shape not in (None, picture.shape):
            raise ValueError(f"{self.name}: pictures of one camera must have one size: {self._shape}, {picture.shape}")
        self._shape = picture.shape
        self._chunks.append(self._encode(picture))

    def close(self, group: zarr.Group) -> None:
        """Finish the file and describe the array; nothing is made if no picture came."""
        rows, rows_per_shard = self._chunks.rows, self._chunks.close()
        if self._shape is None:
            return
        color, dtype = self._channel == "rgb", np.dtype(STORED_AS[self._channel])
        group.create_array(
            self.name,
            shape=(rows, *self._shape),
            chunks=(1, *self._shape),
            shards=(rows_per_shard, *self._shape),
            dtype=dtype,
            serializer=self._jpeg if color else BytesCodec(endian="little" if dtype.itemsize > 1 else None),
            compressors=None if color else ZstdCodec(level=_ZSTD_LEVEL, checksum=True),
            filters=None,
            fill_value=0,
            attributes=_ATTRIBUTES.get(self._channel, {}),
        )

    def abandon(self) -> None:
        """Close the file as it is."""
        self._chunks.abandon()

    def _encode(self, picture: NDArray) -> bytes:
        if self._channel == "rgb":
            return encode_jpeg(picture, self._jpeg.quality, self._jpeg.subsampling)
        if self._channel == "depth":
            picture = quantize_depth(picture)
        elif self._channel == "normals":
            picture = quantize_normals(picture)
        return encode_lossless(np.asarray(picture, STORED_AS[self._channel]))
