"""Stone and what is cast from it: marble, travertine, granite, slate, terrazzo, concrete, plaster, asphalt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.textures.noise import SIZE, Field, band, cells, fractal, grid, relief, smoothstep, warp
from assets_index.textures.paint import Color, Picture, darker, lit, mix, plain, ramp


def _veins(rng: np.random.Generator, cycles: float, width: float) -> Field:
    """Thin wandering lines, 0..1: the zero crossings of warped noise, fading in and out."""
    ridge = warp(
        band(rng, cycles, 0.5, stretch=(1.0, 1.6)), 0.05 * fractal(rng, 1.9, 2.0), 0.05 * fractal(rng, 1.9, 2.0)
    )
    strength = 0.15 + smoothstep(-1.0, 1.4, fractal(rng, 1.5, 2.0))
    return np.exp(-np.abs(ridge) / np.float32(width)) * strength


def marble(rng: np.random.Generator, ground: Sequence[Color], vein: Color, strength: float = 0.8) -> Picture:
    """Polished marble: a cloudy `ground` with coarse and fine veins."""
    cloud = warp(fractal(rng, 1.9, 1.0), 0.06 * fractal(rng, 2.0), 0.06 * fractal(rng, 2.0))
    picture = ramp(np.clip(0.5 + 0.22 * cloud, 0, 1), ground)
    coarse, fine = _veins(rng, 2.0, 0.10), _veins(rng, 6.0, 0.07)
    return mix(picture, vein, np.clip(strength * (coarse + 0.45 * fine), 0, 1))


def travertine(rng: np.random.Generator, colors: Sequence[Color]) -> Picture:
    """Layered limestone with pits along its beds."""
    y, _ = grid()
    bed = y * 7 + 0.22 * fractal(rng, 1.9, 1.0, stretch=(1.0, 2.5))
    layers = 0.5 + 0.25 * np.sin(2 * np.pi * bed) + 0.14 * fractal(rng, 1.0, 3.0, stretch=(1.0, 14.0))
    picture = ramp(np.clip(layers, 0, 1).astype(np.float32), colors)
    pits = smoothstep(2.0, 2.7, band(rng, 45, 0.5, stretch=(1.0, 3.5))) * smoothstep(
        -0.5, 0.8, fractal(rng, 1.2, 3.0, stretch=(1.0, 6.0))
    )
    return mix(picture, darker(colors[0], 0.55), 0.7 * pits)


def granite(rng: np.random.Generator, grains: Sequence[Color], weights: Sequence[float], scale: int = 75) -> Picture:
    """Interlocked mineral grains of a few colours, `scale` grains along an edge."""
    table = np.asarray(grains, np.float32)
    coarse, fine = cells(rng, scale), cells(rng, scale * 2)
    cluster = fractal(rng, 1.2, 4.0)
    draw_coarse = rng.choice(len(grains), coarse.count, p=weights)[coarse.index]
    draw_fine = rng.choice(len(grains), fine.count, p=weights)[fine.index]
    picture = np.where((cluster > 0.1)[..., None], table[draw_coarse], table[draw_fine])
    tone = 1 + 0.10 * rng.standard_normal(fine.count).astype(np.float32)[fine.index]
    return lit(picture, np.clip(tone + 0.05 * band(rng, 120), 0.6, 1.4))


def slate(rng: np.random.Generator, colors: Sequence[Color]) -> Picture:
    """Cleft slate: thin broken layers in low relief."""
    height = fractal(rng, 1.4, 2.0, stretch=(1.0, 1.8))
    steps = np.floor(height * 2.2) / 2.2 + 0.15 * height
    picture = ramp(np.clip(0.5 + 0.2 * fractal(rng, 1.5), 0, 1), colors)
    return lit(picture, relief(steps.astype(np.float32), 0.22) * (1 + 0.03 * band(rng, 100)))


def terrazzo(rng: np.random.Generator, binder: Color, chips: Sequence[Color], scale: int = 26) -> Picture:
    """Stone chips of two sizes in a ground binder, polished."""
    picture = lit(plain(binder, (SIZE, SIZE)), 1 + 0.015 * fractal(rng, 1.0) + 0.02 * band(rng, 130))
    table = np.asarray(chips, np.float32)
    for rows, share, margin in ((scale * 2, 0.75, 0.16), (scale, 0.7, 0.12)):
        diagram = cells(rng, rows, jitter=0.95)
        inside = (diagram.second - diagram.nearest) * rows
        kept = (rng.random(diagram.count) < share)[diagram.index]
        limit = (margin + 0.35 * rng.random(diagram.count)).astype(np.float32)[diagram.index]
        colors = table[rng.integers(len(chips), size=diagram.count)][diagram.index]
        tone = 1 + 0.06 * rng.standard_normal(diagram.count).astype(np.float32)[diagram.index]
        picture = mix(picture, lit(colors, tone), np.where(kept, smoothstep(0.0, 0.06, inside - limit), 0))
    return picture


def concrete(rng: np.random.Generator, color: Color, stains: float = 0.03) -> Picture:
    """Cast concrete: cloudy stains, fine sand, air holes."""
    cloud = fractal(rng, 1.5, 2.0)  # broader stains would show where the tile repeats
    shade = 1 + stains * cloud + 0.035 * fractal(rng, 0.5, 20.0)
    holes = smoothstep(2.6, 3.2, band(rng, 38, 0.4)) + smoothstep(2.9, 3.4, band(rng, 80, 0.3))
    return lit(plain(color, (SIZE, SIZE)), shade * (1 - 0.45 * np.clip(holes, 0, 1)))


def plaster(rng: np.random.Generator, color: Color, coarseness: float = 1.0) -> Picture:
    """Trowelled plaster in side light."""
    height = fractal(rng, 1.2, 6.0) + 0.5 * coarseness * band(rng, 40, 0.6)
    return lit(plain(color, (SIZE, SIZE)), relief(height, 0.05 * coarseness) * (1 + 0.015 * fractal(rng, 1.8)))


def asphalt(rng: np.random.Generator, color: Color) -> Picture:
    """Road surface: grit of mixed grey in black binder."""
    grit = cells(rng, 90)
    tone = np.clip(rng.normal(1.0, 0.28, grit.count), 0.5, 1.9).astype(np.float32)[grit.index]
    gaps = smoothstep(0.0, 0.35, (grit.second - grit.nearest) * 90)
    return lit(plain(color, (SIZE, SIZE)), tone * (0.55 + 0.45 * gaps) * (1 + 0.05 * fractal(rng, 1.6)))


def sand(rng: np.random.Generator, colors: Sequence[Color]) -> Picture:
    """Dry sand, gently uneven."""
    grains = fractal(rng, 0.15, 60.0)
    picture = ramp(np.clip(0.5 + 0.16 * grains + 0.08 * fractal(rng, 1.6), 0, 1), colors)
    return lit(picture, relief(fractal(rng, 2.0, 3.0), 0.9))
