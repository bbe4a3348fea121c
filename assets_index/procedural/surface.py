"""Surfaces built from rings, boxes and outlines, with texture coordinates and normals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from assets_index.asset import Material, VisualPart
from assets_index.transforms import Array

CREASE = np.radians(40.0)

Z_TO_X = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
"""Lays a thing that was drawn along z down along x."""

Z_TO_Y = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""Lays a thing that was drawn along z down along y."""


@dataclass(frozen=True)
class Patch:
    """A piece of surface before it is shaded.

    Attributes:
        vertices: (V, 3); faces: (F, 3), counter-clockwise from outside; uv: (V, 2), v up.
    """

    vertices: Array
    faces: NDArray[np.intp]
    uv: Array

    def moved(self, translation: ArrayLike = (0.0, 0.0, 0.0), rotation: ArrayLike | None = None) -> Patch:
        """The patch rotated by a matrix (3, 3), then translated."""
        turned = self.vertices if rotation is None else self.vertices @ np.asarray(rotation, float).T
        return Patch(turned + np.asarray(translation, float), self.faces, self.uv)

    def with_uv(self, lower: tuple[float, float], upper: tuple[float, float]) -> Patch:
        """The patch with its 0..1 texture coordinates fitted into a rectangle of the map."""
        return Patch(self.vertices, self.faces, np.asarray(lower) + self.uv * np.subtract(upper, lower))


def join(patches: Sequence[Patch]) -> Patch:
    """All patches as one."""
    starts = np.cumsum([0, *(len(patch.vertices) for patch in patches[:-1])])
    return Patch(
        np.concatenate([patch.vertices for patch in patches]),
        np.concatenate([patch.faces + start for patch, start in zip(patches, starts, strict=True)]),
        np.concatenate([patch.uv for patch in patches]),
    )


def visual_part(
    patches: Patch | Sequence[Patch],
    material: Material,
    albedo: NDArray[np.uint8] | None = None,
    crease: float = CREASE,
) -> VisualPart:
    """Shade patches into one visual part; edges sharper than `crease` radians stay sharp."""
    patch = patches if isinstance(patches, Patch) else join(patches)
    vertices, faces, uv, normals = _shaded(_without_slivers(patch), crease)
    return VisualPart(vertices, faces, normals, uv, material, albedo)  # type: ignore[arg-type]  # the builder casts


def _without_slivers(patch: Patch) -> Patch:
    corners = patch.vertices[patch.faces]
    twice_area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=-1)
    return Patch(patch.vertices, patch.faces[twice_area > 1e-10], patch.uv)


def _shaded(patch: Patch, crease: float) -> tuple[Array, NDArray[np.intp], Array, Array]:
    """Vertices, faces, uv and normals; a vertex is split where faces around it meet at a crease or a seam."""
    corners = patch.vertices[patch.faces]
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    face_normal = weighted / np.linalg.norm(weighted, axis=-1, keepdims=True)
    _, place = np.unique(np.round(patch.vertices, 6), axis=0, return_inverse=True)
    place_of_corner = place.ravel()[patch.faces].ravel()
    face_of_corner = np.repeat(np.arange(len(patch.faces)), 3)
    incidence = sparse.csr_array(
        (np.ones(len(place_of_corner)), (place_of_corner, face_of_corner)), shape=(place.max() + 1, len(patch.faces))
    )
    around = incidence[place_of_corner].tocoo()  # pairs (corner, face at the same place)
    smooth = np.einsum("ij,ij->i", face_normal[face_of_corner[around.row]], face_normal[around.col]) > np.cos(crease)
    normals = np.zeros((len(place_of_corner), 3))
    np.add.at(normals, around.row[smooth], weighted[around.col[smooth]])
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    key = np.column_stack([patch.faces.ravel(), np.round(normals, 4)])
    _, first, merged = np.unique(key, axis=0, return_index=True, return_inverse=True)
    source = patch.faces.ravel()[first]
    return patch.vertices[source], merged.reshape(-1, 3), patch.uv[source], normals[first]


