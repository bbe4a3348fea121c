"""Collision hulls made from the same numbers as the surface they stand for; each is a set of points (N, 3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from assets_index.asset import SupportSurface
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


def flat_top(outline: ArrayLike, height: float) -> SupportSurface:
    """A level top with that convex outline (K, 2), on which other things can stand."""
    return SupportSurface(height=float(height), outline=tuple((float(x), float(y)) for x, y in np.asarray(outline)))


def box_top(size: ArrayLike, inset: float = 0.002) -> SupportSurface:
    """The top of a box that stands on z = 0 over the origin, without its rounded edges."""
    x, y, z = np.asarray(size, float)
    half = np.array([x, y]) / 2 - inset
    return flat_top(np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half, z)


def round_hull(profile: ArrayLike, segments: int = SECTORS) -> Array:
    """A convex body of revolution about z, by a profile of (radius, z)."""
    return rings_along_z(profile, circle(segments)).reshape(-1, 3)


def round_pieces(profile: ArrayLike, segments: int = SECTORS) -> tuple[Array, ...]:
    """A body of revolution that is not convex, cut between the rows of its profile of (radius, z)."""
    profile = np.asarray(profile, float)
    return tuple(round_hull(profile[k : k + 2], segments) for k in range(len(profile) - 1))


def wall_hulls(outer: ArrayLike, inner: ArrayLike) -> tuple[Array, ...]:
    """A hollow wall as wedges that touch without gaps, one for each level and side of its convex rings.

    Args:
        outer: rings of the outer face from bottom to top, (M, K, 3).
        inner: rings of the inner face that belong to them point by point, (M, K, 3).
    """
    faces = np.stack([np.asarray(outer, float), np.asarray(inner, float)], 2)
    sides = np.concatenate([faces, np.roll(faces, -1, axis=1)], 2)
    return tuple(np.concatenate([sides[:-1], sides[1:]], 2).reshape(-1, 8, 3))


def round_wall(outer: ArrayLike, inner: ArrayLike, segments: int = SECTORS) -> tuple[Array, ...]:
    """A wall of revolution by profiles of (radius, z) that belong together row by row."""
    outline = circle(segments)
    return wall_hulls(rings_along_z(outer, outline), rings_along_z(inner, outline))


def bar_hulls(path: ArrayLike, half_width: ArrayLike, half_thickness: ArrayLike) -> tuple[Array, ...]:
    """A bar along a path (M, 3) in an xz plane, in straight pieces.

    Args:
        path: (M, 3).
        half_width: along y, one for all or one for each point of the path.
        half_thickness: across the path, likewise.
    """
    path = np.asarray(path, float)
    along = np.gradient(path, axis=0)
    across = np.cross(along / np.linalg.norm(along, axis=-1, keepdims=True), [0.0, 1.0, 0.0])
    across *= np.broadcast_to(half_thickness, len(path))[:, None]
    side = np.broadcast_to(half_width, len(path))[:, None] * np.array([0.0, 1.0, 0.0])
    corners = np.stack([path + a * across + b * side for a in (-1, 1) for b in (-1, 1)], 1)
    return tuple(np.concatenate([corners[k], corners[k + 1]]) for k in range(len(path) - 1))
