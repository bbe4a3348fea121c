"""Containers of revolution: bowls and plates."""

from __future__ import annotations

import numpy as np

from assets_index.asset import Cavity, Material, SupportSurface
from assets_index.procedural.collision import SECTORS, round_hull, wall_hulls
from assets_index.procedural.paint import paint
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import circle, revolve, visual_part
from assets_index.procedural.tableware import GLAZES, disc_outline


def bowl(rng: np.random.Generator) -> Recipe:
    """A wide bowl with a flat floor and a flaring wall."""
    radius, height = rng.uniform([0.075, 0.05], [0.105, 0.07])
    foot = float(rng.uniform(0.62, 0.72)) * radius
    wall, floor = 0.005, 0.008
    outer = np.array([(foot, 0.0), (foot + 0.6 * (radius - foot), 0.3 * height), (radius, height)])
    inner = np.array([(foot - 0.002, floor), (outer[1, 0] - wall, outer[1, 1] + 0.003), (radius - wall, height)])
    t = np.linspace(0.0, 1.0, 9)
    curve = _through(outer, t)
    inside = _through(inner, t)[::-1]
    profile = [
        (0.0, 0.0),
        *curve[:-1],
        (radius, height - 0.002),
        (radius - wall / 2, height),
        *inside[1:],
        (0.0, floor),
    ]
    return Recipe(
        role="container",
        group="tableware",
        parts=(visual_part(revolve(profile, 40), Material(name="glaze", color=paint(rng, GLAZES), roughness=0.22)),),
        hulls=(round_hull([(foot, 0.0), (foot, floor)]), *wall_hulls(outer, inner, circle(SECTORS))),
        density=900.0,
        material="ceramic",
        synonyms=("dish",),
        cavity=Cavity(floor=floor, rim=float(height), opening=disc_outline(foot - 0.002)),
    )


def _through(points: np.ndarray, t: np.ndarray) -> np.ndarray:
    """A quadratic curve through three points (radius, z), sampled at t in 0..1."""
    knots = np.array([0.0, 0.4, 1.0])
    return np.stack([np.polyval(np.polyfit(knots, points[:, k], 2), t) for k in range(2)], -1)


def plate(rng: np.random.Generator) -> Recipe:
    """A flat plate with a low raised rim."""
    radius, height = rng.uniform([0.09, 0.014], [0.125, 0.02])
    flat = float(rng.uniform(0.68, 0.76)) * radius
    thickness = 0.006
    outer = [(flat, 0.0), (radius, height - 0.003)]
    inner = [(flat, thickness), (radius, height)]
    profile = [
        (0.0, 0.0),
        *outer,
        (radius + 0.001, height - 0.0015),
        (radius, height),
        (flat + 0.01, thickness + 0.003),
    ]
    profile += [(flat, thickness), (0.0, thickness)]
    glaze = Material(name="glaze", color=paint(rng, GLAZES), roughness=0.2)
    return Recipe(
        role="container",
        group="tableware",
        parts=(visual_part(revolve(profile, 48), glaze),),
        hulls=(round_hull([(flat, 0.0), (flat, thickness)], 24), *wall_hulls(outer, inner, circle(24))),
        density=900.0,
        material="ceramic",
        synonyms=("dish",),
        support=SupportSurface(height=thickness, outline=disc_outline(flat, 24)),
    )
