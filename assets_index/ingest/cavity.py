"""Finding the inside of a container: what would hold water when it rains from above."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import label

from assets_index.asset import Cavity, Point2
from assets_index.ingest.samples import surface_points
from assets_index.rays import first_hits, scene_of
from assets_index.transforms import Array

CELLS = 96
MIN_DEPTH = 0.018  # metres; what is shallower carries things rather than holding them
MIN_OPENING = 0.012  # radius of the largest circle in the opening, metres
_CORNERS = 24
_WALL_SAMPLES = 60_000
_FLOOR_LIFTS = (0.005, 0.010, 0.015, 0.020)  # metres above the deepest point, which may be a crack or a hollow, to try
_CAPS = (
    1.0,
    1.3,
    1.8,
    2.6,
    4.0,
    np.inf,
)  # lengths of spokes tried, in radii of the largest circle: long ones bulge elsewhere
_CRACKS = 0.04  # share of the pool's lowest cells that may be cracks between hulls rather than its floor


@dataclass(frozen=True)
class HeightMap:
    """Highest surface over a grid seen from above.

    Attributes:
        height: (CELLS + 2, CELLS + 2) metres; -inf where nothing is, as everywhere along the border.
        origin: x, y of the first cell's centre; pitch: metres between cells in x and y.
    """

    height: Array
    origin: Array
    pitch: Array

    def region(self, cells: NDArray[np.bool_]) -> shapely.Geometry:
        """The cells as a polygon."""
        padded = np.pad(cells, ((0, 0), (1, 1))).astype(np.int8)
        change = np.diff(padded, axis=1)
        rows, first = np.nonzero(change == 1)
        _, beyond = np.nonzero(change == -1)  # runs of cells in a row, in the same order
        # Strips that overlap by a hair: touching ones would leave cracks in the union.
        half = 0.5001 * self.pitch
        x = self.origin[0] + rows * self.pitch[0]
        low, high = self.origin[1] + first * self.pitch[1], self.origin[1] + (beyond - 1) * self.pitch[1]
        return shapely.union_all(shapely.box(x - half[0], low - half[1], x + half[0], high + half[1]))


def height_map(corners: Array) -> HeightMap:
    """Look at triangles (F, 3, 3) from above."""
    vertices = corners.reshape(-1, 3)
    lower, upper = vertices.min(0), vertices.max(0)
    pitch = (upper[:2] - lower[:2]) / CELLS
    origin = lower[:2] - 0.5 * pitch
    rows, columns = np.indices((CELLS + 2, CELLS + 2))
    above = upper[2] + 0.1
    start = np.stack([origin[0] + rows * pitch[0], origin[1] + columns * pitch[1], np.full(rows.shape, above)], -1)
    down = np.broadcast_to([0.0, 0.0, -1.0], start.shape)
    distance, _ = first_hits(scene_of(corners), start.reshape(-1, 3), down.reshape(-1, 3))
    height = above - distance.reshape(rows.shape)
    # Rays miss walls without thickness; points on them do not.
    points = surface_points(corners, _WALL_SAMPLES)
    row, column = np.rint((points[:, :2] - origin) / pitch).astype(int).clip(1, CELLS).T
    np.maximum.at(height, (row, column), points[:, 2])
    height[[0, -1], :] = height[:, [0, -1]] = -np.inf
    return HeightMap(height, origin, pitch)


def _spill_levels(height: Array) -> Array:
    """The level to which each cell fills before it spills over the border (priority flood, Barnes et al. 2014)."""
    level = np.full(height.shape, np.inf)
    queue: list[tuple[float, int, int]] = []
    rows, columns = height.shape
    for r in range(rows):
        for c in range(columns):
            if r in (0, rows - 1) or c in (0, columns - 1):
                level[r, c] = height[r, c]
                heapq.heappush(queue, (float(height[r, c]), r, c))
    while queue:
        spill, r, c = heapq.heappop(queue)
        for nr, nc in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if 0 <= nr < rows and 0 <= nc < columns and np.isinf(level[nr, nc]) and level[nr, nc] > 0:
                level[nr, nc] = max(spill, height[nr, nc])
                heapq.heappush(queue, (float(level[nr, nc]), nr, nc))
    return level


@dataclass(frozen=True)
class Pool:
    """The largest body of water that a shape holds.

    Attributes:
        map: what it was found in.
        cells: where the water stands.
        floor: deepest point; rim: the water's level, metres.
    """

    map: HeightMap
    cells: NDArray[np.bool_]
    floor: float
    rim: float

    def free(self, height: float) -> shapely.Geometry:
        """The piece of the pool that is free from above down to `height`, around its deepest point."""
        below = self.cells & (self.map.height <= height)
        regions, count = label(below)
        if count == 0:
            return shapely.Polygon()
        sizes = np.bincount(regions[below])
        return self.map.region(regions == int(sizes.argmax()))


def find_pool(corners: Array) -> Pool | None:
    """The pool with the largest volume; None if all water runs off."""
    seen = height_map(corners)
    level = _spill_levels(seen.height)
    solid = np.isfinite(seen.height)  # a hole to the ground inside a ring has no floor
    depth = np.where(solid, level - np.where(solid, seen.height, 0.0), 0.0)
    regions, count = label(depth > 1e-4)
    if count == 0:
        return None
    volume = np.bincount(regions.ravel(), depth.ravel())
    volume[0] = 0.0
    cells = regions == int(volume.argmax())
    heights = seen.height[cells]
    return Pool(seen, cells, float(np.quantile(heights, _CRACKS)), float(level[cells].max()))


def inscribed_convex(region: shapely.Geometry) -> tuple[Point2, ...]:
    """A large convex polygon inside a region, counter-clockwise; empty if there is none."""
    if region.is_empty:
        return ()
    circle = shapely.maximum_inscribed_circle(region)
    center = np.array(circle.coords[0])
    angles = np.sort(np.append(2 * np.pi * (np.arange(_CORNERS) + 0.5) / _CORNERS, _corner_angles(region, center)))
    far = 4 * float(np.hypot(*np.subtract(region.bounds[2:], region.bounds[:2])))
    spokes = np.empty((len(angles), 2))
    for k, angle in enumerate(angles):
        ray = shapely.LineString([center, center + far * np.array([np.cos(angle), np.sin(angle)])])
        inside = shapely.intersection(ray, region)
        pieces = [piece for piece in shapely.get_parts(inside) if piece.distance(shapely.Point(center)) < 1e-6]
        spokes[k] = pieces[0].coords[-1] if pieces else center
    reach = np.linalg.norm(spokes - center, axis=1, keepdims=True)
    candidates = []
    for cap in _CAPS:
        capped = center + (spokes - center) * np.minimum(1.0, cap * circle.length / np.maximum(reach, 1e-9))
        candidates.append(_shrunk_into(region.buffer(1e-4), center, capped))
    hull = max(candidates, key=lambda polygon: polygon.area)
    if hull.geom_type != "Polygon":
        return ()
    ring = shapely.geometry.polygon.orient(hull).exterior.coords[:-1]
    return tuple((float(x), float(y)) for x, y in ring)


def _corner_angles(region: shapely.Geometry, center: Array) -> Array:
    """Directions in which the region's simplified outline has corners, so that rectangles keep theirs."""
    largest = max(shapely.get_parts(region), key=lambda part: part.area)
    ring = np.array(largest.exterior.simplify(0.04 * np.sqrt(largest.area)).coords[:-1])
    return np.arctan2(ring[:, 1] - center[1], ring[:, 0] - center[0]) % (2 * np.pi)


def _shrunk_into(region: shapely.Geometry, center: Array, points: Array) -> shapely.Geometry:
    """The convex hull of points, shrunk about the centre until the region covers it."""

    def scaled(scale: float) -> shapely.Geometry:
        return shapely.MultiPoint(center + scale * (points - center)).convex_hull

    if region.covers(scaled(1.0)):
        return scaled(1.0)
    low, high = 0.2, 1.0
    for _ in range(8):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if region.covers(scaled(middle)) else (low, middle)
    return scaled(low)


def cavity_of(corners: Array) -> Cavity | None:
    """The cavity of collision geometry, triangles (F, 3, 3); None if nothing can be put into it from above."""
    pool = find_pool(corners)
    if pool is None or pool.rim - pool.floor < MIN_DEPTH:
        return None
    for lift in _FLOOR_LIFTS:
        floor = pool.floor + min(lift, 0.25 * (pool.rim - pool.floor))
        opening = inscribed_convex(pool.free(floor))
        if opening and shapely.maximum_inscribed_circle(shapely.Polygon(opening)).length >= MIN_OPENING:
            return Cavity(floor=floor, rim=pool.rim, opening=opening)
    return None
