"""Fewer triangles for the same shape: by quadric edge collapse, to a number of faces or as far as no one can see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import VisualPart
from assets_index.cache import Arrays, cached_arrays
from assets_index.rays import closest_points, distances, scene_of
from assets_index.transforms import Array

FEWEST_FACES = 160
"""Smaller surfaces are left as they are."""

BORDER_WEIGHT = 10.0
"""How much more it costs to move an open border than a surface as much."""

INWARD = 0.04
"""How far towards the middle of its faces a vertex asks for its attributes: at a seam it is given its own side's."""

CLOSE_ENOUGH = 0.9
"""A search for the fewest faces ends when no more than the rest could still be saved."""

SAME_WAY = 0.5
"""Least cosine between a normal that is carried over and the surface that it is carried to."""

FORMAT = 2
"""Part of the cache key: raise it when the making of reduced parts changes."""

Triangles = tuple[Array, NDArray[np.int32]]
"""Vertices (V, 3) and faces (F, 3)."""


def decimated(vertices: Array, faces: NDArray[np.integer], most: int) -> Triangles:
    """About `most` of the faces, by quadric edge collapse (Garland and Heckbert, 1997).

    Open borders stay where they are, too: there parts of another material, or another piece of the texture, go on.
    """
    import open3d  # a second that only meshes which are not in a cache have to pay

    whole = open3d.geometry.TriangleMesh(
        open3d.utility.Vector3dVector(vertices), open3d.utility.Vector3iVector(faces.astype(np.int32))
    )
    reduced = whole.simplify_quadric_decimation(most, boundary_weight=BORDER_WEIGHT)
    return np.asarray(reduced.vertices), np.asarray(reduced.triangles, np.int32)


def carried_over(attributes: Array, old: Array, vertices: Array, faces: NDArray[np.integer]) -> NDArray[np.float64]:
    """Attributes of the vertices of a decimated surface, (V, D): those of the closest points on the old one.

    Args:
        attributes: at the corners of the old triangles, (F, 3, D).
        old: the old triangles, (F, 3, 3).
        vertices: of the new surface, (V, 3).
        faces: of the new surface, (G, 3).
    """
    inward = np.zeros_like(vertices)
    np.add.at(inward, faces.ravel(), np.repeat(vertices[faces].mean(1), 3, axis=0))
    inward /= np.maximum(np.bincount(faces.ravel(), minlength=len(vertices)), 1)[:, None]
    face, weights = closest_points(scene_of(old), vertices + INWARD * (inward - vertices))
    return np.asarray(np.einsum("nk,nkd->nd", weights, attributes[face]))


def reduced_parts(asset_id: str, parts: Sequence[VisualPart], tolerance: float) -> tuple[VisualPart, ...]:
    """An asset's parts with few faces, their surfaces within `tolerance`, metres, of where they truly are.

    Computed once per asset, tolerance and machine; the id of an asset is a hash of its parts.

    Raises:
        UnusableCache: if the result cannot be kept.
    """
    if all(len(part.faces) <= FEWEST_FACES for part in parts):
        return tuple(parts)
    key = f"{asset_id}-{1e6 * tolerance:.0f}um-{FORMAT}"
    arrays = cached_arrays("reduced_meshes", key, lambda: _arrays_of(parts, tolerance))
    return tuple(_part_of(arrays, number, part) for number, part in enumerate(parts))


def _arrays_of(parts: Sequence[VisualPart], tolerance: float) -> dict[str, NDArray[np.generic]]:
    """`<part>/vertices|faces|normals|uv` of the parts that have become smaller."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for number, part in enumerate(parts):
        small = reduced(part, tolerance)
        if small is not part:
            arrays |= {f"{number}/{name}": getattr(small, name) for name in ("vertices", "faces", "normals")}
            arrays |= {} if small.uv is None else {f"{number}/uv": small.uv}
    return arrays


def _part_of(arrays: Arrays, number: int, part: VisualPart) -> VisualPart:
    prefix = f"{number}/"
    found = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    for array in found.values():
        array.setflags(write=False)  # as those of the whole part
    return replace(part, **found) if found else part  # type: ignore[arg-type]


def reduced(part: VisualPart, tolerance: float) -> VisualPart:
    """The part with about as few faces as keep its surface within `tolerance`, metres.

    Its vertices are split at creases and seams, which are borders here: normals and texture coordinates survive.
    """
    whole = part.vertices.astype(float), part.faces
    fewest, found = FEWEST_FACES, whole
    while fewest < CLOSE_ENOUGH * len(found[1]):
        most = (fewest + len(found[1])) // 2
        fewer = decimated(*whole, most)
        if FEWEST_FACES <= len(fewer[1]) < len(found[1]) and deviation(whole, fewer) <= tolerance:
            found = fewer
        else:
            fewest = most
    return part if found is whole else _like(part, *found)


def _like(part: VisualPart, vertices: Array, faces: NDArray[np.int32]) -> VisualPart:
    """A part's material, normals and texture coordinates on a decimated surface."""
    uv = np.zeros((len(part.vertices), 0)) if part.uv is None else part.uv
    attributes = np.concatenate([part.normals, uv], 1)[part.faces].astype(float)
    carried = carried_over(attributes, part.vertices[part.faces].astype(float), vertices, faces)
    normals = carried[:, :3] / np.maximum(np.linalg.norm(carried[:, :3], axis=1, keepdims=True), 1e-9)
    # Where two surfaces touch, the closest point may be on the other one, which faces elsewhere.
    own = _facing(vertices, faces)
    normals = np.where((normals * own).sum(1, keepdims=True) < SAME_WAY, own, normals)
    return replace(
        part,
        vertices=vertices.astype(np.float32),
        faces=faces,
        normals=normals.astype(np.float32),
        uv=None if part.uv is None else carried[:, 3:].astype(np.float32),
    )


def _facing(vertices: Array, faces: NDArray[np.integer]) -> NDArray[np.float64]:
    """Unit normals (V, 3) averaged over the faces of each vertex by their areas."""
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    total = np.zeros_like(vertices)
    np.add.at(total, faces.ravel(), np.repeat(np.cross(b - a, c - a), 3, axis=0))
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-30))


def deviation(one: Triangles, other: Triangles) -> float:
    """Greatest distance between two surfaces, both ways, measured at corners and at the middles of edges and faces."""
    corners = [vertices[faces] for vertices, faces in (one, other)]
    points = [np.concatenate([c, (c + np.roll(c, 1, axis=1)) / 2, c.mean(1, keepdims=True)], 1) for c in corners]
    pairs = ((points[0], corners[1]), (points[1], corners[0]))
    return max(float(distances(scene_of(there), here.reshape(-1, 3)).max()) for here, there in pairs)
