"""Outdoor domes: sky, sun, clouds, and a horizon over open ground."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from assets_index.domes.sphere import HEIGHT, WIDTH, Radiance, angles, exposed, skyline, unit
from assets_index.textures.noise import SIZE, fractal, smoothstep

Rgb = tuple[float, float, float]

_SLAB = 0.6  # edge of paving, heights of the eye


@dataclass(frozen=True)
class Sky:
    """An outdoor place at one hour; colours are linear radiance.

    Attributes:
        sun_elevation, sun_azimuth: degrees.
        zenith, horizon: colours of the clear sky straight up and low down.
        sun: colour of the sun, and `glow` of the sky around it.
        disc: radiance of the sun's disc relative to `sun`; 0 when it is hidden.
        cover: share of the sky under clouds, 0..1.
        cloud: colour of a sunlit cloud, `shade` of its base.
        ground: colour of the ground; `land` of what stands on the horizon.
        level: mean luminance of the dome.
    """

    sun_elevation: float
    sun_azimuth: float
    zenith: Rgb
    horizon: Rgb
    sun: Rgb
    glow: Rgb
    disc: float
    cover: float
    cloud: Rgb
    shade: Rgb
    ground: Rgb
    land: Rgb
    level: float
    silhouette: Literal["hills", "trees", "city"] = "hills"
    lit_windows: bool = False


def _blend(below: Radiance, above: Radiance, amount: Radiance) -> Radiance:
    return below + (above - below) * amount[..., None]


def _clear(sky: Sky, directions: Radiance, elevation: Radiance) -> Radiance:
    """The cloudless sky: a vertical gradient and forward scattering about the sun, strongest near the horizon."""
    up = np.clip(np.sin(elevation), 0, 1)
    toward = directions @ unit(np.radians(sky.sun_elevation), np.radians(sky.sun_azimuth))
    base = _blend(np.asarray(sky.zenith), np.asarray(sky.horizon), np.exp(-4.5 * up))
    # Henyey-Greenstein lobes: a wide one for haze, a narrow one for the aureole.
    haze = sum(weight * (1 - g * g) / (1 + g * g - 2 * g * toward) ** 1.5 for g, weight in ((0.62, 0.12), (0.92, 0.02)))
    glow = np.asarray(sky.glow) * (haze * (0.35 + 0.65 * np.exp(-2.5 * up)))[..., None]
    # A disc of 1.2 degrees, larger than the sun's 0.27, keeps its energy below the clamp at this resolution.
    disc = sky.disc * smoothstep(np.cos(np.radians(1.6)), np.cos(np.radians(0.9)), toward)
    return base + glow + np.asarray(sky.sun) * disc[..., None]


def _clouds(sky: Sky, rng: np.random.Generator, directions: Radiance) -> tuple[Radiance, Radiance]:
    """Colour and opacity of a flat cloud layer seen from below."""
    field = fractal(rng, 1.75, 2.0)
    rise = np.maximum(directions[..., 2], 0) + 0.09
    across, along = 0.16 * directions[..., 0] / rise, 0.16 * directions[..., 1] / rise
    look = partial(map_coordinates, field, order=1, mode="grid-wrap")
    sunward = unit(0.0, np.radians(sky.sun_azimuth)) * 0.012
    density = look([along * SIZE, across * SIZE])
    ahead = look([(along + sunward[1]) * SIZE, (across + sunward[0]) * SIZE])
    threshold = float(np.quantile(field, 1 - sky.cover))
    opacity = smoothstep(threshold - 0.15, threshold + 0.6, density)
    opacity = opacity * smoothstep(-0.02, 0.10, directions[..., 2])
    light = np.clip(0.62 + 1.3 * (density - ahead) - 0.22 * np.clip(density - threshold, 0, 3), 0, 1)
    return _blend(np.asarray(sky.shade), np.asarray(sky.cloud), light), opacity


def _profile(sky: Sky, rng: np.random.Generator) -> tuple[Radiance, Radiance]:
    """Heights in radians of a far and a near silhouette over azimuth."""
    far = 0.035 + 0.018 * skyline(rng, 7, 1.2)
    if sky.silhouette == "hills":
        return far, 0.012 + 0.012 * skyline(rng, 12, 1.0)
    if sky.silhouette == "trees":
        return far * 0.6, np.maximum(0.05 + 0.022 * skyline(rng, 60, 0.7) + 0.008 * skyline(rng, 200, 0.2), 0.004)
    blocks = 88
    column = np.arange(WIDTH) * blocks // WIDTH
    return far * 0.7, (rng.gamma(2.2, 0.045, blocks) * (rng.random(blocks) < 0.75))[column] + 0.01


def _windows(rng: np.random.Generator, elevation: Radiance, azimuth: Radiance) -> Radiance:
    """Lamps behind facade windows, 0..1."""
    row, column = np.floor(elevation / 0.0245).astype(int), np.floor(azimuth / (2 * np.pi) * WIDTH / 2).astype(int)
    lamp = rng.random((64, WIDTH // 2)) < 0.16
    return (lamp[row % 64, column % (WIDTH // 2)] & (elevation > 0.015)).astype(float)


def _ground(sky: Sky, rng: np.random.Generator, directions: Radiance) -> Radiance:
    """Ground seen from standing height: grain or paving that blurs with distance, faint patches, haze at the horizon.

    Lengths are heights of the eye.
    """
    depth = np.maximum(-directions[..., 2], 0.01)
    x, y = directions[..., 0] / depth, directions[..., 1] / depth
    blur = np.pi / HEIGHT / depth**2  # length of what a pixel sees
    grain, patches = (
        map_coordinates(field, [scale * y * SIZE, scale * x * SIZE], order=1, mode="grid-wrap")
        for field, scale in ((fractal(rng, 1.0, 30.0), 0.3), (fractal(rng, 1.7, 2.0), 0.03))
    )
    tone = 1 + 0.12 * grain * np.exp(-blur / 0.06) + 0.045 * patches
    if sky.silhouette == "city":
        joint = np.maximum(*(smoothstep(0.46, 0.49, np.abs(v / _SLAB % 1 - 0.5)) for v in (x, y)))
        tone = tone - 0.22 * joint * np.exp(-blur / 0.1)
    color = np.asarray(sky.ground) * np.clip(tone, 0.3, 2)[..., None]
    return _blend(color, np.asarray(sky.land), 0.6 * np.exp(-depth * 14))


def render(sky: Sky, rng: np.random.Generator) -> NDArray[np.float32]:
    """The dome of `sky`, (HEIGHT, WIDTH, 3) float32."""
    elevation, azimuth = angles()
    directions = unit(elevation, azimuth)
    picture = _clear(sky, directions, elevation)
    color, opacity = _clouds(sky, rng, directions)
    picture = _blend(picture, color, opacity)
    far, near = _profile(sky, rng)
    pixel = np.pi / HEIGHT
    haze = 0.55 * np.asarray(sky.horizon) + 0.45 * np.asarray(sky.land)
    picture = _blend(picture, haze, smoothstep(0.5 * pixel, -0.5 * pixel, elevation - far))
    facade = np.broadcast_to(np.asarray(sky.land), picture.shape)
    if sky.lit_windows:
        facade = facade + np.array([2.2, 1.5, 0.7]) * _windows(rng, elevation, azimuth)[..., None]
    picture = _blend(picture, facade, smoothstep(0.5 * pixel, -0.5 * pixel, elevation - near))
    picture = _blend(picture, _ground(sky, rng, directions), smoothstep(0.0, -pixel, elevation))
    return exposed(picture, sky.level)


CLEAR_NOON = Sky(
    sun_elevation=58,
    sun_azimuth=40,
    zenith=(0.10, 0.22, 0.56),
    horizon=(0.55, 0.72, 0.95),
    sun=(1.0, 0.95, 0.86),
    glow=(0.9, 0.9, 0.85),
    disc=1500,
    cover=0.06,
    cloud=(1.6, 1.6, 1.6),
    shade=(0.8, 0.85, 0.95),
    ground=(0.13, 0.17, 0.05),
    land=(0.10, 0.15, 0.07),
    level=0.9,
    silhouette="trees",
)
CLEAR_MORNING = Sky(
    sun_elevation=22,
    sun_azimuth=110,
    zenith=(0.12, 0.25, 0.58),
    horizon=(0.85, 0.82, 0.80),
    sun=(1.0, 0.84, 0.62),
    glow=(1.3, 1.05, 0.75),
    disc=1300,
    cover=0.0,
    cloud=(1.5, 1.4, 1.3),
    shade=(0.7, 0.7, 0.8),
    ground=(0.34, 0.29, 0.20),
    land=(0.26, 0.28, 0.26),
    level=0.8,
)
PARTLY_CLOUDY = Sky(
    sun_elevation=42,
    sun_azimuth=250,
    zenith=(0.11, 0.23, 0.55),
    horizon=(0.62, 0.75, 0.92),
    sun=(1.0, 0.93, 0.82),
    glow=(1.0, 0.95, 0.88),
    disc=1200,
    cover=0.45,
    cloud=(1.9, 1.85, 1.8),
    shade=(0.55, 0.60, 0.70),
    ground=(0.20, 0.22, 0.09),
    land=(0.12, 0.16, 0.09),
    level=0.95,
    silhouette="trees",
)
OVERCAST = Sky(
    sun_elevation=50,
    sun_azimuth=10,
    zenith=(0.95, 0.98, 1.03),
    horizon=(0.72, 0.75, 0.80),
    sun=(1.0, 1.0, 1.0),
    glow=(0.9, 0.9, 0.9),
    disc=0.0,
    cover=0.98,
    cloud=(1.22, 1.24, 1.28),
    shade=(0.74, 0.78, 0.85),
    ground=(0.27, 0.27, 0.27),
    land=(0.26, 0.27, 0.29),
    level=0.9,
    silhouette="city",
)
SUNSET = Sky(
    sun_elevation=5,
    sun_azimuth=200,
    zenith=(0.10, 0.14, 0.34),
    horizon=(0.85, 0.50, 0.38),
    sun=(1.0, 0.55, 0.22),
    glow=(2.6, 1.15, 0.35),
    disc=420,
    cover=0.30,
    cloud=(1.7, 0.75, 0.45),
    shade=(0.30, 0.22, 0.32),
    ground=(0.11, 0.085, 0.07),
    land=(0.08, 0.06, 0.07),
    level=0.5,
)
DUSK = Sky(
    sun_elevation=-4,
    sun_azimuth=300,
    zenith=(0.03, 0.05, 0.16),
    horizon=(0.26, 0.22, 0.34),
    sun=(1.0, 0.5, 0.2),
    glow=(0.9, 0.42, 0.22),
    disc=0.0,
    cover=0.12,
    cloud=(0.32, 0.22, 0.28),
    shade=(0.06, 0.07, 0.13),
    ground=(0.05, 0.05, 0.06),
    land=(0.025, 0.027, 0.04),
    level=0.3,
    silhouette="city",
    lit_windows=True,
)
