"""Points on triangle soups, and how much of their convex hull they fill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from scipy.spatial import ConvexHull, QhullError

from assets_index.errors import UnusableMesh
from assets_index.transforms import Array

_VOXELS = 56  # along the longest side
_MAX_SAMPLES = 1_000_000
_SAMPLES_A_VOXEL = 20  # one voxel that is missed, and the inside runs out


def surface_points(corners: Array, count: int) -> Array:
    """`count` points spread evenly over triangles (F, 3, 3) by area, after all their corners; (3 F + count, 3)."""
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    cumulative = np.cumsum(area) / area.sum()
    # Low-discrepancy instead of random: even, and the same on every machine.
    index = np.arange(count) + 0.5
    face = np.minimum(np.searchsorted(cumulative, index / count), len(area) - 1)
    r, s = index * 0.7548776662466927 % 1.0, index * 0.5698402909980532 % 1.0
    folded = r + s > 1
    r, s = np.where(folded, 1 - r, r), np.where(folded, 1 - s, s)
    a, b, c = (corners[face, k] for k in range(3))
    inside = a + r[:, None] * (b - a) + s[:, None] * (c - a)
    return np.concatenate([corners.reshape(-1, 3), inside])


def hull_of(points: Array) -> ConvexHull:
    """The convex hull of points (N, 3).

    Raises:
        UnusableMesh: if they span no volume.
    """
    try:
        return ConvexHull(points)
    except (QhullError, ValueError) as error:
        raise UnusableMesh("zero volume") from error


@dataclass(frozen=True)
class Solidity:
    """How solid a soup is.

    Attributes:
        convex: share of the convex hull that is filled, 0..1.
        core: share of the filled volume that is not skin, 0..1; small for cups, shades, clothes and wire.
    """

    convex: float
    core: float


def solidity(corners: Array) -> Solidity:
    """Measure triangles (F, 3, 3); whatever outside air cannot reach counts as filled.

    Works on any soup: holes narrower than 1/56 of the longest side are closed.
    """
    skin, filled = _voxels(corners)
    hull = hull_of(corners.reshape(-1, 3))
    _, hull_filled = _voxels(hull.points[hull.simplices])
    return Solidity(float(min(1.0, filled.sum() / hull_filled.sum())), float((filled & ~skin).sum() / filled.sum()))


def _voxels(corners: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Voxels of the surface, and those of the surface with its inside."""
    lower, extent = corners.reshape(-1, 3).min(0), np.ptp(corners.reshape(-1, 3), axis=0)
    pitch = float(extent.max()) / _VOXELS
    area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum()
    points = surface_points(corners, int(min(_MAX_SAMPLES, 2000 + _SAMPLES_A_VOXEL * area / pitch**2)))
    cells = np.floor((points - lower) / pitch).astype(int) + 1
    skin = np.zeros(np.ceil(extent / pitch).astype(int) + 3, bool)
    skin[tuple(cells.T)] = True
    regions, _ = label(~skin)
    return skin, regions != regions[0, 0, 0]


def fewer_vertices(points: Array, most: int = 48) -> Array:
    """At most `most` of the hull's vertices, chosen so that little of the hull is lost.

    Starts from the corners of the extents and keeps adding the vertices that stick out furthest.
    """
    vertices = points[hull_of(points).vertices]
    if len(vertices) <= most:
        return vertices
    ends = np.array([[x, y, z] for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1) if x or y or z], float)
    chosen = np.unique(((vertices / np.ptp(vertices, axis=0)) @ ends.T).argmax(0))
    while len(chosen) < most:
        planes = ConvexHull(vertices[chosen]).equations
        outside = (vertices @ planes[:, :3].T + planes[:, 3]).max(1)
        outside[chosen] = -np.inf
        farthest = np.argsort(-outside, kind="stable")[: min(4, most - len(chosen))]
        chosen = np.append(chosen, farthest)
    return vertices[np.sort(chosen)]
