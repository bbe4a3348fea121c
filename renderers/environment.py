"""HDR domes as image lights: a mipmapped cube blurred for each roughness, and the irradiance.

Cube axes follow OpenGL with y up: world (x, y, z) is cube (x, z, -y).
Blurring follows "Real Shading in Unreal Engine 4" (Karis, 2013) with Filament's mapping of roughness to mip level.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assets_index.cache import Arrays, cached_arrays
from assets_index.domes import recipes_digest
from assets_index.surface_library import PROCEDURAL, SurfaceLibrary
from assets_index.surfaces import Dome

FACE_SIZE = 128
LEVELS = 5
COARSE_HEIGHT = 32
"""Rows of the reduced dome that blurred levels and irradiance are integrated over."""
FORMAT = 2
"""Part of the cache key: raise it when the making of environments changes."""

Floats = NDArray[np.float32]
FloatType = TypeVar("FloatType", np.float32, np.float64)


@dataclass(frozen=True)
class Environment:
    """A dome made ready to light a scene.

    Attributes:
        panorama: (H, W, 3) linear radiance, equirectangular, as in `Dome`.
        levels: (6, n, n, 3) linear radiance; level 0 is sharp, the last one is blurred for roughness 1.
        harmonics: (9, 3) irradiance / pi of a surface with normal (x, y, z) in cube axes, as `cmgen` writes them.
        irradiance_up: (3,) irradiance / pi on a level surface seen from above.
    """

    panorama: Floats
    levels: tuple[Floats, ...]
    harmonics: Floats
    irradiance_up: Floats


@lru_cache(maxsize=24)
def environment(dome_id: str, surfaces: SurfaceLibrary = PROCEDURAL) -> Environment:
    """The environment of a dome; computed once per dome and machine.

    Raises:
        MissingAsset: if there is no such dome in `surfaces`.
        CorruptAsset: if its entry is damaged.
    """
    key = f"{dome_id}-{recipes_digest()}-{FORMAT}"
    arrays = cached_arrays("environments", key, lambda: _compute(surfaces.dome(dome_id)))
    return Environment(
        panorama=arrays["panorama"].astype(np.float32),
        levels=tuple(arrays[f"level{i}"].astype(np.float32) for i in range(LEVELS)),
        harmonics=arrays["harmonics"].astype(np.float32),
        irradiance_up=arrays["irradiance_up"].astype(np.float32),
    )


def to_cube(directions: NDArray[FloatType]) -> NDArray[FloatType]:
    """World directions (..., 3), z up, in cube axes, y up."""
    return np.stack([directions[..., 0], directions[..., 2], -directions[..., 1]], -1)


def to_world(directions: NDArray[FloatType]) -> NDArray[FloatType]:
    """Directions (..., 3) in cube axes in the world."""
    return np.stack([directions[..., 0], -directions[..., 2], directions[..., 1]], -1)


def face_directions(size: int) -> NDArray[np.float64]:
    """Unit directions in cube axes of the texel centres of the six faces; shape (6, size, size, 3)."""
    grid = (np.arange(size) + 0.5) / size * 2 - 1
    s, t = np.meshgrid(grid, grid)
    one = np.ones_like(s)
    faces = ((one, -t, -s), (-one, -t, s), (s, one, t), (s, -one, -t), (s, -t, one), (-s, -t, -one))
    directions = np.stack([np.stack(face, -1) for face in faces])
    return directions / np.linalg.norm(directions, axis=-1, keepdims=True)


def sample_equirectangular(radiance: Floats, directions: NDArray[np.floating]) -> Floats:
    """Bilinear radiance (..., 3) of a dome in world directions (..., 3)."""
    height, width = radiance.shape[:2]
    row = np.arccos(np.clip(directions[..., 2], -1, 1)) / np.pi * height - 0.5
    column = np.arctan2(directions[..., 1], directions[..., 0]) / (2 * np.pi) * width - 0.5
    r, c = np.floor(row).astype(int), np.floor(column).astype(int)
    fr, fc = (row - r)[..., None], (column - c)[..., None]
    top, bottom = np.clip(r, 0, height - 1), np.clip(r + 1, 0, height - 1)
    left, right = c % width, (c + 1) % width
    upper = radiance[top, left] * (1 - fc) + radiance[top, right] * fc
    lower = radiance[bottom, left] * (1 - fc) + radiance[bottom, right] * fc
    return (upper * (1 - fr) + lower * fr).astype(np.float32)


def skybox_directions(size: int) -> NDArray[np.float64]:
    """World directions of the texels of MuJoCo's skybox, faces stacked downwards; shape (6 size, size, 3).

    MuJoCo's faces are right, left, up, down, front, back of a cube whose up is y; a model's +z is the cube's +y.
    """
    return to_world(face_directions(size)).reshape(6 * size, size, 3)


def _compute(source: Dome) -> Arrays:
    directions, radiance, solid_angle = _coarse(source.radiance)
    arrays: dict[str, NDArray[np.generic]] = {
        f"level{i}": _level(source.radiance, directions, radiance, solid_angle, i) for i in range(LEVELS)
    }
    arrays["panorama"] = np.minimum(source.radiance, 6e4).astype(np.float16)
    cosine = np.maximum(directions[:, 2], 0.0) * solid_angle
    arrays["irradiance_up"] = (cosine @ radiance / np.pi).astype(np.float32)
    arrays["harmonics"] = _harmonics(to_cube(directions), radiance * solid_angle[:, None])
    return arrays


def _coarse(radiance: Floats) -> tuple[Floats, Floats, Floats]:
    """World directions (N, 3), radiance (N, 3) and solid angle (N,) of the dome, reduced by averaging areas."""
    height, width = radiance.shape[:2]
    block = max(1, height // COARSE_HEIGHT)
    rows, columns = height // block, width // block
    theta = (np.arange(height) + 0.5) / height * np.pi
    weight = np.repeat(np.sin(theta)[:, None], width, axis=1)[: rows * block, : columns * block]
    weighted = (radiance[: rows * block, : columns * block] * weight[..., None]).reshape(rows, block, columns, block, 3)
    total = weight.reshape(rows, block, columns, block).sum((1, 3))
    azimuth, polar = np.meshgrid(
        (np.arange(columns) + 0.5) / columns * 2 * np.pi, (np.arange(rows) + 0.5) / rows * np.pi
    )
    directions = np.stack([np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)], -1)
    solid_angle = total * (np.pi / height) * (2 * np.pi / width)
    mean = weighted.sum((1, 3)) / total[..., None]
    flat = (directions.reshape(-1, 3), mean.reshape(-1, 3), solid_angle.reshape(-1))
    return flat[0].astype(np.float32), flat[1].astype(np.float32), flat[2].astype(np.float32)


def _level(sharp: Floats, directions: Floats, radiance: Floats, solid_angle: Floats, level: int) -> NDArray[np.float16]:
    """One mip level: the dome itself, or its average weighted by the GGX lobe of the level's roughness."""
    texels = to_world(face_directions(FACE_SIZE >> level))
    if level == 0:
        return np.minimum(sample_equirectangular(sharp, texels), 6e4).astype(np.float16)
    # Filament looks up mip level (LEVELS - 1) * r * (2 - r) for perceptual roughness r.
    roughness = 1.0 - np.sqrt(1.0 - level / (LEVELS - 1))
    alpha_squared = np.float32(roughness**4)
    lookups = texels.reshape(-1, 3).astype(np.float32)
    blurred = np.empty_like(lookups)
    for start in range(0, len(lookups), 2048):
        cosine = np.clip(lookups[start : start + 2048] @ directions.T, 0.0, 1.0)
        half_squared = 0.5 * (1.0 + cosine)
        lobe = solid_angle * cosine / np.square(half_squared * (alpha_squared - 1.0) + 1.0)
        blurred[start : start + 2048] = lobe @ radiance / np.maximum(lobe.sum(1, keepdims=True), 1e-12)
    return np.minimum(blurred, 6e4).reshape(texels.shape).astype(np.float16)


def _harmonics(directions: Floats, energy: Floats) -> Floats:
    """Coefficients of irradiance / pi with the polynomials' constants multiplied in, shape (9, 3)."""
    x, y, z = directions.T
    ones = np.ones_like(x)
    constants = np.array([0.282095, 0.488603, 0.488603, 0.488603, 1.092548, 1.092548, 0.315392, 1.092548, 0.546274])
    cosine_lobe = np.array([1.0] + [2 / 3] * 3 + [1 / 4] * 5)
    polynomials = np.stack([ones, y, z, x, y * x, y * z, 3 * z * z - 1, z * x, x * x - y * y])
    return (polynomials @ energy * (constants**2 * cosine_lobe)[:, None]).astype(np.float32)
