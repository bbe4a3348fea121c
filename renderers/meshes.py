"""Triangle meshes made ready for drawing: welded, with normals that keep sharp edges sharp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CREASE = np.deg2rad(40.0)
"""Two faces that meet at a greater angle than this have an edge between them that is seen as sharp."""


@dataclass(frozen=True)
class Mesh:
    """Vertices (V, 3) float32, unit normals (V, 3) float32, faces (F, 3) int32."""

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.int32]


def weld(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Merge vertices closer than a micrometre and drop the faces that collapse."""
    keys = np.round(np.asarray(vertices, float) * 1e6).astype(np.int64)
    _, first, index = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    welded = index.reshape(-1)[faces].astype(np.int32)
    solid = (welded[:, 0] != welded[:, 1]) & (welded[:, 1] != welded[:, 2]) & (welded[:, 2] != welded[:, 0])
    return np.asarray(vertices, float)[first], welded[solid]


def with_normals(vertices: NDArray[np.float64], faces: NDArray[np.int32], crease: float = CREASE) -> Mesh:
    """Corner normals averaged, weighted by area, over the neighbours that are not across a crease."""
    cross = np.cross(vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]])
    length = np.linalg.norm(cross, axis=1)
    faces, cross, length = faces[length > 0], cross[length > 0], length[length > 0]
    unit = cross / length[:, None]

    corner_vertex = faces.reshape(-1)
    corner_face = np.repeat(np.arange(len(faces)), 3)
    order = np.argsort(corner_vertex, kind="stable")
    first, second = _pairs_within_groups(corner_vertex[order])
    a, b = order[first], order[second]
    smooth = np.einsum("ij,ij->i", unit[corner_face[a]], unit[corner_face[b]]) >= np.cos(crease)
    normals = np.zeros((len(corner_vertex), 3))
    np.add.at(normals, a[smooth], cross[corner_face[b[smooth]]])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return _share_corners(vertices[corner_vertex], normals)


def _pairs_within_groups(sorted_keys: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All ordered pairs of positions (i, j) whose keys are equal, in an array sorted by key."""
    starts = np.flatnonzero(np.r_[True, np.diff(sorted_keys) != 0])
    sizes = np.diff(np.r_[starts, len(sorted_keys)])
    size_here = np.repeat(sizes, sizes)
    first = np.repeat(np.arange(len(sorted_keys)), size_here)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(size_here) - size_here, size_here)
    return first, np.repeat(np.repeat(starts, sizes), size_here) + offset


def _share_corners(positions: NDArray[np.float64], normals: NDArray[np.float64]) -> Mesh:
    """Give corners of equal position and normal one vertex; corners come three to a face."""
    keys = np.concatenate([np.round(positions * 1e6), np.round(normals * 1e3)], axis=1).astype(np.int64)
    _, first, index = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return Mesh(
        vertices=positions[first].astype(np.float32),
        normals=normals[first].astype(np.float32),
        faces=index.reshape(-1, 3).astype(np.int32),
    )
