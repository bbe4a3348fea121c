"""Woven, tufted and tanned: plain weave, denim, tartan, tweed, corduroy, knit, felt, carpet, leather."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.textures.noise import SIZE, Field, band, cells, fractal, grid, relief, smoothstep
from assets_index.textures.paint import Color, Picture, lit, mix, plain


def _threads(rng: np.random.Generator, count: int, slub: float) -> tuple[Field, Field]:
    """Brightness of `count` weft (along columns) and warp (along rows) threads, each around 1."""
    y, x = grid()
    weft = 1 + slub * fractal(rng, 0.8, 8.0, stretch=(1.0, 20.0)) + rng.normal(0, slub, count)[(y * count).astype(int)]
    warp = 1 + slub * fractal(rng, 0.8, 8.0, stretch=(20.0, 1.0)) + rng.normal(0, slub, count)[(x * count).astype(int)]
    return weft.astype(np.float32), warp.astype(np.float32)


def _roundness(position: Field, count: int) -> Field:
    """How high a thread's surface is across its width, 0 at its sides and 1 in its middle."""
    return np.sqrt(np.clip(1 - (2 * (position * count % 1.0) - 1) ** 2, 0, 1)).astype(np.float32)


def weave(
    rng: np.random.Generator,
    weft: Color | Picture,
    warp: Color | Picture,
    count: int = 64,
    twill: int = 1,
    slub: float = 0.06,
) -> Picture:
    """Cloth of `count` threads a tile; plain weave for `twill` 1, else weft passes under one of `twill` + 1."""
    y, x = grid()
    row, column = (y * count).astype(int), (x * count).astype(int)
    over = ((row + column) % (twill + 1)) == 0
    weft_tone, warp_tone = _threads(rng, count, slub)
    along_weft = 0.62 + 0.38 * _roundness(y, count) * (0.6 + 0.4 * _roundness(x, count))
    along_warp = 0.62 + 0.38 * _roundness(x, count) * (0.6 + 0.4 * _roundness(y, count))
    below = lit(np.broadcast_to(np.asarray(warp, np.float32), (SIZE, SIZE, 3)), warp_tone * along_warp)
    above = lit(np.broadcast_to(np.asarray(weft, np.float32), (SIZE, SIZE, 3)), weft_tone * along_weft)
    cloth = np.where(over[..., None], above, below)
    return lit(cloth.astype(np.float32), 1 + 0.025 * fractal(rng, 1.6))


def _stripes(bands: Sequence[tuple[int, Color]]) -> Picture:
    """Colours of a thread sequence stretched over one tile, as a (SIZE, 3) row."""
    total = sum(width for width, _ in bands)
    row = np.concatenate([np.tile(np.asarray(color, np.float32), (width, 1)) for width, color in bands])
    return row[(np.arange(SIZE) * total) // SIZE]


def tartan(rng: np.random.Generator, sett: Sequence[tuple[int, Color]]) -> Picture:
    """A plaid: the same colour sequence `sett` (threads, colour) in warp and weft, in a 1/1 weave."""
    row = _stripes(sett)
    weft = np.broadcast_to(row[:, None], (SIZE, SIZE, 3))
    warp = np.broadcast_to(row[None, :], (SIZE, SIZE, 3))
    return weave(rng, weft, warp, count=128, slub=0.03)


def denim(rng: np.random.Generator, color: Color) -> Picture:
    """Warp-faced twill: dyed warp, white weft in diagonal lines, worn patches."""
    worn = smoothstep(-1.5, 2.5, fractal(rng, 1.6))
    dyed = mix(color, (0.25 + color[0], 0.25 + color[1], 0.25 + color[2]), 0.35 * worn)
    return weave(rng, (0.78, 0.80, 0.83), dyed, count=96, twill=3, slub=0.10)


def tweed(rng: np.random.Generator, yarns: Sequence[Color]) -> Picture:
    """Coarse twill of yarns whose colour changes from stitch to stitch."""
    y, x = grid()
    row, column = (y * 80).astype(int), (x * 80).astype(int)
    table = np.asarray(yarns, np.float32)
    picked = table[rng.integers(len(yarns), size=(80, 80))[row, column]]
    return weave(rng, picked, np.roll(picked, 37, 0), count=80, twill=2, slub=0.12)


def corduroy(rng: np.random.Generator, color: Color, wales: int = 22) -> Picture:
    """Cut pile in vertical ribs."""
    _, x = grid()
    rib = _roundness(x + 0.002 * band(rng, 30, stretch=(2.0, 1.0)), wales)
    pile = 1 + 0.10 * band(rng, 110, 0.6, stretch=(1.0, 1.6)) + 0.03 * fractal(rng, 1.6)
    return lit(plain(color, (SIZE, SIZE)), (0.45 + 0.62 * rib) * pile)


def knit(rng: np.random.Generator, color: Color, columns: int = 24) -> Picture:
    """Stockinette: columns of V-shaped stitches."""
    y, x = grid()
    across = x * columns % 1.0
    leg = np.abs(across - 0.5) * 2
    along = (y * columns * 1.25 + 0.55 * leg) % 1.0
    loop = np.sqrt(np.clip(1 - (2 * along - 1) ** 2, 0, 1)) * (
        0.35 + 0.65 * np.sqrt(np.clip(np.sin(np.pi * leg), 0, 1))
    )
    shade = 0.5 + 0.55 * loop + 0.05 * band(rng, 130, 0.5)
    return lit(plain(color, (SIZE, SIZE)), (shade * (1 + 0.03 * fractal(rng, 1.6))).astype(np.float32))


def felt(rng: np.random.Generator, color: Color) -> Picture:
    """Pressed fibres without direction."""
    fibres = band(rng, 90, 0.5, stretch=(1.0, 5.0)) + band(rng, 90, 0.5, stretch=(5.0, 1.0))
    return lit(plain(color, (SIZE, SIZE)), 1 + 0.05 * fibres + 0.03 * fractal(rng, 1.2, 4.0))


def carpet(rng: np.random.Generator, colors: Sequence[Color], tufts: int = 70) -> Picture:
    """Loop pile: tufts of mixed colours, dark between them."""
    pile = cells(rng, tufts, jitter=0.8)
    table = np.asarray(colors, np.float32)
    base = table[rng.integers(len(colors), size=pile.count)][pile.index]
    tone = rng.normal(1.0, 0.09, pile.count).astype(np.float32)[pile.index]
    dome = np.sqrt(np.clip(1 - (pile.nearest * tufts / 0.85) ** 2, 0.05, 1))
    shade = (0.42 + 0.62 * dome) * tone * (1 + 0.08 * band(rng, 150, 0.5) + 0.05 * fractal(rng, 1.5))
    return lit(base, shade.astype(np.float32))


def leather(rng: np.random.Generator, color: Color, grain: int = 48) -> Picture:
    """Tanned hide: rounded pebbles parted by creases, with cloudy dye."""
    pebbles, small = cells(rng, grain), cells(rng, 2 * grain)
    crease = smoothstep(0.0, 0.45, (pebbles.second - pebbles.nearest) * grain)
    fine = smoothstep(0.0, 0.6, (small.second - small.nearest) * 2 * grain)
    height = crease + 0.25 * fine + 0.4 * band(rng, 8, 0.5)
    shade = (0.72 + 0.28 * crease) * relief(height, 0.22) * (1 + 0.06 * fractal(rng, 1.7))
    return lit(plain(color, (SIZE, SIZE)), shade)
