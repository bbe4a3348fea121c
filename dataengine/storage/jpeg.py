"""The `jpeg` codec of zarr: one picture a chunk.

Installed with the package as an entry point, so that plain `zarr` decodes our frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import cv2
import numpy as np
from numpy.typing import NDArray
from zarr.abc.codec import ArrayBytesCodec
from zarr.core.array_spec import ArraySpec
from zarr.core.buffer import Buffer, NDBuffer
from zarr.core.common import JSON, parse_named_configuration
from zarr.registry import register_codec

Subsampling = Literal["4:4:4", "4:2:2", "4:2:0"]
Picture = NDArray[np.uint8]

_SAMPLING_FACTOR = {
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
}


def encode_jpeg(rgb: Picture, quality: int = 95, subsampling: Subsampling = "4:2:0") -> bytes:
    """One picture (H, W, 3) uint8 sRGB as a JPEG file."""
    settings = [
        *(cv2.IMWRITE_JPEG_QUALITY, quality),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, _SAMPLING_FACTOR[subsampling]),
    ]
    done, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), settings)
    if not done:
        raise ValueError(f"not a picture that JPEG can hold: shape {rgb.shape}, {rgb.dtype}")
    return data.tobytes()


def decode_jpeg(data: bytes | memoryview | Picture) -> Picture:
    """A JPEG file as (H, W, 3) uint8 sRGB; ValueError if it is none."""
    rgb = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB) if len(data) else None
    if rgb is None:
        raise ValueError(f"these {len(data)} bytes are not a JPEG file")
    return rgb


@dataclass(frozen=True)
class JpegCodec(ArrayBytesCodec):
    """Chunks of shape (1, ..., 1, H, W, 3) uint8 as JPEG files.

    Attributes:
        quality: 1..100, as libjpeg counts.
        subsampling: of the colour differences.
    """

    quality: int = 95
    subsampling: Subsampling = "4:2:0"

    is_fixed_size = False

    def __post_init__(self) -> None:
        if not 1 <= self.quality <= 100:
            raise ValueError(f"jpeg quality must be 1..100, got {self.quality}")
        if self.subsampling not in get_args(Subsampling):
            raise ValueError(f"jpeg subsampling must be one of {get_args(Subsampling)}, got {self.subsampling!r}")

    @classmethod
    def from_dict(cls, data: dict[str, JSON]) -> Self:
        """The codec of a `codecs` entry in `zarr.json`."""
        _, configuration = parse_named_configuration(data, "jpeg", require_configuration=False)
        return cls(**(configuration or {}))  # type: ignore[arg-type]

    def to_dict(self) -> dict[str, JSON]:
        """The entry of `codecs` in `zarr.json`."""
        return {"name": "jpeg", "configuration": {"quality": self.quality, "subsampling": self.subsampling}}

    def validate(self, *, shape: tuple[int, ...], dtype: Any, chunk_grid: Any) -> None:
        """Refuse arrays that are not stacks of RGB pictures with one picture a chunk."""
        chunk = tuple(chunk_grid.chunk_shape)
        if dtype.to_native_dtype() != np.uint8 or len(shape) < 3 or shape[-1] != 3:
            raise ValueError(f"the jpeg codec holds uint8 (..., H, W, 3), got {dtype} {shape}")
        if chunk[-3:] != shape[-3:] or any(edge != 1 for edge in chunk[:-3]):
            raise ValueError(f"the jpeg codec needs one picture a chunk, got chunks {chunk} of {shape}")

    def compute_encoded_size(self, input_byte_length: int, _chunk_spec: ArraySpec) -> int:
        """Not known before encoding."""
        raise NotImplementedError

    async def _decode_single(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> NDBuffer:
        rgb = decode_jpeg(chunk_data.to_bytes())
        if rgb.size != np.prod(chunk_spec.shape):
            raise ValueError(f"a picture has shape {rgb.shape}, not {chunk_spec.shape}")
        return chunk_spec.prototype.nd_buffer.from_numpy_array(rgb.reshape(chunk_spec.shape))

    async def _encode_single(self, chunk_data: NDBuffer, chunk_spec: ArraySpec) -> Buffer:
        height, width, channels = chunk_spec.shape[-3:]
        rgb = np.ascontiguousarray(chunk_data.as_numpy_array()).reshape(height, width, channels)
        return chunk_spec.prototype.buffer.from_bytes(encode_jpeg(rgb, self.quality, self.subsampling))


register_codec("jpeg", JpegCodec)
