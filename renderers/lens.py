"""Lens distortion as OpenCV models it: Brown and Conrady's radial and tangential terms.

Points are those of a pinhole camera's plane at distance 1: x to the right, y down.
"""

from __future__ import annotations

import numpy as np

from assets_index.transforms import Array

Distortion = tuple[float, float, float, float, float]
"""k1, k2, p1, p2, k3, in OpenCV's order."""

NO_DISTORTION: Distortion = (0.0, 0.0, 0.0, 0.0, 0.0)

BEYOND = 1.3
"""Farther out than this multiple of the picture's corner a lens is not followed: its polynomial may fold back there."""

ITERATIONS = 60
EXACT = 1e-10


def distorted(points: Array, distortion: Distortion, reach: float) -> Array:
    """Where a lens shows points (..., 2) of the plane.

    Args:
        points: without distortion.
        distortion: the coefficients.
        reach: distance of the picture's farthest corner from the axis; see `BEYOND`.
    """
    if distortion == NO_DISTORTION:
        return points
    k1, k2, p1, p2, k3 = distortion
    radius = np.linalg.norm(points, axis=-1)
    shrink = np.minimum(1.0, BEYOND * reach / np.maximum(radius, 1e-12))[..., None]
    x, y = np.moveaxis(points * shrink, -1, 0)
    r2 = x * x + y * y
    radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
    moved = np.stack(
        [
            x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
            y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
        ],
        -1,
    )
    return moved / shrink


def undistorted(points: Array, distortion: Distortion) -> Array:
    """The points (..., 2) of the plane that a lens shows at `points`, by fixed-point iteration."""
    if distortion == NO_DISTORTION:
        return points
    found = points
    for _ in range(ITERATIONS):
        error = points - distorted(found, distortion, np.inf)
        found = found + error
        if np.abs(error).max(initial=0.0) < EXACT:
            break
    return found
