"""The top of a table: where things can stand, and hulls that carry them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from assets_index.asset import SupportSurface
from assets_index.errors import UnusableMesh
from assets_index.ingest.cavity import height_map, inscribed_convex
from assets_index.ingest.collide import MAX_HULLS, MAX_VERTICES
from assets_index.ingest.samples import fewer_vertices
from assets_index.transforms import Array

_LEVEL = 0.004  # metres within which a top counts as level
_SHARE = 0.5  # of the footprint that must be the top
_SLAB = 0.05  # metres under the top that belong to it


def flat_surface(corners: Array, share: float = _SHARE) -> SupportSurface:
    """The level surface that takes at least `share` of what is seen from above.

    Raises:
        UnusableMesh: if there is none.
    """
    seen = height_map(corners)
    heights = seen.height[np.isfinite(seen.height)]
    steps = np.round(heights / _LEVEL).astype(int)
    counts = np.bincount(steps - steps.min())
    middle = float(np.median(heights[steps - steps.min() == int(counts.argmax())]))
    level = np.abs(seen.height - middle) <= _LEVEL
    if level.sum() < share * len(heights):
        raise UnusableMesh("has no level surface that things could stand on")
    outline = inscribed_convex(seen.region(level))
    if not outline:
        raise UnusableMesh("has no level surface that things could stand on")
    return SupportSurface(height=middle, outline=outline)


def table_hulls(corners: Array, top: SupportSurface) -> list[Array]:
    """One hull for the top, and one for each connected piece below it (legs, drawers, trestles)."""
    low = corners[..., 2].min(1)
    slab = corners[low > top.height - _SLAB].reshape(-1, 3)
    under = np.concatenate([slab, np.column_stack([top.outline, np.full(len(top.outline), top.height - 0.02)])])
    hulls = [
        fewer_vertices(np.concatenate([under, np.column_stack([top.outline, np.full(len(top.outline), top.height)])]))
    ]
    hulls[0][:, 2] = np.minimum(hulls[0][:, 2], top.height)  # an edge that stands up must not lift what stands there
    below = corners[low <= top.height - _SLAB]
    for piece in _pieces(below)[: MAX_HULLS - 1]:
        clipped = np.minimum(piece.reshape(-1, 3), [np.inf, np.inf, top.height - 0.5 * _SLAB])
        try:
            hulls.append(fewer_vertices(clipped, MAX_VERTICES))
        except UnusableMesh:
            continue  # a flat panel under the top carries nothing
    return hulls


def _pieces(corners: Array) -> list[Array]:
    """Connected pieces of a soup, largest first."""
    if not len(corners):
        return []
    _, place = np.unique(np.round(corners.reshape(-1, 3), 4), axis=0, return_inverse=True)
    faces = place.reshape(-1, 3)
    links = coo_array(
        (np.ones(2 * len(faces)), (faces[:, [0, 1]].ravel(), faces[:, [1, 2]].ravel())), shape=(faces.max() + 1,) * 2
    )
    piece = connected_components(links, directed=False)[1][faces[:, 0]]
    groups = [corners[piece == k] for k in range(piece.max() + 1)]
    return sorted(groups, key=lambda group: -float(np.prod(np.ptp(group.reshape(-1, 3), axis=0) + 1e-3)))
