"""When a colour word is certain enough to be said of somebody else's mesh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.asset import VisualPart
from assets_index.describe import surface_colors
from assets_index.words import SHADES, lab

MARGIN = 8.0  # in CIE Lab: how much nearer the mean colour must be to its word than to any other
FARTHEST = 12.5  # in CIE Lab: how near it must be, unless it is vivid
VIVID = 40.0  # chroma from which a colour has a name even far from the usual shades
DARKEST_WHITE = 68.0  # lightness from which a gray may be what a white thing looks like


def certain_color(parts: Sequence[VisualPart]) -> bool:
    """Whether the mean colour is near to one colour word and clearly farther from the next.

    Light grays, navies, creams and tans have no certain word.
    """
    colors, areas = surface_colors(parts)
    mean = lab((colors * areas[:, None]).sum(0) / areas.sum())
    (nearest, word), (second, _) = sorted(
        (float(np.linalg.norm(lab(np.array(shades) / 255) - mean, axis=-1).min()), word)
        for word, shades in SHADES.items()
    )[:2]
    light_gray = word == "gray" and mean[0] > DARKEST_WHITE
    named = nearest < FARTHEST or float(np.hypot(mean[1], mean[2])) > VIVID
    return second - nearest > MARGIN and named and not light_gray
