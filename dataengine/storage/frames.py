"""Pictures of a shard: JPEG colours, lossless ids, depth in millimetres."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import zarr
from numcodecs.zstd import Zstd
from numpy.typing import NDArray
from zarr.codecs import BytesCodec, ZstdCodec

from dataengine.storage.jpeg import JpegCodec, encode_jpeg
from dataengine.storage.sharded import ChunkAppender

Channel = Literal["rgb", "ids", "depth"]

DEPTH_UNIT = 0.001
"""Metres per unit of stored depth; 0 stands for "nothing hit" and for depths that uint16 cannot hold."""

_ZSTD_LEVEL = 3
_zstd = Zstd(level=_ZSTD_LEVEL, checksum=True)


def encode_lossless(picture: NDArray[np.uint16]) -> bytes:
    """Little-endian uint16, zstd: the bytes that zarr's own codecs read."""
    return bytes(_zstd.encode(np.ascontiguousarray(picture, "<u2")))


def decode_lossless(data: bytes, height: int, width: int) -> NDArray[np.uint16]:
    """The inverse of `encode_lossless`, (height, width)."""
    return np.frombuffer(_zstd.decode(data), "<u2").reshape(height, width)


def quantize_depth(depth: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Metres to millimetres; 0 where nothing was hit or the distance is beyond 65.535 m."""
    units = np.round(depth / DEPTH_UNIT)
    return np.where(np.isfinite(units) & (units <= np.iinfo(np.uint16).max), units, 0).astype(np.uint16)


def restore_depth(units: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Millimetres to metres; inf where nothing was hit."""
    return np.where(units == 0, np.inf, units * DEPTH_UNIT).astype(np.float32)


class PictureWriter:
    """Appends the pictures of one camera and one channel."""

    def __init__(self, root: Path, channel: Channel, camera: str, jpeg: JpegCodec) -> None:
        self.name = f"frames/{channel}/{camera}"
        self._channel = channel
        self._jpeg = jpeg
        self._shape: tuple[int, ...] | None = None
        self._chunks = ChunkAppender(root / self.name, 4 if channel == "rgb" else 3)

    def append(self, picture: NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32] | None) -> None:
        """Add one row: rgb (H, W, 3) uint8, ids (H, W) uint16, depth (H, W) float32 metres, or None for no picture."""
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
        color = self._channel == "rgb"
        group.create_array(
            self.name,
            shape=(rows, *self._shape),
            chunks=(1, *self._shape),
            shards=(rows_per_shard, *self._shape),
            dtype=np.uint8 if color else np.uint16,
            serializer=self._jpeg if color else BytesCodec(endian="little"),
            compressors=None if color else ZstdCodec(level=_ZSTD_LEVEL, checksum=True),
            filters=None,
            fill_value=0,
            attributes={"unit_in_metres": DEPTH_UNIT} if self._channel == "depth" else {},
        )

    def abandon(self) -> None:
        """Close the file as it is."""
        self._chunks.abandon()

    def _encode(self, picture: NDArray) -> bytes:
        if self._channel == "rgb":
            return encode_jpeg(picture, self._jpeg.quality, self._jpeg.subsampling)
        return encode_lossless(quantize_depth(picture) if self._channel == "depth" else picture)
