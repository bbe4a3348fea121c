"""Ray casting against triangle soups with open3d (Embree)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array

RAYS = 24
_LIFT = 1e-4  # of the soup's size: how far above its face a ray starts


def scene_of(corners: Array) -> Any:
    """An open3d RaycastingScene of triangles, (F, 3, 3)."""
    import open3d  # a second that only ingest has to pay

    scene = open3d.t.geometry.RaycastingScene(nthreads=1)
    vertices = np.ascontiguousarray(corners.reshape(-1, 3), np.float32)
    triangles = np.arange(len(vertices), dtype=np.uint32).reshape(-1, 3)
    scene.add_triangles(open3d.core.Tensor.from_numpy(vertices), open3d.core.Tensor.from_numpy(triangles))
    return scene


def first_hits(scene: Any, origins: Array, directions: Array) -> tuple[Array, Array]:
    """Distance to the first hit in units of the direction's length (inf without one), (N,), and its normal, (N, 3)."""
    rays = np.concatenate([origins, directions], -1).astype(np.float32)
    found = scene.cast_rays(rays, nthreads=1)
    return found["t_hit"].numpy().astype(float), found["primitive_normals"].numpy().astype(float)


def closest_points(scene: Any, points: Array) -> tuple[NDArray[np.int64], Array]:
    """Triangle and barycentric weights (N, 3) of the points on the soup closest to `points`, (N, 3)."""
    import open3d

    found = scene.compute_closest_points(open3d.core.Tensor.from_numpy(points.astype(np.float32)), nthreads=1)
    u, v = found["primitive_uvs"].numpy().astype(float).T
    return found["primitive_ids"].numpy().astype(np.int64), np.stack([1 - u - v, u, v], -1)


def distances(scene: Any, points: Array) -> Array:
    """Distance of points (N, 3) from the soup, (N,)."""
    import open3d

    found = scene.compute_distance(open3d.core.Tensor.from_numpy(points.astype(np.float32)), nthreads=1)
    return np.asarray(found.numpy(), float)


def hemisphere(count: int = RAYS) -> Array:
    """Directions spread over the upper hemisphere by their cosine, (count, 3): a Fibonacci spiral on the disc."""
    index = np.arange(count) + 0.5
    radius, angle = np.sqrt(index / count), index * np.pi * (3 - np.sqrt(5))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), np.sqrt(1 - radius**2)], -1)


def escapes(corners: Array) -> tuple[Array, Array]:
    """Share of rays that leave the soup from the front and from the back of every face; (F,) each."""
    scene = scene_of(corners)
    size = float(np.ptp(corners.reshape(-1, 3), axis=0).max())
    center = corners.mean(1)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    helper = np.where(np.abs(normal[:, :1]) < 0.8, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    tangent = np.cross(helper, normal)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    bitangent = np.cross(normal, tangent)
    shares = []
    for side in (1.0, -1.0):
        away: NDArray[np.float64] = np.zeros(len(corners))
        for x, y, z in hemisphere():
            direction = x * tangent + y * bitangent + side * z * normal
            away += np.isinf(first_hits(scene, center + side * _LIFT * size * normal, direction)[0])
        shares.append(away / RAYS)
    return shares[0], shares[1]
