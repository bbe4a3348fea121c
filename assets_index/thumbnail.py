"""A small picture of one asset: rays from a fixed three-quarter view, a key light, sky light and a contact shadow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import VisualPart
from assets_index.transforms import Array

_AZIMUTH, _ELEVATION = np.radians(-55.0), np.radians(28.0)
_SUPERSAMPLING = 2
_KEY = np.array([0.35, -0.55, 0.76])
_KEY_STRENGTH, _SKY_STRENGTH = 0.75, 0.42
_SHADOW_RAYS = 32
_MARGIN = 1.06


def draw_thumbnail(parts: Sequence[VisualPart], size: int = 160) -> NDArray[np.uint8]:
    """Draw an asset in its own frame on white, filling a square of `size` pixels; (size, size, 3) uint8 sRGB."""
    from embreex.mesh_construction import TriangleMesh
    from embreex.rtcore_scene import EmbreeScene

    corners = np.concatenate([part.vertices[part.faces] for part in parts]).astype(float)
    scene = EmbreeScene()
    TriangleMesh(scene, corners.astype(np.float32))
    origins, direction, ground = _view(corners.reshape(-1, 3), size * _SUPERSAMPLING)
    rays = np.broadcast_to(direction, origins.shape)
    found = scene.run(
        origins.astype(np.float32), np.ascontiguousarray(rays, np.float32), query="INTERSECT", output=True
    )
    hit = found["primID"] >= 0
    points = origins + found["tfar"][:, None].clip(0, 1e3) * direction
    picture = np.ones((len(origins), 3))
    picture[hit] = _shade(scene, parts, found, points, hit)
    floor = origins + ((ground - origins[:, 2]) / direction[2])[:, None] * direction
    picture[~hit] *= (1 - 0.35 * _occlusion(scene, floor[~hit], np.array([0.0, 0.0, 1.0]), corners))[:, None]
    square = picture.reshape(size, _SUPERSAMPLING, size, _SUPERSAMPLING, 3).mean((1, 3))
    return np.asarray(np.rint(255 * square.clip(0, 1)), np.uint8)


def _view(vertices: Array, pixels: int) -> tuple[Array, Array, float]:
    """Ray origins of an orthographic camera from the top left, (pixels^2, 3), their direction, and the ground's z."""
    back = np.array([np.cos(_ELEVATION) * np.cos(_AZIMUTH), np.cos(_ELEVATION) * np.sin(_AZIMUTH), np.sin(_ELEVATION)])
    right = np.array([-np.sin(_AZIMUTH), np.cos(_AZIMUTH), 0.0])
    up = np.cross(back, right)
    along = vertices @ np.stack([right, up, back], -1)
    middle, span = 0.5 * (along.max(0) + along.min(0)), np.ptp(along, axis=0)
    half = 0.5 * _MARGIN * max(span[0], span[1])
    step = (np.arange(pixels) + 0.5) / pixels * 2 - 1
    x, y = np.meshgrid(middle[0] + half * step, middle[1] - half * step)
    away = along[:, 2].max() + 0.1 * span.max()
    origins = x.ravel()[:, None] * right + y.ravel()[:, None] * up + away * back
    return origins, -back, float(vertices[:, 2].min())


def _shade(
    scene: Any, parts: Sequence[VisualPart], found: dict[str, Any], points: Array, hit: NDArray[np.bool_]
) -> Array:
    """Colours (sRGB) of the rays that hit the asset, (H, 3)."""
    face, u, v = found["primID"][hit], found["u"][hit], found["v"][hit]
    weights = np.stack([1 - u - v, u, v], -1)
    color, normal = np.empty((len(face), 3)), np.empty((len(face), 3))
    start = 0
    for part in parts:
        mine = (face >= start) & (face < start + len(part.faces))
        triangle = part.faces[face[mine] - start]
        start += len(part.faces)
        normal[mine] = np.einsum("nk,nkd->nd", weights[mine], part.normals[triangle])
        color[mine] = _albedo(part, triangle, weights[mine])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    key = _KEY / np.linalg.norm(_KEY)
    sky = _SKY_STRENGTH * (0.65 + 0.35 * normal[:, 2]) + 0.12
    light = sky + _KEY_STRENGTH * np.clip(normal @ key, 0, 1) * ~_blocked(scene, points[hit], normal, key)
    return np.asarray((color**2.2 * light[:, None]).clip(0, 1) ** (1 / 2.2))


def _albedo(part: VisualPart, triangle: NDArray[np.int32], weights: Array) -> Array:
    base = np.asarray(part.material.color)
    if part.albedo is None or part.uv is None:
        return np.broadcast_to(base, (len(triangle), 3))
    uv = np.einsum("nk,nkd->nd", weights, part.uv[triangle].astype(float)) % 1.0
    height, width = part.albedo.shape[:2]
    column = np.minimum((uv[:, 0] * width).astype(int), width - 1)
    row = np.minimum(((1 - uv[:, 1]) * height).astype(int), height - 1)
    return np.asarray(part.albedo[row, column] / 255.0 * base)


def _blocked(scene: Any, points: Array, normal: Array, toward: Array) -> NDArray[np.bool_]:
    """Whether something of the asset stands between the points and a direction."""
    lift = 2e-3 * float(np.ptp(points, axis=0).max())
    start = (points + lift * normal + lift * toward).astype(np.float32)
    return np.asarray(scene.run(start, np.broadcast_to(toward, start.shape).astype(np.float32), query="OCCLUDED") >= 0)


def _occlusion(scene: Any, points: Array, normal: Array, corners: Array) -> Array:
    """Share of the sky that the asset hides from points on the ground, 0..1; zero far from it."""
    index = np.arange(_SHADOW_RAYS) + 0.5
    radius, angle = np.sqrt(index / _SHADOW_RAYS), index * np.pi * (3 - np.sqrt(5))
    directions = np.stack([radius * np.cos(angle), radius * np.sin(angle), np.sqrt(1 - radius**2)], -1)
    hidden = np.zeros(len(points))
    start = (points + 1e-4 * normal).astype(np.float32)
    for direction in directions:
        ray = np.broadcast_to(direction, start.shape).astype(np.float32)
        hidden += scene.run(start, ray, query="OCCLUDED") >= 0
    size = float(np.ptp(corners.reshape(-1, 3), axis=0).max())
    lower, upper = corners.reshape(-1, 3).min(0)[:2], corners.reshape(-1, 3).max(0)[:2]
    distance = np.linalg.norm(np.maximum(np.maximum(lower - points[:, :2], points[:, :2] - upper), 0), axis=1)
    return hidden / _SHADOW_RAYS * np.exp(-4 * distance / size)
