"""What varies over a surface besides its colour: the way it faces, its roughness, its share of metal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets_index.asset import VisualPart
from assets_index.surfaces import Texture

LEAST_ROUGHNESS = 0.1
"""Smoother surfaces show single bright texels of the dome."""


_LEAST_W = 1e-4  # Filament takes a w that is not positive for a mirrored frame


@dataclass(frozen=True)
class SurfaceMaps:
    """Maps of one surface; the classic renderer draws none of them.

    Attributes:
        normals: (H, W, 3) uint8 in tangent space, green towards v; None where the surface is flat.
        roughness_metallic: (H, W, 3) uint8, roughness in green and metal in blue, red at 255 (glTF's packing); None
            where both are even.
    """

    normals: NDArray[np.uint8] | None
    roughness_metallic: NDArray[np.uint8] | None


def surface_maps(tile: Texture, roughness: float) -> SurfaceMaps | None:
    """The maps of a texture whose mean roughness a look has chosen; None if it is as even as procedural ones are."""
    packed = None
    if tile.roughness_map is not None or tile.metallic_map is not None:
        packed = np.full((*tile.albedo.shape[:2], 3), 255, np.uint8)
        rough = roughness if tile.roughness_map is None else tile.roughness_map * (roughness / tile.roughness / 255.0)
        packed[..., 1] = np.rint(255.0 * np.clip(rough, LEAST_ROUGHNESS, 1.0))
        packed[..., 2] = np.rint(255.0 * tile.metallic) if tile.metallic_map is None else tile.metallic_map
    return None if packed is None and tile.normals is None else SurfaceMaps(tile.normals, packed)


def tangent_frames(part: VisualPart) -> NDArray[np.float32]:
    """Unit quaternions (V, 4), xyzw, w > 0, that take x, y and z to u's direction, v's direction and the normal.

    Texture coordinates must not be mirrored: u, v and the normal are right-handed.
    """
    assert part.uv is not None, "texture coordinates say which way a map lies"
    corners, uv = part.vertices[part.faces].astype(float), part.uv[part.faces].astype(float)
    edges, steps = corners[:, 1:] - corners[:, :1], uv[:, 1:] - uv[:, :1]
    along_u = edges[:, 0] * steps[:, 1, 1:] - edges[:, 1] * steps[:, 0, 1:]
    normals, tangents = part.normals.astype(float), np.zeros(part.vertices.shape)
    for corner in range(3):
        np.add.at(tangents, part.faces[:, corner], along_u)
    tangents -= normals * (tangents * normals).sum(1, keepdims=True)
    without = np.linalg.norm(tangents, axis=1) < 1e-12
    tangents[without] = np.cross(normals, np.eye(3)[np.abs(normals).argmin(axis=1)])[without]
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    axes = np.stack([tangents, np.cross(normals, tangents), normals], -1)
    frames = Rotation.from_matrix(axes).as_quat(canonical=True)
    frames[:, 3] = np.maximum(frames[:, 3], _LEAST_W)
    return frames.astype(np.float32)
