"""From fields to colours. Colours are sRGB in 0..1, pictures (SIZE, SIZE, 3) float32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from assets_index.textures.noise import Field

Color: TypeAlias = tuple[float, float, float]
Picture: TypeAlias = NDArray[np.float32]


def rgb(code: str) -> Color:
    """The colour of a hexadecimal code such as "c8a06a"."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


def darker(color: Color, factor: float) -> Color:
    """`color` with its channels scaled by `factor`."""
    return factor * color[0], factor * color[1], factor * color[2]


def plain(color: Color, shape: tuple[int, ...]) -> Picture:
    """One colour everywhere."""
    return np.broadcast_to(np.asarray(color, np.float32), (*shape, 3)).copy()


def mix(below: Picture | Color, above: Picture | Color, amount: Field) -> Picture:
    """`above` over `below` with opacity `amount`."""
    a = np.asarray(below, np.float32)
    return (a + (np.asarray(above, np.float32) - a) * amount[..., None]).astype(np.float32)


def ramp(value: Field, colors: Sequence[Color]) -> Picture:
    """Colours interpolated along `value` in 0..1."""
    stops = np.linspace(0, 1, len(colors))
    table = np.asarray(colors)
    return np.stack([np.interp(value, stops, table[:, k]) for k in range(3)], -1).astype(np.float32)


def lit(picture: Picture, factor: Field) -> Picture:
    """Brightness scaled by `factor`."""
    return (picture * factor[..., None]).astype(np.float32)
