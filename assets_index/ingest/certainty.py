"""When a colour word is certain enough to be said of somebody else's mesh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.asset import VisualPart
from assets_index.describe import surface_colors
from assets_index.words import SHADES, lab

MARGIN = 6.0  # in CIE Lab: how much nearer the mean colour must be to its word than to any other


def certain_color(parts: Sequence[VisualPart]) -> bool:
    """Whether the mean colour is clearly nearer to one colour word than to the next.

    Light grays, which are white in another light, navies and tans have no certain word.
    """
    colors, areas = surface_colors(parts)
    mean = lab((colors * areas[:, None]).sum(0) / areas.sum())
    distance = sorted(
        float(np.linalg.norm(lab(np.array(shades) / 255) - mean, axis=-1).min()) for shades in SHADES.values()
    )
    return distance[1] - distance[0] > MARGIN
