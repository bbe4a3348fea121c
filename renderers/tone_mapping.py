"""From linear radiance to the colours of a picture, as Filament's pictures have it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assets_index.srgb import srgb_from_linear

_OFFSET = 0.04
_COMPRESSED_FROM = 0.8 - _OFFSET
_DESATURATION = 0.15


def tone_mapped(radiance: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The sRGB colours (..., 3) of linear radiance (..., 3) by the Khronos PBR neutral tone mapper.

    Colours below the knee stay as they are, less the 4 % that a dielectric reflects; above it they fade to white.
    https://github.com/KhronosGroup/ToneMapping/blob/main/PBR_Neutral/README.md
    """
    color = np.maximum(radiance, 0.0)
    least = color.min(-1, keepdims=True)
    color = color - np.where(least < 2 * _OFFSET, least - 6.25 * least**2, _OFFSET)
    peak = color.max(-1, keepdims=True)
    room = 1.0 - _COMPRESSED_FROM
    # Below the knee the compressed peak is the peak itself.
    beyond = np.maximum(peak - _COMPRESSED_FROM, 0.0)
    compressed = np.where(beyond > 0.0, 1.0 - room**2 / (beyond + room), peak)
    color = color * compressed / np.maximum(peak, 1e-9)
    fade = 1.0 - 1.0 / (_DESATURATION * (peak - compressed) + 1.0)
    return np.rint(255.0 * srgb_from_linear(color + fade * (compressed - color))).astype(np.uint8)
