"""Convex decomposition: hulls that together are the thing, and that leave its cavity open."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import combinations

import numpy as np
import shapely

from assets_index.errors import UnusableMesh
from assets_index.ingest.cavity import Pool, find_pool, inscribed_convex
from assets_index.ingest.samples import fewer_vertices, hull_of, solidity, surface_points
from assets_index.mass import hull_faces
from assets_index.transforms import Array

MAX_HULLS = 24
MAX_VERTICES = 48
CONVEX = 0.91  # a thing that fills this share of its convex hull is taken for convex
HOLLOW = 0.15  # share of core below which a thing is a shell, which CoACD would cut into hundreds of pieces
SPARSE = 0.25  # share of the convex hull below which the same holds: rings, frames, wire
_SAMPLES = 40_000
_SHELL_SAMPLES = 6_000
_SHELL_PIECES = 16
_IN_VAIN = 0.01  # of the first hull's volume: a cut that saved less was in vain
_MAX_WALLS = 16
_SHEET = 1e-3  # metres of thickness given to what has none
_WALL = 4e-3  # metres a vessel's wall is thick at least
_FLOOR = 6e-3  # and its floor: what is dropped in moves millimetres a step, and must not come out below


def soup(hulls: Sequence[Array]) -> Array:
    """Triangles of convex hulls, (F, 3, 3)."""
    return np.concatenate([hull[hull_faces(hull)] for hull in hulls])


def decompose(corners: Array) -> list[Array]:
    """Hulls of triangles (F, 3, 3), z up: walls and a floor around a cavity, one for what is convex, else pieces.

    Raises:
        UnusableMesh: if the triangles span no volume.
    """
    hull_of(corners.reshape(-1, 3))
    pool = find_pool(corners)
    if pool is not None and _is_vessel(corners, pool):
        walls = vessel_hulls(corners, pool)
        if walls:
            return walls
    solid = solidity(corners)
    if solid.convex >= CONVEX:
        return [fewer_vertices(corners.reshape(-1, 3), MAX_VERTICES)]
    massive = solid.core > HOLLOW and solid.convex > SPARSE
    return convex_pieces(corners) if massive else shell_pieces(corners)


def _is_vessel(corners: Array, pool: Pool) -> bool:
    """Whether the pool is what the thing is for: no dent, and not up on a stem."""
    share = pool.cells.sum() / np.isfinite(pool.map.height).sum()
    lower, upper = corners.reshape(-1, 3).min(0), corners.reshape(-1, 3).max(0)
    base, width = pool.floor - lower[2], float(np.min(upper[:2] - lower[:2]))
    return share > 0.3 and pool.rim - pool.floor > 0.006 and base < max(0.4 * (upper[2] - lower[2]), 0.1 * width)


def convex_pieces(corners: Array) -> list[Array]:
    """Approximate convex decomposition with CoACD (Wei et al. 2022), seeded and at its cheap end.

    Raises:
        UnusableMesh: if CoACD returns nothing with a volume.
    """
    import coacd

    coacd.set_log_level("error")
    vertices, index = np.unique(np.round(corners.reshape(-1, 3), 6), axis=0, return_inverse=True)
    pieces = coacd.run_coacd(
        coacd.Mesh(vertices, index.reshape(-1, 3).astype(np.int32)),
        threshold=0.1,
        max_convex_hull=MAX_HULLS,
        preprocess_mode="on",
        preprocess_resolution=20,
        resolution=500,
        mcts_nodes=8,
        mcts_iterations=20,
        mcts_max_depth=1,
        max_ch_vertex=MAX_VERTICES,
        decimate=True,
        seed=1,
    )
    return _tightened([np.asarray(points, float) for points, _ in pieces], corners)


def _tightened(pieces: Sequence[Array], corners: Array) -> list[Array]:
    """Hulls of the surface within each piece: CoACD cuts well, but its remeshing has made everything thicker.

    Raises:
        UnusableMesh: if no piece has a volume.
    """
    points = surface_points(corners, _SAMPLES)
    outside = []
    for piece in pieces:
        with suppress(UnusableMesh):  # a sliver that CoACD cut off
            planes = hull_of(piece).equations
            outside.append((points @ planes[:, :3].T + planes[:, 3]).max(1))
    if not outside:
        raise UnusableMesh("zero volume")
    distance = np.stack(outside)
    nearest = distance.argmin(0)  # pieces have lost corners too, and every point belongs somewhere
    hulls = _hulls_of([points[(distance[k] < 0.0) | (nearest == k)] for k in range(len(distance))])
    if not hulls:
        raise UnusableMesh("zero volume")
    return hulls


def shell_pieces(corners: Array) -> list[Array]:
    """Hulls of a thin shell: the largest piece is cut again and again, then what was cut in vain is joined.

    A cut is the axis-aligned plane that saves most hull volume. That alone would not do: the first cut through a ring
    saves nothing.
    """
    points = surface_points(corners, _SHELL_SAMPLES)
    overlap = 0.004 * float(np.ptp(points, axis=0).max())
    whole = float(hull_of(points).volume)
    pieces: list[_Piece] = [(points, whole)]
    for _ in range(_SHELL_PIECES - 1):
        pieces.sort(key=lambda piece: -piece[1])
        halves = _best_cut(*pieces[0], overlap)
        if not halves:
            break
        pieces[:1] = halves
    return _hulls_of([piece for piece, _ in _joined(pieces, _IN_VAIN * whole)])


_Piece = tuple[Array, float]


def _joined(pieces: list[_Piece], tolerance: float) -> list[_Piece]:
    """Pairs joined, cheapest first, as long as that adds less than `tolerance` to the volume."""
    costs = {pair: _joint(pieces[pair[0]], pieces[pair[1]]) for pair in combinations(range(len(pieces)), 2)}
    alive = dict(enumerate(pieces))
    while costs:
        pair = min(costs, key=lambda each: (costs[each][0], each))
        added, joint = costs[pair]
        if added > tolerance:
            break
        for gone in pair:
            del alive[gone]
        costs = {other: cost for other, cost in costs.items() if not set(other) & set(pair)}
        number = max([*alive, *pair]) + 1
        costs |= {(other, number): _joint(piece, joint) for other, piece in alive.items()}
        alive[number] = joint
    return list(alive.values())


def _joint(one: _Piece, other: _Piece) -> tuple[float, _Piece]:
    """Volume added by joining two pieces, and the joint."""
    points = np.concatenate([one[0], other[0]])
    hull = hull_of(points)
    return float(hull.volume) - one[1] - other[1], (points[hull.vertices], float(hull.volume))


def _best_cut(points: Array, volume: float, overlap: float) -> list[_Piece]:
    """The two halves of the best of fifteen cuts, with their hull volumes; none if all leave something flat."""
    best: tuple[float, list[_Piece]] = (-np.inf, [])
    lower, extent = points.min(0), np.ptp(points, axis=0)
    for axis in range(3):
        for share in (0.2, 0.35, 0.5, 0.65, 0.8):
            plane = lower[axis] + share * extent[axis]
            sides = [points[points[:, axis] < plane + overlap], points[points[:, axis] > plane - overlap]]
            try:
                halves = [(side, float(hull_of(side).volume)) for side in sides]
            except UnusableMesh:
                continue  # one side is flat
            saving = volume - halves[0][1] - halves[1][1]
            best = max(best, (saving, halves), key=lambda cut: cut[0])
    return best[1]


def vessel_hulls(corners: Array, pool: Pool) -> list[Array]:
    """Hulls of a vessel: its wall in sectors about the opening, in one or two bands, and its floor.

    A general decomposition needs dozens of pieces for a thin round wall; sectors need at most 24. Empty if the rim is
    too irregular to be cut so.
    """
    brim = pool.free(pool.rim)
    outline = shapely.Polygon(inscribed_convex(brim))
    if outline.is_empty or outline.area < 0.5 * brim.area:
        return []
    center = np.array(shapely.maximum_inscribed_circle(outline).coords[0])
    points = surface_points(corners, _SAMPLES)
    floor = pool.floor + 0.1 * (pool.rim - pool.floor)
    base = shapely.Polygon(inscribed_convex(pool.free(floor)))
    under = points[shapely.contains_xy(base.buffer(1e-3), points[:, :2]) & (points[:, 2] <= pool.floor + 1e-3)]
    bands = 2 if base.area < 0.62 * outline.area and pool.rim - pool.floor > 0.02 else 1
    limit = _MAX_WALLS if bands == 1 else (MAX_HULLS - 1) // 2
    wall = points[~shapely.contains_xy(base.buffer(-1e-3), points[:, :2]) | (points[:, 2] > pool.floor + 2e-3)]
    groups = _sectors(wall, center, _sector_angles(outline, center, limit), _band_edges(pool, bands))
    walls = [_thickened(group, _WALL, np.append(group[:, :2].mean(0) - center, 0.0)) for group in groups if len(group)]
    return _hulls_of([*walls, _thickened(under, _FLOOR, np.array([0.0, 0.0, 1.0]))])


def _thickened(group: Array, least: float, toward: Array) -> Array:
    """A wall or floor that is thinner than `least`, grown `toward` one side, so that nothing is pushed through it.

    A wall grows outwards and keeps the cavity as it is; a floor grows upwards and keeps the vessel's height.
    """
    if len(group) < 4:
        return group
    normal = np.linalg.svd(group - group.mean(0), full_matrices=False)[2][2]
    lacking = least - float(np.ptp(group @ normal))
    if lacking <= 0:
        return group
    return np.concatenate([group, group + lacking * normal * (1.0 if normal @ toward >= 0 else -1.0)])


def _sector_angles(outline: shapely.Polygon, center: Array, limit: int) -> Array:
    """Directions of the outline's corners from the centre, sorted; between two of them the wall is nearly straight."""
    size = np.sqrt(outline.area)
    for tolerance in (0.01, 0.02, 0.04, 0.08):
        ring = np.array(outline.simplify(tolerance * size).exterior.coords[:-1])
        if len(ring) <= limit:
            break
    else:
        return 2 * np.pi * np.arange(limit) / limit
    angles = np.sort(np.arctan2(ring[:, 1] - center[1], ring[:, 0] - center[0]) % (2 * np.pi))
    return angles if len(angles) >= 3 else 2 * np.pi * np.arange(limit) / limit


