"""Environment cube maps as KTX 1 files, the form in which Filament takes an image light.

The container is described at https://registry.khronos.org/KTX/specs/1.0/ktxspec.v1.html. Filament reads the irradiance
from spherical harmonics stored as text under the key "sh".
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MAGIC = b"\xabKTX 11\xbb\r\n\x1a\n"
GL_RGB = 0x1907
GL_R11F_G11F_B10F = 0x8C3A
GL_UNSIGNED_INT_10F_11F_11F_REV = 0x8C3B
LARGEST = 64512.0
"""Greatest value that all three channels of R11F_G11F_B10F can hold."""


def encode(levels: Sequence[NDArray[np.floating]], harmonics: NDArray[np.floating]) -> bytes:
    """A cube map with mipmaps.

    Args:
        levels: (6, n, n, 3) linear radiance per mip level, n halving; faces +x, -x, +y, -y, +z, -z as in OpenGL.
        harmonics: (9, 3) coefficients of irradiance / pi, in the order and scaling of Filament's `cmgen`.
    """
    size = levels[0].shape[1]
    text = "\n".join("{:g} {:g} {:g}".format(*row) for row in harmonics) + "\n"
    pair = b"sh\0" + text.encode() + b"\0"
    metadata = struct.pack("<I", len(pair)) + pair + b"\0" * (-len(pair) % 4)
    formats = (GL_R11F_G11F_B10F, 1, GL_RGB, GL_R11F_G11F_B10F, GL_R11F_G11F_B10F)
    counts = (size, size, 0, 0, 6, len(levels), len(metadata))
    chunks = [MAGIC, struct.pack("<13I", 0x04030201, *formats, *counts), metadata]
    for level in levels:
        packed = pack_r11g11b10(level)
        chunks += [struct.pack("<I", packed[0].nbytes), packed.tobytes()]
    return b"".join(chunks)


def pack_r11g11b10(rgb: NDArray[np.floating]) -> NDArray[np.uint32]:
    """Linear RGB (..., 3) as unsigned floats of 11, 11 and 10 bits in one word, rounded towards zero."""
    half = np.clip(rgb, 0.0, LARGEST).astype(np.float16).view(np.uint16).astype(np.uint32)
    return (half[..., 0] >> 4) | (half[..., 1] >> 4) << 11 | (half[..., 2] >> 5) << 22
