"""Fruit and vegetables."""

from __future__ import annotations

import numpy as np

from assets_index.asset import Material
from assets_index.procedural.collision import round_hull
from assets_index.procedural.paint import blend, noise, paint, to_albedo
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import circle, loft, rings_along_z, sweep, visual_part
from assets_index.transforms import Array

STEM = Material(name="stem", color=(0.36, 0.25, 0.13), roughness=0.8)


def _apple_profile(radius: float, height: float, samples: int) -> Array:
    """(radius, z) from the flat bottom over the shoulder into the dimple of the stem."""
    t = np.linspace(0.0, 1.0, samples)
    angle = -0.5 * np.pi + np.pi * t
    r = radius * np.cos(angle) ** 0.72 * (0.93 + 0.1 * t)
    z = height * (0.5 + 0.5 * np.sin(angle))
    dimple = np.clip((t - 0.86) / 0.14, 0.0, 1.0) ** 1.5
    profile = np.column_stack([r, z - 0.2 * height * dimple])
    profile[0, 0] = profile[-1, 0] = 0.0
    return profile


def apple(rng: np.random.Generator) -> Recipe:
    """An apple with a dimple, a stem and streaked skin."""
    radius = float(rng.uniform(0.029, 0.034))
    height = radius * float(rng.uniform(1.75, 1.95))
    word = ("red", "red", "green", "yellow")[int(rng.integers(4))]
    skin = np.array(paint(rng, [word]))
    streaks = 0.5 + 0.5 * noise(rng, (96, 128), (5, 40))
    blush = blend(skin, skin * [1.12, 0.8, 0.8] if word != "red" else skin * [0.72, 0.6, 0.6], streaks * 0.6)
    v = np.linspace(1.0, 0.0, 96)[:, None]
    albedo = blend(blush, (0.62, 0.62, 0.24), np.broadcast_to(np.clip((v - 0.93) * 9, 0, 0.8), (96, 128)))
    profile = _apple_profile(radius, height, 20)
    body = loft(rings_along_z(profile, circle(28)), caps=False)
    top = profile[-1, 1]
    path = np.column_stack([np.linspace(0, 0.004, 4), np.zeros(4), np.linspace(top, top + 0.3 * height, 4)])
    hull = [(0.42 * radius, 0.0), (0.86 * radius, 0.2 * height), (1.0 * radius, 0.55 * height)]
    hull += [(0.84 * radius, 0.86 * height), (0.5 * radius, 0.96 * height)]
    return Recipe(
        group="fruit",
        parts=(
            visual_part(body, Material(name="skin", roughness=0.35), to_albedo(albedo)),
            visual_part(sweep(path, np.full(4, 0.0015), 6), STEM),
        ),
        hulls=(round_hull(hull, 9),),
        density=650.0,
    )