def _band_edges(pool: Pool, bands: int) -> Array:
    inner = pool.floor + (pool.rim - pool.floor) * np.arange(1, bands) / bands * 0.8
    return np.array([-np.inf, *inner, np.inf])


def _sectors(wall: Array, center: Array, angles: Array, edges: Array) -> list[Array]:
    """Points of the wall by sector between `angles` and band between `edges`."""
    azimuth = np.arctan2(wall[:, 1] - center[1], wall[:, 0] - center[0]) % (2 * np.pi)
    sector = np.searchsorted(angles, azimuth, side="right") % len(angles)
    band = np.searchsorted(edges, wall[:, 2]) - 1
    return [wall[(sector == s) & (band == b)] for s in range(len(angles)) for b in range(len(edges) - 1)]


def _hulls_of(groups: Sequence[Array]) -> list[Array]:
    """Hulls of the groups that have points; flat ones, such as a single-walled floor, are made a millimetre thick."""
    hulls = []
    for group in groups:
        if len(group) < 4:
            continue
        try:
            hulls.append(fewer_vertices(group, MAX_VERTICES))
        except UnusableMesh:
            normal = np.linalg.svd(group - group.mean(0), full_matrices=False)[2][2]
            thick = np.concatenate([group, group - _SHEET * normal * (1.0 if normal[2] >= 0 else -1.0)])
            with suppress(UnusableMesh):  # a line or a point is left out
                hulls.append(fewer_vertices(thick, MAX_VERTICES))
    return hulls
