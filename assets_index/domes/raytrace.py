"""A small ray tracer for interiors made of quadrilaterals: exact direct light, estimated bounce light.

Coordinates are metres, z up, the eye at the origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from assets_index.domes.sphere import HEIGHT, LUMINANCE, Radiance, angles, unit
from assets_index.surfaces import Texture
from assets_index.textures import texture

Rgb = tuple[float, float, float]
Point = tuple[float, float, float]

_SUBPIXELS = ((0.25, 0.375), (0.75, 0.125), (0.375, 0.875), (0.875, 0.625))
_SUBPIXEL = np.pi / HEIGHT / 2  # angle that one of them sees
_LIFT = 1e-3  # metres a ray starts above the surface it leaves
_LARGE_LIGHT = 1.5  # square metres from which a light is sampled four times a pass
_FAINT = 0.004  # share of all power under which a lamp is seen, but its light is left to the bounce estimate


@dataclass(frozen=True)
class Quad:
    """A parallelogram `corner + s u + t v`.

    Attributes:
        albedo: linear reflectance; multiplied with the texture's, if it has one.
        emission: radiance it sends out on both sides; a window also shows the sky of `Interior.outside`.
        texture_id: a surface of `assets_index.textures`, laid at its true size.
    """

    corner: Point
    u: Point
    v: Point
    albedo: Rgb = (0.6, 0.6, 0.6)
    emission: Rgb = (0.0, 0.0, 0.0)
    texture_id: str | None = None
    window: bool = False

    @property
    def area(self) -> float:
        """In square metres."""
        return float(np.linalg.norm(np.cross(self.u, self.v)))


def box(low: Point, high: Point, albedo: Rgb, texture_id: str | None = None, emission: Rgb = (0, 0, 0)) -> list[Quad]:
    """The six sides of an upright box."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    dx, dy, dz = (x1 - x0, 0.0, 0.0), (0.0, y1 - y0, 0.0), (0.0, 0.0, z1 - z0)
    sides = [(low, dx, dy), ((x0, y0, z1), dx, dy), (low, dx, dz), ((x0, y1, z0), dx, dz), (low, dy, dz)]
    sides.append(((x1, y0, z0), dy, dz))
    return [Quad(corner, u, v, albedo, emission, texture_id) for corner, u, v in sides]


@dataclass(frozen=True)
class Interior:
    """What is in an interior.

    Attributes:
        quads: all surfaces, closed around the origin.
        outside: colours of the sky and the ground seen through windows, relative to the window's emission.
    """

    quads: Sequence[Quad]
    outside: tuple[Rgb, Rgb] = ((1.0, 1.05, 1.15), (0.35, 0.4, 0.25))


@dataclass(frozen=True)
class _Arrays:
    """The quads of an interior as arrays, one row a quad."""

    corner: NDArray[np.float64]
    u: NDArray[np.float64]
    v: NDArray[np.float64]
    albedo: NDArray[np.float64]
    emission: NDArray[np.float64]


def _arrays(quads: Sequence[Quad]) -> _Arrays:
    def column(name: str) -> NDArray[np.float64]:
        return np.array([getattr(quad, name) for quad in quads], float)

    return _Arrays(*(column(name) for name in ("corner", "u", "v", "albedo", "emission")))


def _triangles(a: _Arrays) -> NDArray[np.float32]:
    """Two triangles a quad, so that primitive // 2 is the quad; shape (2 Q, 3, 3)."""
    p, q, r, s = a.corner, a.corner + a.u, a.corner + a.u + a.v, a.corner + a.v
    return np.stack([p, q, r, p, r, s], 1).reshape(-1, 3, 3).astype(np.float32)


def _textured(quads: Sequence[Quad], a: _Arrays, hit: NDArray[np.intp], points: Radiance, cosine: Radiance) -> Radiance:
    """Linear albedo at the hit points, which the eye sees at angles of these cosines to the normal."""
    albedo = a.albedo[hit]
    seen = np.linalg.norm(points, axis=1) * _SUBPIXEL / np.sqrt(np.maximum(cosine, 0.02))
    for index in {i for i, quad in enumerate(quads) if quad.texture_id} & set(np.unique(hit).tolist()):
        surface = texture(str(quads[index].texture_id))
        where = np.flatnonzero(hit == index)
        local = points[where] - a.corner[index]
        u, v = (local @ (edge / np.linalg.norm(edge)) / surface.tile_size % 1.0 for edge in (a.u[index], a.v[index]))
        pyramid = _pyramid(surface)
        texel = surface.tile_size / len(surface.albedo)
        levels = np.clip(np.rint(np.log2(seen[where] / texel)), 0, len(pyramid) - 1).astype(int)
        for level in np.unique(levels):
            picture, chosen = pyramid[level], levels == level
            size = len(picture)
            row, column = (np.minimum((part[chosen] * size).astype(int), size - 1) for part in (v, u))
            albedo[where[chosen]] *= picture[row, column]
    return albedo


def _pyramid(surface: Texture) -> list[Radiance]:
    """The linear albedo of a texture, and averages of it over 2 x 2, 4 x 4, … texels."""
    levels: list[Radiance] = [(surface.albedo / 255.0) ** 2.2]
    while len(levels[-1]) > 1:
        size = len(levels[-1]) // 2
        levels.append(levels[-1].reshape(size, 2, size, 2, 3).mean((1, 3)))
    return levels


