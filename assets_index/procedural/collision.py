"""Collision hulls made from the same numbers as the surface they stand for; each is a set of points (N, 3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from assets_index.procedural.surface import circle, rings_along_z
from assets_index.transforms import Array

SECTORS = 16


def box_hull(size: ArrayLike, center: ArrayLike = (0.0, 0.0, 0.0)) -> Array:
    """The eight corners of a box."""
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    return np.asarray(center, float) + signs * np.asarray(size, float) / 2


def prism_hull(outline: ArrayLike, lower: float, upper: float) -> Array:
    """A convex outline (K, 2) between two heights."""
    outline = np.asarray(outline, float)
    return np.concatenate([np.column_stack([outline, np.full(len(outline), z)]) for z in (lower, upper)])


def round_hull(profile: ArrayLike, segments: int = SECTORS) -> Array:
    """A convex body of revolution about z, by a profile of (radius, z)."""
    return rings_along_z(profile, circle(segments)).reshape(-1, 3)


def wall_hulls(outer: ArrayLike, inner: ArrayLike, outline: Array) -> tuple[Array, ...]:
    """A hollow wall about z as wedges that touch without gaps, one a side of the outline and step of the profile.

    Args:
        outer, inner: profiles of (scale, z), (M, 2) each, that belong together row by row.
        outline: convex outline (K, 2) that the profiles scale.
    """
    outside, inside = rings_along_z(outer, outline), rings_along_z(inner, outline)
    wedges = []
    for level in range(len(outside) - 1):
        for side in range(len(outline)):
            other = (side + 1) % len(outline)
            rings = [
                ring[row, column]
                for row in (level, level + 1)
                for ring in (outside, inside)
                for column in (side, other)
            ]
            wedges.append(np.array(rings))
    return tuple(wedges)
