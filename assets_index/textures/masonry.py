"""Laid surfaces: bricks, rectangular tiles, hexagons, mosaic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets_index.textures.noise import SIZE, Field, band, fractal, grid, relief, smoothstep
from assets_index.textures.paint import Color, Picture, lit, mix, plain


@dataclass(frozen=True)
class Courses:
    """Rectangular pieces in rows.

    Attributes:
        piece: index of the piece at each pixel.
        edge: distance to the piece's border in pixels, positive inside.
        count: number of pieces.
    """

    piece: NDArray[np.int64]
    edge: Field
    count: int


def _courses(rows: int, columns: int, offset: float, ragged: Field) -> Courses:
    """`rows` x `columns` pieces, every second row shifted by `offset` pieces; `ragged` moves borders, in pixels."""
    y, x = grid()
    row = (y * rows).astype(int)
    along = x * columns + offset * (row % 2)
    column = np.floor(along).astype(int) % columns
    up = (0.5 - np.abs(y * rows % 1.0 - 0.5)) * SIZE / rows
    side = (0.5 - np.abs(along % 1.0 - 0.5)) * SIZE / columns
    return Courses(row * columns + column, (np.minimum(up, side) + ragged).astype(np.float32), rows * columns)


def bricks(rng: np.random.Generator, colors: Sequence[Color], mortar: Color, rows: int = 8) -> Picture:
    """A running bond of rough bricks, twice as long as high with the joints."""
    courses = _courses(rows, rows // 2, 0.5, 1.1 * band(rng, 25, 0.6))
    table = np.asarray(colors, np.float32)
    base = table[rng.integers(len(colors), size=courses.count)][courses.piece]
    tone = rng.normal(1.0, 0.08, courses.count).astype(np.float32)[courses.piece]
    rough = fractal(rng, 0.9, 10.0)
    face = lit(base, tone * (1 + 0.07 * rough + 0.05 * fractal(rng, 1.7)))
    joint = lit(plain(mortar, (SIZE, SIZE)), 1 + 0.06 * fractal(rng, 0.6, 20.0))
    inside = smoothstep(2.0, 4.5, courses.edge)
    height = inside * 1.5 + 0.05 * rough
    return lit(mix(joint, face, inside), relief(height, 0.25))


def tiles(
    rng: np.random.Generator,
    colors: Sequence[Color],
    grout: Color,
    layout: tuple[int, int] = (4, 4),
    offset: float = 0.0,
    variation: float = 0.03,
) -> Picture:
    """Glazed tiles of `layout` rows x columns with bevelled edges."""
    courses = _courses(*layout, offset, np.zeros((SIZE, SIZE), np.float32))
    table = np.asarray(colors, np.float32)
    base = table[rng.integers(len(colors), size=courses.count)][courses.piece]
    tone = rng.normal(1.0, variation, courses.count).astype(np.float32)[courses.piece]
    face = lit(base, tone * (1 + 0.012 * fractal(rng, 1.8)))
    inside = smoothstep(1.6, 3.0, courses.edge)
    bevel = smoothstep(2.0, 7.0, courses.edge)
    return lit(mix(plain(grout, (SIZE, SIZE)), face, inside), relief(bevel.astype(np.float32), 0.25))


def hexagons(rng: np.random.Generator, colors: Sequence[Color], grout: Color, across: int = 6) -> Picture:
    """Unglazed hexagonal tiles; the lattice is squeezed by 1 % or less so that it closes at the edges."""
    y, x = grid()
    rows = max(2, round(across / np.sqrt(3)))
    best, second = np.full((2, SIZE, SIZE), np.inf, np.float32)
    piece = np.zeros((SIZE, SIZE), int)
    for shift in (0.0, 0.5):
        for step in (0, 1):
            row = np.floor(y * rows - shift) + step
            for side in (0, 1):
                column = np.floor(x * across - shift) + side
                dx = x * across - column - shift
                dy = (y * rows - row - shift) * np.sqrt(3)
                distance = np.hypot(dx, dy).astype(np.float32)
                index = ((row % rows) * across + column % across + (rows * across if shift else 0)).astype(int)
                closer = distance < best
                second = np.where(closer, best, np.minimum(second, distance))
                piece = np.where(closer, index, piece)
                best = np.where(closer, distance, best)
    edge = (second - best) * SIZE / across / 2
    table = np.asarray(colors, np.float32)
    count = 2 * rows * across
    base = table[rng.integers(len(colors), size=count)][piece]
    tone = rng.normal(1.0, 0.06, count).astype(np.float32)[piece]
    face = lit(base, tone * (1 + 0.04 * fractal(rng, 1.3) + 0.03 * band(rng, 90)))
    inside = smoothstep(1.2, 2.8, edge)
    return lit(mix(plain(grout, (SIZE, SIZE)), face, inside), relief(smoothstep(1.5, 5.0, edge), 0.25))