def loft(rings: ArrayLike, *, caps: bool = True, v: ArrayLike | None = None) -> Patch:
    """A tube through closed rings of points, counter-clockwise seen from the end of the tube.

    Texture: u runs around, v along the tube from 0 at the first ring to 1 at the last.

    Args:
        rings: (M, K, 3).
        caps: close both ends with a fan about the ring's mean.
        v: texture coordinate of each ring, (M,); by default by the mean distance between rings.
    """
    rings = np.asarray(rings, float)
    count, around = rings.shape[:2]
    if v is None:
        step = np.linalg.norm(np.diff(rings, axis=0), axis=-1).mean(-1)
        v = np.concatenate([[0.0], np.cumsum(step)]) / max(step.sum(), 1e-12)
    closed = np.concatenate([rings, rings[:, :1]], axis=1)
    u = np.linspace(0.0, 1.0, around + 1)
    uv = np.stack(np.broadcast_arrays(u[None, :], np.asarray(v, float)[:, None]), -1).reshape(-1, 2)
    tube = Patch(closed.reshape(-1, 3), _grid_faces(count, around + 1), uv)
    if not caps:
        return tube
    return join([tube, fan(rings[0][::-1], uv_v=uv[0, 1]), fan(rings[-1], uv_v=uv[-1, 1])])


def _grid_faces(rows: int, columns: int) -> NDArray[np.intp]:
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    return np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], 2).reshape(-1, 3)


def fan(ring: ArrayLike, uv_v: float | None = None) -> Patch:
    """A flat lid over a ring (K, 3), counter-clockwise from outside.

    Args:
        ring: (K, 3).
        uv_v: constant v of all its texture coordinates; by default the ring is projected onto the whole map.
    """
    ring = np.asarray(ring, float)
    vertices = np.concatenate([ring, ring.mean(0, keepdims=True)])
    around = len(ring)
    index = np.arange(around)
    faces = np.stack([index, (index + 1) % around, np.full(around, around)], -1)
    if uv_v is None:
        lower, extent = vertices.min(0), np.maximum(np.ptp(vertices, axis=0), 1e-9)
        uv = ((vertices - lower) / extent)[:, :2]
    else:
        uv = np.column_stack([np.append(index / around, 0.5), np.full(around + 1, uv_v)])
    return Patch(vertices, faces, uv)


def quad(corners: ArrayLike) -> Patch:
    """A four-sided face, corners (4, 3) counter-clockwise from outside, textured from the first at (0, 0)."""
    uv = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    return Patch(np.asarray(corners, float), np.array([[0, 1, 2], [0, 2, 3]]), uv)


def ellipsoid(radii: ArrayLike, segments: int = 24, levels: int = 14, center: ArrayLike = (0.0, 0.0, 0.0)) -> Patch:
    """An ellipsoid with its poles on z; v runs from the lower pole to the upper one."""
    angle = np.linspace(-0.5 * np.pi, 0.5 * np.pi, levels)
    ball = revolve(np.column_stack([np.cos(angle), np.sin(angle)]), segments)
    return Patch(ball.vertices * np.asarray(radii, float) + np.asarray(center, float), ball.faces, ball.uv)


def circle(segments: int, phase: float = 0.0) -> Array:
    """Unit circle in the plane, counter-clockwise, (segments, 2)."""
    angle = np.arange(segments) * (2 * np.pi / segments) + phase
    return np.stack([np.cos(angle), np.sin(angle)], -1)


def superellipse(segments: int, power: float) -> Array:
    """Unit superellipse: power 2 is a circle, larger ones approach a square with round corners; (segments, 2)."""
    unit = circle(segments, np.pi / segments)
    return np.sign(unit) * np.abs(unit) ** (2.0 / power)


def rounded_rectangle(half_x: float, half_y: float, corner: float, per_corner: int = 4) -> Array:
    """Outline of a rectangle with round corners, counter-clockwise, (4 * per_corner, 2)."""
    angle = np.linspace(0.0, 0.5 * np.pi, per_corner)
    arc = np.stack([np.cos(angle), np.sin(angle)], -1) * corner
    corners = [((1, 1), arc), ((-1, 1), arc[::-1] * [-1, 1]), ((-1, -1), -arc), ((1, -1), arc[::-1] * [1, -1])]
    return np.concatenate([np.array(sign) * [half_x - corner, half_y - corner] + part for sign, part in corners])


def at_height(outline: Array, z: float) -> Array:
    """A planar outline (K, 2) as a ring (K, 3)."""
    return np.column_stack([outline, np.full(len(outline), z)])


def rings_along_z(profile: ArrayLike, outline: Array) -> Array:
    """Rings of an outline (K, 2) scaled by the radii of a profile of (radius, z), shape (M, K, 3)."""
    profile = np.asarray(profile, float)
    flat = profile[:, None, :1] * outline[None]
    return np.concatenate([flat, np.broadcast_to(profile[:, None, 1:], (*flat.shape[:2], 1))], -1)


