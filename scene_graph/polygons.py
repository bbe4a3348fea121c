"""Convex polygons in the plane: where one can be put inside, beside or away from another.

A placement is a translation p of a polygon F whose origin is the body's origin; every function answers with the exact
set of such translations, so a search that draws from it never misses a place that exists.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from assets_index.transforms import Array

_ARC_SEGMENTS = 2  # a quarter circle; radii are enlarged so that the polygon contains the true disc
_ARC_EXCESS = 1.0 / np.cos(np.pi / (4 * _ARC_SEGMENTS))
_BATCH = 64
_BATCHES = 4


def corners(polygon: shapely.Polygon) -> Array:
    """Vertices of a polygon without the repeated last one, (N, 2)."""
    return np.asarray(shapely.get_coordinates(polygon)[:-1])


def center_of(polygon: shapely.Polygon) -> Array:
    """Centroid, (2,)."""
    return np.asarray(shapely.get_coordinates(shapely.centroid(polygon))[0])


def translated(polygon: shapely.Geometry, offset: ArrayLike) -> shapely.Geometry:
    """The geometry moved by an offset (2,)."""
    offset = np.asarray(offset, float)
    return shapely.transform(polygon, lambda points: points + offset)


def signed_distance(point: ArrayLike, polygon: shapely.Polygon) -> float:
    """Distance of a point (2,) from the boundary: positive inside, negative outside."""
    where = shapely.Point(np.asarray(point, float))
    outside = float(polygon.distance(where))
    return -outside if outside > 0.0 else float(polygon.exterior.distance(where))


def placements_inside(outer: shapely.Polygon, footprint: shapely.Polygon) -> shapely.Geometry:
    """Translations that put a footprint wholly inside a convex polygon; empty if it does not fit."""
    return shapely.intersection_all([translated(outer, -corner) for corner in corners(footprint)])


def placements_in_box(lower: ArrayLike, upper: ArrayLike, footprint: shapely.Polygon) -> shapely.Geometry:
    """Translations that put a footprint wholly inside an axis-aligned rectangle; empty if it does not fit."""
    x0, y0 = np.asarray(lower, float) - footprint.bounds[:2]
    x1, y1 = np.asarray(upper, float) - footprint.bounds[2:]
    return shapely.box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else shapely.Polygon()


def placements_within_gap(obstacle: shapely.Polygon, footprint: shapely.Polygon, gap: float) -> shapely.Polygon:
    """Translations that leave less than `gap` metres between a footprint and a convex obstacle.

    The Minkowski sum of the obstacle, the mirrored footprint and a disc; arcs err outwards, by at most 8 % of `gap`.
    """
    touching = shapely.Polygon(_minkowski_sum(_loop(obstacle), -_loop(footprint)))
    return shapely.buffer(touching, gap * _ARC_EXCESS, quad_segs=_ARC_SEGMENTS) if gap > 0.0 else touching


def _loop(polygon: shapely.Polygon) -> Array:
    """Corners counter-clockwise, the first repeated at the end, (N + 1, 2)."""
    points = np.asarray(shapely.get_coordinates(polygon))
    return points if shapely.is_ccw(shapely.get_exterior_ring(polygon)) else points[::-1]


def _minkowski_sum(first: Array, second: Array) -> Array:
    """Corners of the sum of two convex loops: their edges merged by direction, from the lowest corner on."""
    edges = np.concatenate([first[1:] - first[:-1], second[1:] - second[:-1]])
    angles = np.arctan2(edges[:, 1], edges[:, 0])
    angles[angles < 0.0] += 2 * np.pi
    lowest = first[np.lexsort((first[:, 0], first[:, 1]))[0]] + second[np.lexsort((second[:, 0], second[:, 1]))[0]]
    return lowest + np.cumsum(edges[np.argsort(angles, kind="stable")], axis=0)


def disc(radius: float, center: ArrayLike = (0.0, 0.0)) -> shapely.Polygon:
    """A 16-gon that contains the disc."""
    angles = np.arange(16) * (2 * np.pi / 16)
    points = np.stack([np.cos(angles), np.sin(angles)], 1) * (radius / np.cos(np.pi / 16))
    return shapely.Polygon(points + np.asarray(center, float))


def sample_inside(geometry: shapely.Geometry, rng: np.random.Generator) -> Array | None:
    """A point drawn uniformly from a region (2,); None if the region has no area."""
    if geometry.is_empty or geometry.area == 0.0:
        return None
    for _ in range(_BATCHES):
        inside = points_inside(geometry, rng)
        if len(inside):
            return np.asarray(inside[0])
    return _sample_by_triangles(geometry, rng)


def points_inside(geometry: shapely.Geometry, rng: np.random.Generator) -> Array:
    """Points drawn uniformly from a region with an area, (N, 2): as many as fall into it of some drawn around it."""
    lower, upper = np.reshape(geometry.bounds, (2, 2))
    shapely.prepare(geometry)
    points = rng.uniform(lower, upper, (_BATCH, 2))
    return np.asarray(points[shapely.contains_xy(geometry, points)])


def surely_clear(points: Array, footprint: shapely.Polygon, obstacle: shapely.Polygon, gap: float) -> NDArray[np.bool_]:
    """Which translations (N, 2) leave at least `gap` metres between a footprint and a convex obstacle, as (N,).

    They do if the two are so far apart along the normal of an edge; those that are near at corners only are left out,
    too, which is what makes this so much cheaper than `placements_within_gap`.
    """
    (fixed, fixed_normals, fixed_reach), (moved, moved_normals, moved_reach) = _sides(obstacle), _sides(footprint)
    beyond = points @ fixed_normals >= fixed_reach + (-moved @ fixed_normals).max(0) + gap
    behind = -points @ moved_normals >= moved_reach + (-fixed @ moved_normals).max(0) + gap
    return np.asarray(beyond.any(1) | behind.any(1))


@lru_cache(maxsize=1024)
def _sides(polygon: shapely.Polygon) -> tuple[Array, Array, Array]:
    """Corners of a convex polygon as of `_loop`, outward normals of its sides (2, N), its reach along each (N,)."""
    loop = _loop(polygon)
    edges = np.diff(loop, axis=0)
    normals = np.stack([edges[:, 1], -edges[:, 0]]) / np.linalg.norm(edges, axis=1)
    return loop, normals, (loop @ normals).max(0)


def _sample_by_triangles(geometry: shapely.Geometry, rng: np.random.Generator) -> Array | None:
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(geometry))
    areas = shapely.area(triangles)
    if not areas.sum() > 0.0:
        return None
    a, b, c = corners(triangles[rng.choice(len(triangles), p=areas / areas.sum())])
    u, v = rng.random(2)
    if u + v > 1.0:
        u, v = 1.0 - u, 1.0 - v
    return np.asarray(a + u * (b - a) + v * (c - a))


def narrowest_width(polygon: shapely.Polygon) -> float:
    """Least distance of two parallel lines that hold a convex polygon between them."""
    points = corners(polygon)
    edges = np.roll(points, -1, 0) - points
    normals = np.stack([-edges[:, 1], edges[:, 0]], 1) / np.linalg.norm(edges, axis=1, keepdims=True)
    reach = points @ normals.T
    return float(np.ptp(reach, axis=0).min())


def outer_radius(polygon: shapely.Polygon) -> float:
    """Radius of the smallest circle around a polygon."""
    return float(shapely.minimum_bounding_radius(polygon))


def inner_radius(polygon: shapely.Geometry, tolerance: float = 1e-4) -> float:
    """Radius of the greatest circle inside a polygon, to a tolerance in metres: around holes a fine one is dear."""
    return float(shapely.length(shapely.maximum_inscribed_circle(polygon, tolerance=tolerance)))


def may_fit(inner: shapely.Polygon, outer: shapely.Polygon) -> bool:
    """Whether one convex polygon could lie in another after some turn: it is no larger, no longer and no wider."""
    return bool(
        inner.area <= outer.area
        and narrowest_width(inner) <= narrowest_width(outer)
        and _diameter(inner) <= _diameter(outer)
    )


def _diameter(polygon: shapely.Polygon) -> float:
    """Greatest distance of two corners."""
    points = corners(polygon)
    return float(np.linalg.norm(points[:, None] - points[None], axis=-1).max())