def _light_points(light: int, a: _Arrays, area: float, number: int) -> Radiance:
    """Points on one light for pass `number`; together the passes fill its penumbra evenly."""
    lattice = 2 if area > _LARGE_LIGHT else 1
    cell = np.stack(np.meshgrid(np.arange(lattice), np.arange(lattice)), -1).reshape(-1, 2)
    s, t = np.split((cell + _SUBPIXELS[number]) / lattice, 2, axis=1)
    return a.corner[light] + s * a.u[light] + t * a.v[light]


def _direct(
    scene: EmbreeScene, a: _Arrays, lights: NDArray[np.intp], points: Radiance, normals: Radiance, number: int
) -> Radiance:
    """Irradiance from all lights with their shadows; shape (N, 3)."""
    total = np.zeros_like(points)
    for light in lights:
        cross = np.cross(a.u[light], a.v[light])
        area, facing = float(np.linalg.norm(cross)), cross / np.linalg.norm(cross)
        samples = _light_points(light, a, area, number)
        for sample in samples:
            to_light = sample - points
            distance = np.linalg.norm(to_light, axis=1)
            to_light /= np.maximum(distance, 1e-6)[:, None]
            cosine = np.clip((to_light * normals).sum(1), 0, None) * np.abs(to_light @ facing)
            seen = np.flatnonzero(cosine > 1e-6)
            reach = (distance[seen] - 2 * _LIFT).astype(np.float32)
            start = (points[seen] + normals[seen] * _LIFT).astype(np.float32)
            blocked = scene.run(start, to_light[seen].astype(np.float32), reach, query="OCCLUDED") >= 0
            gain = np.where(blocked, 0, cosine[seen] / np.maximum(distance[seen], 0.15) ** 2)
            total[seen] += gain[:, None] * a.emission[light] * (area / len(samples))
    return total


def _openness(scene: EmbreeScene, points: Radiance, normals: Radiance, turn: float) -> Radiance:
    """How much of the near surroundings is free, 0..1: corners and the ground under furniture are darker."""
    free = np.zeros(len(points))
    directions = unit(np.radians([25.0, 25, 25, 25, 60, 60]), 2 * np.pi * (np.arange(6) / 4 + turn))
    start = (points + normals * 2 * _LIFT).astype(np.float32)
    reach = np.full(len(points), 0.7, np.float32)
    up = np.where(np.abs(normals[:, 2:]) > 0.9, [1.0, 0.0, 0.0], [0.0, 0.0, 1.0])
    tangent = np.cross(up, normals)
    bitangent = np.cross(normals, tangent)
    for x, y, z in directions:
        ray = (x * tangent + y * bitangent + z * normals).astype(np.float32)
        free += scene.run(start, ray, reach, query="OCCLUDED") < 0
    return 0.25 + 0.75 * free / len(directions)


def _bounced(quads: Sequence[Quad], a: _Arrays) -> Radiance:
    """Radiance of diffuse light after many bounces in a closed room (integrating sphere); shape (3,)."""
    area = np.array([quad.area for quad in quads])
    flux = np.pi * (area[:, None] * a.emission).sum(0)
    reflectance = np.average(a.albedo, axis=0, weights=area).clip(0.05, 0.8)
    return reflectance * flux / (1 - reflectance) / (np.pi * area.sum())


def _emitted(interior: Interior, a: _Arrays, hit: NDArray[np.intp], rays: Radiance) -> Radiance:
    """What the surfaces shine by themselves; windows show sky above the horizon and land below it."""
    emission = a.emission[hit]
    window = np.array([quad.window for quad in interior.quads])[hit]
    sky, land = (np.asarray(color) for color in interior.outside)
    rise = np.clip((rays[window, 2] - 0.02) / 0.02, 0, 1)[:, None]
    brighten = 1 + 0.5 * np.clip(rays[window, 2:], 0, 1)
    emission[window] *= land + (sky * brighten - land) * rise
    return emission


def trace(interior: Interior) -> Radiance:
    """The interior seen from the origin: (HEIGHT, WIDTH, 3) linear radiance, four subpixels a pixel."""
    quads = interior.quads
    a = _arrays(quads)
    scene = EmbreeScene()
    TriangleMesh(scene, _triangles(a))
    power = np.array([quad.area for quad in quads]) * (a.emission @ LUMINANCE)
    lights = np.flatnonzero(power > _FAINT * power.sum())
    plane_normals = np.cross(a.u, a.v)
    plane_normals /= np.linalg.norm(plane_normals, axis=1, keepdims=True)
    bounced = _bounced(quads, a)
    passes = []
    for number, (down, right) in enumerate(_SUBPIXELS):
        elevation, azimuth = angles(down, right)
        rays = unit(elevation, azimuth).reshape(-1, 3)
        found = scene.run(np.zeros_like(rays, np.float32), rays.astype(np.float32), query="INTERSECT", output=True)
        hit = np.maximum(found["primID"], 0) // 2
        points = rays * found["tfar"][:, None]
        normals = plane_normals[hit]
        normals = np.where(((normals * rays).sum(1) > 0)[:, None], -normals, normals)
        cosine = -(normals * rays).sum(1)
        light = _direct(scene, a, lights, points, normals, number) / np.pi
        light += bounced * _openness(scene, points, normals, number / 4 / len(_SUBPIXELS))[:, None]
        passes.append(_textured(quads, a, hit, points, cosine) * light + _emitted(interior, a, hit, rays))
    return np.mean(passes, 0).reshape(*angles()[0].shape, 3)