def revolve(profile: ArrayLike, segments: int = 32, *, caps: bool = False) -> Patch:
    """Surface of revolution about z of a profile of (radius, z) from bottom to top, outside to the right of it."""
    return loft(rings_along_z(profile, circle(segments)), caps=caps)


def smoothed(knots: Array, samples: int) -> Array:
    """A profile through knots, rounded by corner cutting and sampled evenly along its length."""
    for _ in range(3):
        cut = np.stack([0.75 * knots[:-1] + 0.25 * knots[1:], 0.25 * knots[:-1] + 0.75 * knots[1:]], 1).reshape(-1, 2)
        knots = np.concatenate([knots[:1], cut, knots[-1:]])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=-1))])
    even = np.linspace(0.0, way[-1], samples)
    return np.stack([np.interp(even, way, knots[:, k]) for k in range(2)], -1)


def sweep(path: ArrayLike, radii: ArrayLike, segments: int = 12, *, caps: bool = True) -> Patch:
    """A tube of elliptical section along a path in the xz plane.

    Args:
        path: (M, 3) with y constant.
        radii: (M, 2), half widths along y and across it, or (M,) for circles.
        segments: points around the tube.
        caps: close both ends.
    """
    path = np.asarray(path, float)
    radii = np.asarray(radii, float)
    radii = np.stack([radii, radii], -1) if radii.ndim == 1 else radii
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=-1, keepdims=True)
    side = np.broadcast_to([0.0, 1.0, 0.0], path.shape)
    up = np.cross(tangent, side)
    unit = circle(segments)
    offsets = side[:, None] * (unit[None, :, :1] * radii[:, None, :1]) + up[:, None] * (
        unit[None, :, 1:] * radii[:, None, 1:]
    )
    return loft(path[:, None] + offsets, caps=caps)


def extrude(outline: shapely.Polygon, lower: float, upper: float) -> Patch:
    """A prism over a polygon, which may be concave and have holes; its texture is planar over the bounding box."""
    outline = shapely.geometry.polygon.orient(outline)
    triangles = np.array([t.exterior.coords[:3] for t in shapely.constrained_delaunay_triangles(outline).geoms], float)[
        ..., :2
    ]
    area = np.linalg.det(np.diff(triangles, axis=1))
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    flat = triangles.reshape(-1, 2)
    faces = np.arange(len(flat)).reshape(-1, 3)
    low, extent = np.min(outline.exterior.coords, axis=0)[:2], np.ptp(outline.exterior.coords, axis=0)[:2]
    lids = [
        Patch(np.column_stack([flat, np.full(len(flat), upper)]), faces, (flat - low) / extent),
        Patch(np.column_stack([flat, np.full(len(flat), lower)]), faces[:, ::-1], (flat - low) / extent),
    ]
    walls = []
    for ring in (outline.exterior, *outline.interiors):
        loop = np.asarray(ring.coords)[:-1, :2]
        walls.append(loft([np.column_stack([loop, np.full(len(loop), z)]) for z in (lower, upper)], caps=False))
    return join([*lids, *walls])


def box(size: ArrayLike, bevel: float = 0.0, center: ArrayLike = (0.0, 0.0, 0.0)) -> tuple[Patch, ...]:
    """A box with rounded edges as six patches -x, +x, -y, +y, -z, +z, each textured 0..1, upright from outside."""
    half = np.asarray(size, float) / 2
    bevel = min(bevel, 0.45 * float(half.min()))
    return tuple(_box_face(half, bevel, axis, sign).moved(center) for axis in range(3) for sign in (-1.0, 1.0))


def _box_face(half: Array, bevel: float, axis: int, sign: float) -> Patch:
    normal = np.zeros(3)
    normal[axis] = sign
    up = np.array([0.0, 1.0, 0.0]) if axis == 2 else np.array([0.0, 0.0, 1.0])
    right = np.cross(up, normal)
    half_right, half_up = float(np.abs(right) @ half), float(np.abs(up) @ half)
    columns = np.array([-half_right, bevel - half_right, half_right - bevel, half_right])
    rows = np.array([-half_up, bevel - half_up, half_up - bevel, half_up])
    grid = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)
    flat = half[axis] * normal + grid[:, :1] * right + grid[:, 1:] * up
    inner = np.clip(flat, bevel - half, half - bevel)
    outward = flat - inner
    vertices = inner + bevel * outward / np.maximum(np.linalg.norm(outward, axis=-1, keepdims=True), 1e-12)
    uv = grid / (2 * np.array([half_right, half_up])) + 0.5
    return Patch(vertices if bevel else flat, _grid_faces(4, 4), uv)
