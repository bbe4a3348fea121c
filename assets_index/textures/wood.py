"""Sawn wood: growth rings cut by a plane, fibres, pores, boards and their seams. The grain runs along the columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets_index.textures.noise import SIZE, Field, band, fractal, grid, smoothstep
from assets_index.textures.paint import Color, Picture, darker, lit, mix, ramp, rgb


@dataclass(frozen=True)
class Species:
    """How one kind of timber looks.

    Attributes:
        early, late: colours of spring and summer wood.
        rings: growth rings over the width of a board.
        contrast: how far late wood reaches its colour, 0..1.
        pores: how many dark vessel lines there are, 0..1.
        variation: brightness spread between boards.
    """

    early: Color
    late: Color
    rings: float = 9.0
    contrast: float = 0.8
    pores: float = 0.3
    variation: float = 0.05


OAK = Species(rgb("cfa878"), rgb("a2743f"), rings=10, pores=0.9)
WALNUT = Species(rgb("7a5238"), rgb("3f2617"), rings=8, pores=0.5, variation=0.07)
PINE = Species(rgb("ecca91"), rgb("c58b48"), rings=6, contrast=0.95, pores=0.05)
MAPLE = Species(rgb("ead0a6"), rgb("d2ab78"), rings=9, contrast=0.55, pores=0.1, variation=0.03)
CHERRY = Species(rgb("b06f42"), rgb("86472a"), rings=9, contrast=0.6, pores=0.2)
TEAK = Species(rgb("b17f45"), rgb("70461f"), rings=12, pores=0.5)
WENGE = Species(rgb("5c4030"), rgb("2a1b12"), rings=22, contrast=0.9, pores=0.4, variation=0.04)
WEATHERED = Species(rgb("a8a49b"), rgb("6f6a63"), rings=11, pores=0.9, variation=0.08)


def _grain(rng: np.random.Generator, v: Field, u: Field, rings: float, wobble: Field) -> Field:
    """How much late wood there is, 0..1, on a board cut from a tapering, bent stem.

    The distance to the pith varies along the board; where the cut comes close to it, rings close to arches.
    """
    turn = 2 * np.pi * (u + rng.random())
    bend = 0.10 * np.cos(turn) + 0.03 * np.cos(3 * turn + rng.uniform(0, 6))
    depth = rng.uniform(0.15, 0.5) + rng.uniform(0.1, 0.3) * np.sin(turn + rng.uniform(0, 6))
    distance = np.hypot(v - rng.uniform(-0.7, 0.7) - bend, depth)
    phase = (distance * rings + wobble) % 1.0
    return (smoothstep(0.25, 0.92, phase) * (1 - smoothstep(0.92, 1.0, phase))).astype(np.float32)


def _vessels(rng: np.random.Generator, amount: float) -> Field:
    """Short dark lines along the grain, 0..1."""
    lines = band(rng, 150, 0.5, stretch=(1.0, 18.0))
    return amount * smoothstep(1.3, 2.6, lines)


def boards(rng: np.random.Generator, species: Species, count: int = 3, seam: float = 0.6) -> Picture:
    """`count` boards side by side, their seams darkened by `seam`."""
    y, x = grid()
    height = SIZE // count
    wobble = 0.35 * fractal(rng, 2.0, 2.0, stretch=(1.0, 4.0)) + 0.04 * band(rng, 60, stretch=(1.0, 8.0))
    late, tone = np.zeros_like(y), np.ones_like(y)
    for board in range(count):
        rows = slice(board * height, SIZE if board == count - 1 else (board + 1) * height)
        v = (y[rows] * count - board) - 0.5
        late[rows] = _grain(rng, v, x[rows], species.rings, wobble[rows])
        tone[rows] = 1 + rng.normal(0, species.variation)
    fibre = fractal(rng, 0.7, 6.0, stretch=(1.0, 30.0))
    cloud = fractal(rng, 1.6, 1.0, stretch=(1.0, 4.0))
    picture = ramp(np.clip(late * species.contrast + 0.05 * fibre + 0.06 * cloud, 0, 1), [species.early, species.late])
    picture = mix(picture, darker(species.late, 0.45), 0.75 * _vessels(rng, species.pores))
    edge = np.abs(((y * count + 0.5) % 1.0) - 0.5) / count * SIZE
    gap = seam * (1 - smoothstep(0.4, 2.2, edge))
    return lit(picture, tone * (1 + 0.025 * fibre) * (1 - gap))


def staves(rng: np.random.Generator, species: Species, rows: int = 12, length: float = 3.0) -> Picture:
    """Butcher block: narrow staves of `1 / length` of a tile with staggered ends, glued without gaps."""
    y, x = grid()
    row = (y * rows).astype(int)
    along = x * length + rng.random(rows)[row]
    piece = row * 97 + (np.floor(along) % length).astype(int)
    shuffled = rng.random((97 * rows + 97, 3)).astype(np.float32)[piece]
    v = (y * rows) % 1.0 - 0.5
    wobble = 0.5 * fractal(rng, 1.8, 2.0, stretch=(1.0, 6.0))
    phase = ((v * (0.5 + shuffled[..., 1]) + 3 * shuffled[..., 2]) * species.rings * 0.4 + wobble) % 1.0
    late = smoothstep(0.2, 0.9, phase) * (1 - smoothstep(0.9, 1.0, phase))
    fibre = fractal(rng, 0.7, 6.0, stretch=(1.0, 30.0))
    picture = ramp(np.clip(late * species.contrast + 0.06 * fibre, 0, 1), [species.early, species.late])
    picture = mix(picture, darker(species.late, 0.5), 0.6 * _vessels(rng, species.pores))
    ends = np.minimum(along % 1.0, 1 - along % 1.0) * SIZE / length
    sides = (0.5 - np.abs(v)) * SIZE / rows
    glue = 0.25 * (1 - smoothstep(0.2, 1.4, np.minimum(ends, sides).astype(np.float32)))
    return lit(picture, (0.82 + 0.3 * shuffled[..., 0]) * (1 - glue))


def parquet(rng: np.random.Generator, species: Species, squares: int = 4, strips: int = 5) -> Picture:
    """Basket parquet: squares of `strips` strips, turned by a quarter from one square to the next."""
    y, x = grid()
    row, column = (y * squares).astype(int), (x * squares).astype(int)
    turned = (row + column) % 2 == 1
    v = np.where(turned, x, y) * squares % 1.0
    u = np.where(turned, y, x) * squares % 1.0
    strip = (v * strips).astype(int)
    piece = (row * squares + column) * strips + strip
    shuffled = rng.random((squares * squares * strips, 3)).astype(np.float32)[piece]
    lines = fractal(rng, 0.8, 5.0, stretch=(1.0, 25.0))
    fibre = np.where(turned, lines.T, lines)
    within = v * strips % 1.0 - 0.5
    bow = 0.25 * np.sin(2 * np.pi * (u * 0.5 + shuffled[..., 1])) + 3 * shuffled[..., 2]
    phase = ((within * 0.6 + bow) * species.rings * 0.35 + 0.15 * fibre) % 1.0
    late = smoothstep(0.2, 0.9, phase) * (1 - smoothstep(0.9, 1.0, phase))
    picture = ramp(np.clip(late * species.contrast * 0.8 + 0.08 * fibre, 0, 1), [species.early, species.late])
    gap_v = (0.5 - np.abs(within)) * SIZE / squares / strips
    gap_u = np.minimum(u, 1 - u) * SIZE / squares
    gap = 0.55 * (1 - smoothstep(0.3, 1.6, np.minimum(gap_v, gap_u).astype(np.float32)))
    return lit(picture, (0.82 + 0.3 * shuffled[..., 0]) * (1 - gap))


def painted_boards(rng: np.random.Generator, color: Color, count: int = 4) -> Picture:
    """Boards under paint: the grain shows as relief only."""
    y, _ = grid()
    fibre = fractal(rng, 0.8, 4.0, stretch=(1.0, 25.0))
    shade = 1 + 0.03 * fibre + 0.015 * fractal(rng, 1.5)
    edge = np.abs(((y * count + 0.5) % 1.0) - 0.5) / count * SIZE
    groove = 0.45 * (1 - smoothstep(0.8, 3.5, edge))
    return lit(np.broadcast_to(np.asarray(color, np.float32), (SIZE, SIZE, 3)), shade * (1 - groove))


def bamboo(rng: np.random.Generator, color: Color, strips: int = 14) -> Picture:
    """Laminated bamboo: straight narrow strips with nodes."""
    y, x = grid()
    row = (y * strips).astype(int)
    shift, tone = rng.random(strips).astype(np.float32), rng.normal(1, 0.045, strips).astype(np.float32)
    node = np.abs(((x * 2 + shift[row]) % 1.0) - 0.5)
    ring = 0.28 * (1 - smoothstep(0.004, 0.02, node))
    fibre = fractal(rng, 0.5, 20.0, stretch=(1.0, 60.0))
    seam = 0.22 * (1 - smoothstep(0.02, 0.08, (0.5 - np.abs(y * strips % 1.0 - 0.5)).astype(np.float32)))
    shade = tone[row] * (1 + 0.05 * fibre) * (1 - ring) * (1 - seam)
    return lit(np.broadcast_to(np.asarray(color, np.float32), (SIZE, SIZE, 3)), shade)
