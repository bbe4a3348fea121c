"""Paths that do not lead straight to their goal, so that not all of them look alike, and where a path has corners."""

from __future__ import annotations

import numpy as np

from assets_index.transforms import Array

SAMPLES = 24
"""Pieces of a bowed path."""

ROUNDING = 0.004
"""Greatest distance, rad, by which a spline through a waypoint may cut it for the path to have no corner there."""


def bowed(start: Array, goal: Array, spread: float, rng: np.random.Generator) -> Array:
    """Waypoints (K, J) of a parabola in joint space from start to goal, bent sideways by chance.

    Args:
        start: (J,) rad.
        goal: (J,) rad.
        spread: standard deviation of the greatest sideways distance in each direction, as a share of the distance from
            start to goal.
        rng: draws the bend.
    """
    way = goal - start
    length = float(np.linalg.norm(way))
    sideways = rng.normal(0.0, spread * length, len(way))
    along = way / max(length, 1e-9)
    sideways -= (sideways @ along) * along
    part = np.linspace(0.0, 1.0, SAMPLES + 1)[:, None]
    return np.asarray(start + part * way + 4.0 * part * (1.0 - part) * sideways)


def corners(path: Array) -> list[int]:
    """Indices of the waypoints (K, J) at which the arm has to stop: the first, the last, and every sharp bend.

    A cubic spline through a bend by a small angle leaves the straight pieces beside it, of length L, by about
    angle * L / 8.
    """
    pieces = np.diff(path, axis=0)
    lengths = np.linalg.norm(pieces, axis=1)
    cosine = (pieces[:-1] * pieces[1:]).sum(1) / np.maximum(lengths[:-1] * lengths[1:], 1e-12)
    cut = np.arccos(np.clip(cosine, -1.0, 1.0)) * np.maximum(lengths[:-1], lengths[1:]) / 8.0
    cut[np.minimum(lengths[:-1], lengths[1:]) < 1e-9] = 0.0
    return [0, *(int(i) + 1 for i in np.flatnonzero(cut > ROUNDING)), len(path) - 1]
