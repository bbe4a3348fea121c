"""Mugs, cups and spoons."""

from __future__ import annotations

import numpy as np

from assets_index.asset import Cavity, Material
from assets_index.procedural.collision import SECTORS, round_hull, wall_hulls
from assets_index.procedural.paint import paint
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import circle, revolve, sweep, visual_part
from assets_index.transforms import Array

GLAZES = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black", "pink", "gray")


def disc_outline(radius: float, segments: int = SECTORS) -> tuple[tuple[float, float], ...]:
    """The polygon inside a ring of wedges of that inner radius."""
    return tuple((float(x), float(y)) for x, y in circle(segments) * radius)


def handle_path(radius: float, lower: float, upper: float, reach: float, samples: int) -> Array:
    """A C in the xz plane that starts and ends in a wall of that radius, (samples, 3)."""
    angle = np.linspace(-0.5 * np.pi, 0.5 * np.pi, samples)
    x = radius - 0.002 + reach * np.cos(angle) ** 0.8
    z = (lower + upper) / 2 + (upper - lower) / 2 * np.sin(angle)
    return np.column_stack([x, np.zeros(samples), z])


def mug(rng: np.random.Generator) -> Recipe:
    """A mug with a handle, open and hollow."""
    radius, height = rng.uniform([0.03, 0.07], [0.035, 0.092])
    wall, floor = 0.004, 0.006
    glaze = Material(name="glaze", color=paint(rng, GLAZES), roughness=0.2)
    inner = radius - wall
    profile = [(0.0, 0.0), (0.85 * radius, 0.0), (0.97 * radius, 0.004), (radius, 0.012), (radius, height - 0.002)]
    profile += [(radius - wall / 2, height), (inner, height - 0.002), (inner, floor + 0.006), (inner - 0.005, floor)]
    profile += [(0.0, floor)]
    path = handle_path(radius, 0.2 * height, 0.82 * height, 0.022, 14)
    sections = np.tile([0.006, 0.0045], (14, 1))
    coarse = handle_path(radius, 0.2 * height, 0.82 * height, 0.022, 6)
    ring = wall_hulls([(radius, floor), (radius, height)], [(inner, floor), (inner, height)], circle(SECTORS))
    handle = [_link(coarse[k : k + 2], 0.006, 0.0045) for k in range(5)]
    return Recipe(
        group="tableware",
        parts=(visual_part([revolve(profile, 32), sweep(path, sections, 10)], glaze),),
        hulls=(round_hull([(0.95 * radius, 0.0), (radius, floor)]), *ring, *handle),
        density=1400.0,
        material="ceramic",
        synonyms=("coffee mug", "coffee cup"),
        captions=("a mug with a handle",),
        cavity=Cavity(floor=floor, rim=float(height), opening=disc_outline(inner)),
    )


def _link(ends: Array, half_width: float, half_thickness: float) -> Array:
    """The hull of one straight piece of a handle between two points of its path, (8, 3)."""
    along = ends[1] - ends[0]
    across = np.cross(along / np.linalg.norm(along), [0.0, 1.0, 0.0]) * half_thickness
    side = np.array([0.0, half_width, 0.0])
    return np.array([end + a * across + b * side for end in ends for a in (-1, 1) for b in (-1, 1)])
