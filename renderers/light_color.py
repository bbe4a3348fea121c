"""The colour of light by its temperature."""

from __future__ import annotations

import numpy as np

from assets_index.transforms import Array, Vec3

WHITE = 6500.0
"""Temperature that is shown as white, kelvin."""

_FROM_XYZ = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])


def light_color(kelvin: float) -> Vec3:
    """Linear colour, its greatest channel 1, of a black body of 1,667 to 25,000 K, as seen by an eye used to `WHITE`.

    Source: Kim et al., "Design of advanced color temperature control system for HDTV applications" (2002).
    """
    relative = _planckian(kelvin) / _planckian(WHITE)
    r, g, b = (float(channel) for channel in relative / relative.max())
    return r, g, b


def _planckian(kelvin: float) -> Array:
    """Linear sRGB at luminance 1, no channel below 0.01."""
    t = 1e3 / np.clip(kelvin, 1667.0, 25000.0)
    if t > 0.25:
        x = np.polyval([-0.2661239, -0.2343589, 0.8776956, 0.179910], t)
        curve = (
            [-1.1063814, -1.34811020, 2.18555832, -0.20219683]
            if t > 1e3 / 2222
            else [-0.9549476, -1.37418593, 2.09137015, -0.16748867]
        )
    else:
        x = np.polyval([-3.0258469, 2.1070379, 0.2226347, 0.240390], t)
        curve = [3.0817580, -5.87338670, 3.75112997, -0.37001483]
    y = np.polyval(curve, x)
    return np.maximum(_FROM_XYZ @ [x / y, 1.0, (1.0 - x - y) / y], 0.01)
