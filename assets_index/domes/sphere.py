"""Equirectangular directions. Row 0 is +z, column 0 is azimuth 0 (+x), azimuth grows towards +y."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

HEIGHT = 256
WIDTH = 512
PEAK = 2000.0

Radiance: TypeAlias = NDArray[np.floating]

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def angles(down: float = 0.5, right: float = 0.5) -> tuple[Radiance, Radiance]:
    """Elevation and azimuth in radians at a point inside every pixel, (HEIGHT, WIDTH) each; its centre by default."""
    elevation = np.pi / 2 - (np.arange(HEIGHT) + down) * np.pi / HEIGHT
    azimuth = (np.arange(WIDTH) + right) * 2 * np.pi / WIDTH
    return np.broadcast_arrays(elevation[:, None], azimuth[None, :])  # type: ignore[return-value]


def unit(elevation: ArrayLike, azimuth: ArrayLike) -> Radiance:
    """Unit vectors of elevations and azimuths in radians; shape (..., 3)."""
    elevation, azimuth = np.broadcast_arrays(np.asarray(elevation, float), np.asarray(azimuth, float))
    level = np.cos(elevation)
    return np.stack([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)], -1)


def mean_luminance(radiance: Radiance) -> float:
    """Luminance averaged over the sphere, of a dome of any size; each row counts by its solid angle."""
    rows = len(radiance)
    weight = np.sin((np.arange(rows) + 0.5) * np.pi / rows)
    return float(np.average((radiance @ LUMINANCE).mean(1), weights=weight))


def exposed(radiance: Radiance, level: float) -> NDArray[np.float32]:
    """Scaled to a mean luminance of `level`, then clamped to `PEAK`: hotter pixels would only become fireflies."""
    return np.minimum(radiance * (level / mean_luminance(radiance)), PEAK).astype(np.float32)


def skyline(rng: np.random.Generator, harmonics: int, roughness: float = 1.0) -> Radiance:
    """A periodic profile over azimuth, zero mean and unit variance; shape (WIDTH,)."""
    _, azimuth = angles()
    order = np.arange(1, harmonics + 1)
    phase = rng.uniform(0, 2 * np.pi, harmonics)
    waves = np.cos(order[:, None] * azimuth[0] + phase[:, None])
    profile = (order[:, None] ** -roughness * waves).sum(0)
    return (profile - profile.mean()) / profile.std()
