"""Photo studios: large soft lights in a plain hall."""

from __future__ import annotations

import numpy as np

from assets_index.domes import furniture as f
from assets_index.domes.raytrace import Interior, Point, Quad, Rgb

_FLOOR = -0.9


def _softbox(azimuth: float, elevation: float, distance: float, size: tuple[float, float], light: Rgb) -> list[Quad]:
    """A rectangular lamp that faces the eye, black behind, on a stand; angles in degrees, `size` width x height."""
    az, el = np.radians([azimuth, elevation])
    toward = np.array([np.cos(el) * np.cos(az), np.cos(el) * np.sin(az), np.sin(el)])
    right = np.array([-np.sin(az), np.cos(az), 0.0])
    up = np.cross(toward, right)
    center = distance * toward

    def panel(offset: float, grow: float, albedo: Rgb, emission: Rgb) -> Quad:
        w, h = size[0] + grow, size[1] + grow
        corner = center + offset * toward - 0.5 * w * right - 0.5 * h * up
        return Quad(_point(corner), _point(w * right), _point(h * up), albedo, emission)

    x, y, z = center + 0.12 * toward
    stand = f.slab((x - 0.02, y - 0.02, _FLOOR), (0.04, 0.04, float(z) - _FLOOR), (0.03, 0.03, 0.03))
    black = (0.02, 0.02, 0.02)
    return [panel(0.0, 0.0, (0, 0, 0), light), panel(0.05, 0.12, black, (0, 0, 0)), *stand]


def _point(vector: np.ndarray) -> Point:
    return float(vector[0]), float(vector[1]), float(vector[2])


def _hall(wall: Rgb, floor_texture: str, height: float = 3.8) -> list[Quad]:
    return f.shell((-5.0, -5.0, _FLOOR), (5.0, 5.0, _FLOOR + height), wall, wall, floor_texture)


def softbox_pair(_: np.random.Generator) -> Interior:
    """Two large soft boxes at 45 degrees in a white hall."""
    quads = _hall((0.72, 0.72, 0.72), "concrete-light")
    quads += _softbox(50, 32, 3.0, (1.6, 1.6), (16.0, 16.0, 16.0))
    quads += _softbox(-65, 28, 3.2, (1.2, 1.8), (9.0, 9.2, 9.6))
    return Interior(quads)


def overhead(_: np.random.Generator) -> Interior:
    """One wide light overhead and white reflectors at the sides in a grey hall."""
    quads = _hall((0.30, 0.30, 0.31), "tile-gray", 3.4)
    quads += f.ceiling_panel((0.0, 0.0, _FLOOR + 3.0), (3.0, 2.2), (9.0, 9.0, 9.0))
    quads += f.slab((-2.6, -1.2, _FLOOR), (0.05, 2.4, 2.2), (0.88, 0.88, 0.88))
    quads += f.slab((2.6, -1.2, _FLOOR), (0.05, 2.4, 2.2), (0.88, 0.88, 0.88))
    return Interior(quads)


def three_point(_: np.random.Generator) -> Interior:
    """Warm key, cool fill and a hard rim light before a dark backdrop."""
    quads = _hall((0.10, 0.10, 0.11), "concrete-dark")
    quads += _softbox(35, 38, 2.8, (1.3, 1.3), (30.0, 25.5, 19.5))
    quads += _softbox(-50, 18, 3.2, (1.6, 1.6), (5.0, 6.2, 8.4))
    quads += _softbox(175, 42, 3.2, (0.4, 0.9), (60.0, 60.0, 60.0))
    return Interior(quads)


def strips(_: np.random.Generator) -> Interior:
    """Tall strip lights all around in a dark hall with a blue backdrop."""
    quads = _hall((0.13, 0.14, 0.17), "rubber-black")
    for azimuth in (20, 95, 160, 230, 300):
        quads += _softbox(azimuth, 16, 2.9, (0.28, 2.3), (15.0, 15.4, 16.2))
    quads += f.slab((-4.9, -2.5, _FLOOR), (0.05, 5.0, 3.4), (0.05, 0.12, 0.35))
    return Interior(quads)
