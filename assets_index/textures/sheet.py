"""Sheet goods and ground cover: brushed metal, laminate, paper, cardboard, cork, rubber, chipboard, wicker, grass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.textures.noise import SIZE, Field, band, cells, fractal, grid, relief, smoothstep
from assets_index.textures.paint import Color, Picture, lit, mix, plain, ramp


def brushed(rng: np.random.Generator, color: Color) -> Picture:
    """Metal brushed along the columns."""
    strokes = fractal(rng, 0.35, 4.0, stretch=(1.0, 80.0))
    return lit(plain(color, (SIZE, SIZE)), 1 + 0.055 * strokes + 0.012 * fractal(rng, 1.8))


def diamond_plate(rng: np.random.Generator, color: Color, count: int = 10) -> Picture:
    """Steel floor plate with raised lozenges that alternate in direction."""
    y, x = grid()
    row, column = (y * count).astype(int), (x * count).astype(int)
    v, u = y * count % 1.0 - 0.5, x * count % 1.0 - 0.5
    turned = (row + column) % 2 == 1
    a = np.where(turned, u + v, u - v) * np.sqrt(0.5)
    b = np.where(turned, u - v, u + v) * np.sqrt(0.5)
    height = smoothstep(1.0, 0.55, ((a / 0.42) ** 2 + (b / 0.13) ** 2).astype(np.float32))
    scratches = 1 + 0.03 * fractal(rng, 0.6, 6.0) + 0.02 * fractal(rng, 1.8)
    return lit(plain(color, (SIZE, SIZE)), relief(height, 0.35) * scratches)


def laminate(rng: np.random.Generator, color: Color, speckle: float = 0.02) -> Picture:
    """Plastic laminate: even colour, a faint pebbled surface and sparse flecks."""
    flecks = smoothstep(2.3, 3.0, band(rng, 70, 0.5))
    shade = 1 + speckle * band(rng, 100, 0.5) + 0.006 * fractal(rng, 1.6)
    return lit(plain(color, (SIZE, SIZE)), shade * (1 - 3 * speckle * flecks))


def paper(rng: np.random.Generator, color: Color, fibre: float = 0.03) -> Picture:
    """Paper or board: cloudy pulp with visible fibres."""
    cloud = fractal(rng, 1.3, 6.0)
    fibres = smoothstep(2.0, 3.2, band(rng, 60, 0.5, stretch=(1.0, 6.0))) + smoothstep(
        2.0, 3.2, band(rng, 60, 0.5, stretch=(6.0, 1.0))
    )
    return lit(plain(color, (SIZE, SIZE)), 1 + 0.5 * fibre * cloud + 0.02 * band(rng, 120, 0.6) - 2 * fibre * fibres)


def corrugated(rng: np.random.Generator, color: Color, flutes: int = 40) -> Picture:
    """Cardboard whose flutes shine through the liner."""
    y, _ = grid()
    wave = np.sin(2 * np.pi * flutes * y).astype(np.float32)
    return lit(paper(rng, color, 0.03), 1 + 0.025 * wave)


def cork(rng: np.random.Generator, colors: Sequence[Color]) -> Picture:
    """Pressed cork granules with dark bark specks."""
    coarse, fine = cells(rng, 34), cells(rng, 85)
    value = 0.45 * rng.random(coarse.count).astype(np.float32)[coarse.index]
    value += 0.45 * rng.random(fine.count).astype(np.float32)[fine.index] + 0.05 * fractal(rng, 0.6, 10.0)
    joint = 1 - 0.35 * (1 - smoothstep(0.0, 0.15, (coarse.second - coarse.nearest) * 34))
    specks = 1 - 0.55 * smoothstep(1.9, 2.6, band(rng, 45, 0.6))
    return lit(ramp(np.clip(value, 0, 1), colors), joint * specks)


def speckled_rubber(rng: np.random.Generator, color: Color, flecks: Sequence[Color]) -> Picture:
    """Sports flooring: dark rubber granules with coloured flecks."""
    granules = cells(rng, 80)
    table = np.asarray(flecks, np.float32)
    tone = 1 + 0.12 * rng.standard_normal(granules.count).astype(np.float32)[granules.index]
    base = lit(plain(color, (SIZE, SIZE)), tone)
    chosen = (rng.random(granules.count) < 0.10)[granules.index]
    size = smoothstep(0.1, 0.3, (granules.second - granules.nearest) * 80)
    return mix(base, table[rng.integers(len(flecks), size=granules.count)][granules.index], np.where(chosen, size, 0))


def strandboard(rng: np.random.Generator, colors: Sequence[Color]) -> Picture:
    """Oriented strand board: overlapping layers of long wood flakes."""
    picture = plain(colors[0], (SIZE, SIZE))
    y, x = grid()
    for stretch, slope in (((26, 9), 1), ((9, 24), 0), ((24, 10), -1)):
        # A lattice sheared by whole tiles stays periodic and lays the flakes askew.
        flakes = cells(rng, *stretch, jitter=1.0)
        rows = np.indices((SIZE, SIZE))[0]
        columns = (np.indices((SIZE, SIZE))[1] + slope * rows) % SIZE
        index = flakes.index[rows, columns]
        edge = smoothstep(0.0015, 0.006, (flakes.second - flakes.nearest)[rows, columns])
        along = x if stretch[0] > stretch[1] else y
        grain = np.sin(2 * np.pi * 70 * (y + x - along + slope * along))
        tone = rng.random(flakes.count).astype(np.float32)[index]
        flake = ramp(np.clip(tone + 0.10 * grain, 0, 1), colors)
        shown = (rng.random(flakes.count) < 0.6)[index]
        picture = mix(lit(picture, 1 - 0.3 * shown * (1 - edge)), flake, shown * edge)
    return lit(picture, 1 + 0.04 * fractal(rng, 0.7, 10.0))


def wicker(rng: np.random.Generator, color: Color, count: int = 12) -> Picture:
    """Basket work: two willow strands in turn over and under upright stakes, `count` (even) to a tile."""
    y, x = grid()
    rows = 3 * count
    row, column = (y * rows).astype(int), (x * count).astype(int)
    v = 2 * (y * rows % 1.0) - 1
    over = np.cos(np.pi * (x * count - 0.5 + row))
    strand = np.sqrt(np.clip(1 - v**2, 0, 1)) * (0.62 + 0.38 * over)
    tone = rng.normal(1, 0.08, (rows, count))[row, column] * rng.normal(1, 0.08, rows)[row]
    fibres = 1 + 0.05 * fractal(rng, 0.6, 10.0, (1.0, 20.0)) + 0.03 * fractal(rng, 1.5)
    return lit(plain(color, (SIZE, SIZE)), (0.28 + 0.85 * strand) * tone * fibres)


def _sheared(field: Field, columns_per_row: int) -> Field:
    """Slant a field by whole pixels, so that it still wraps."""
    y, x = np.indices((SIZE, SIZE))
    return field[y, (x + columns_per_row * y) % SIZE]


def grass(rng: np.random.Generator, colors: Sequence[Color]) -> Picture:
    """A mown lawn: layers of blades, the upper ones lighter."""
    picture = plain(colors[0], (SIZE, SIZE))
    for layer in range(6):
        stretch = (5.0, 1.0) if layer % 3 != 1 else (3.0, 1.5)
        blades = band(rng, 75, 0.45, stretch=stretch)
        blades = _sheared(blades, int(rng.integers(-1, 2)))
        shade = np.clip((layer + 1) / 6 + 0.18 * fractal(rng, 1.0, 10.0), 0, 1)
        picture = mix(picture, ramp(shade, colors), smoothstep(0.5, 1.1, blades))
    return lit(picture, 1 + 0.06 * fractal(rng, 1.5))
