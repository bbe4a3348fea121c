"""Periodic noise: every field here wraps at the tile's edges, so whatever is made of it is tileable.

Fields are (SIZE, SIZE) floats. Rows grow downwards; both coordinates run over one tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2
from scipy.ndimage import map_coordinates

SIZE = 512

Field: TypeAlias = NDArray[np.floating]


def grid() -> tuple[Field, Field]:
    """Row and column coordinates of the pixel centres in 0..1; each (SIZE, SIZE)."""
    axis = (np.arange(SIZE, dtype=np.float32) + 0.5) / SIZE
    rows, columns = np.meshgrid(axis, axis, indexing="ij")
    return rows, columns


def _filtered(rng: np.random.Generator, amplitude: Field) -> Field:
    """Gaussian noise with the given spectrum, zero mean and unit variance."""
    phase = rng.standard_normal(amplitude.shape, dtype=np.float32) + 1j * rng.standard_normal(
        amplitude.shape, dtype=np.float32
    )
    amplitude[0, 0] = 0.0
    field = irfft2(phase * amplitude, s=(SIZE, SIZE)).astype(np.float32)
    return field / field.std()


def _frequency(stretch: tuple[float, float]) -> Field:
    """Cycles per tile after stretching features by (rows, columns)."""
    fy = np.fft.fftfreq(SIZE, 1 / SIZE).astype(np.float32) * stretch[0]
    fx = np.fft.rfftfreq(SIZE, 1 / SIZE).astype(np.float32) * stretch[1]
    return np.hypot(fy[:, None], fx[None, :])


def fractal(
    rng: np.random.Generator, roughness: float = 1.8, cycles: float = 1.0, stretch: tuple[float, float] = (1.0, 1.0)
) -> Field:
    """Fractal noise whose amplitude falls as frequency^-roughness above `cycles` per tile."""
    return _filtered(rng, np.maximum(_frequency(stretch), cycles) ** np.float32(-roughness))


def band(
    rng: np.random.Generator, cycles: float, width: float = 0.35, stretch: tuple[float, float] = (1.0, 1.0)
) -> Field:
    """Noise around one frequency: blobs of about 1 / (2 `cycles`) of a tile, `width` in natural-log units."""
    octave = np.log(np.maximum(_frequency(stretch), 1e-3) / np.float32(cycles))
    return _filtered(rng, np.exp(-0.5 * (octave / np.float32(width)) ** 2))


@dataclass(frozen=True)
class Cells:
    """A periodic Voronoi diagram.

    Attributes:
        index: the cell each pixel belongs to, 0..count - 1, (SIZE, SIZE) int32.
        nearest, second: distances to the two closest seeds, in tiles.
        count: number of cells.
    """

    index: NDArray[np.int32]
    nearest: Field
    second: Field
    count: int


def cells(rng: np.random.Generator, rows: int, columns: int | None = None, jitter: float = 0.9) -> Cells:
    """Voronoi cells of a jittered lattice of `rows` x `columns` seeds."""
    columns = columns or rows
    seeds = (rng.random((2, rows, columns), dtype=np.float32) - 0.5) * np.float32(jitter) + 0.5
    y, x = grid()
    row, column = (y * rows).astype(np.int32), (x * columns).astype(np.int32)
    nearest = np.full((SIZE, SIZE), np.inf, np.float32)
    second = nearest.copy()
    index = np.zeros((SIZE, SIZE), np.int32)
    for dr in (-1, 0, 1):
        for dc in (-1, 0, 1):
            r, c = (row + dr) % rows, (column + dc) % columns
            distance = np.hypot(
                (row + dr + seeds[0][r, c]) / rows - y, (column + dc + seeds[1][r, c]) / columns - x
            ).astype(np.float32)
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            index = np.where(closer, r * columns + c, index)
            nearest = np.where(closer, distance, nearest)
    return Cells(index, nearest, second, rows * columns)


def warp(field: Field, down: Field, right: Field) -> Field:
    """Look `field` up at positions displaced by (down, right) tiles."""
    y, x = np.indices((SIZE, SIZE), dtype=np.float32)
    where = np.stack([y + down * SIZE, x + right * SIZE])
    return map_coordinates(field, where, order=1, mode="grid-wrap").astype(np.float32)


def smoothstep(low: float, high: float, value: Field) -> Field:
    """0 below `low`, 1 above `high`, smooth between (also for low > high)."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)


def relief(height: Field, strength: float) -> Field:
    """Brightness factor of a height field lit from the upper left; 1 where it is level."""
    slope = (np.roll(height, 1, 0) - np.roll(height, -1, 0)) + (np.roll(height, 1, 1) - np.roll(height, -1, 1))
    return np.clip(1 - np.float32(strength) * slope, 0.4, 1.6)
