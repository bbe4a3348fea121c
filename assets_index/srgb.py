"""sRGB's transfer function (IEC 61966-2-1), between codes in 0..1 and linear values."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from assets_index.transforms import Array


def srgb_from_linear(linear: ArrayLike) -> Array:
    """The sRGB code, 0..1, of linear values; clipped to 0..1."""
    values = np.clip(linear, 0.0, 1.0)
    return np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


def linear_from_srgb(code: ArrayLike) -> Array:
    """The linear value of sRGB codes; clipped to 0..1."""
    values = np.clip(np.asarray(code, float), 0.0, 1.0)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
