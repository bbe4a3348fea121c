"""Containers of revolution: bowls, plates and pots."""

from __future__ import annotations

import numpy as np

from assets_index.asset import Cavity, Material, SupportSurface
from assets_index.procedural.collision import bar_hulls, round_hull, round_wall
from assets_index.procedural.paint import choose, paint
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import Patch, revolve, sweep, visual_part
from assets_index.procedural.tableware import GLAZES, disc_outline, handle_path
from assets_index.transforms import Array

HALF_TURN = np.diag([-1.0, -1.0, 1.0])


def bowl(rng: np.random.Generator) -> Recipe:
    """A wide bowl with a flat floor and a flaring wall."""
    radius, height = (float(v) for v in rng.uniform([0.075, 0.05], [0.105, 0.07]))
    foot = float(rng.uniform(0.62, 0.72)) * radius
    wall, floor = 0.005, 0.008
    outer = np.array([(foot, 0.0), (foot + 0.6 * (radius - foot), 0.3 * height), (radius, height)])
    inner = np.array([(foot - 0.002, floor), (outer[1, 0] - wall, outer[1, 1] + 0.003), (radius - wall, height)])
    outside, inside = _bent(outer, 9), _bent(inner, 9)[::-1]
    profile = [
        (0.0, 0.0),
        *outside[:-1],
        (radius, height - 0.002),
        (radius - wall / 2, height),
        *inside[1:],
        (0.0, floor),
    ]
    glaze = Material(name="glaze", color=paint(rng, GLAZES), roughness=0.22)
    return Recipe(
        role="container",
        group="tableware",
        parts=(visual_part(revolve(profile, 40), glaze),),
        hulls=(round_hull([(foot, 0.0), (foot, floor)]), *round_wall(outer, inner)),
        density=900.0,
        material="ceramic",
        synonyms=("dish",),
        captions=("an open bowl",),
        cavity=Cavity(floor=floor, rim=height, opening=disc_outline(foot - 0.002)),
    )


def _bent(points: Array, samples: int) -> Array:
    """A parabola through three points of (radius, z)."""
    knots, t = np.array([0.0, 0.4, 1.0]), np.linspace(0.0, 1.0, samples)
    return np.stack([np.polyval(np.polyfit(knots, points[:, k], 2), t) for k in range(2)], -1)


def plate(rng: np.random.Generator) -> Recipe:
    """A flat plate with a low raised rim, plain or with a coloured edge."""
    radius, height = (float(v) for v in rng.uniform([0.09, 0.014], [0.125, 0.019]))
    flat = float(rng.uniform(0.7, 0.78)) * radius
    thick = 0.006
    color = np.array(paint(rng, GLAZES))
    glaze = Material(name="glaze", color=(color[0], color[1], color[2]), roughness=0.2)
    edge = color * 0.72 if rng.integers(2) else color
    seam = 0.93 * radius + 0.07 * flat
    level = float(np.interp(seam, [flat, radius], [thick, height]))
    below = [(0.0, 0.0), (flat, 0.0), (radius, height - 0.003)]
    above = [(seam, level), (flat + 0.006, thick + 0.0012), (flat - 0.002, thick), (0.0, thick)]
    ring = [(radius, height - 0.003), (radius + 0.0005, height - 0.0012), (radius - 0.0015, height), (seam, level)]
    rim = Material(name="rim", color=(edge[0], edge[1], edge[2]), roughness=0.2)
    return Recipe(
        role="container",
        group="tableware",
        parts=(visual_part([revolve(below, 48), revolve(above, 48)], glaze), visual_part(revolve(ring, 48), rim)),
        hulls=(
            round_hull([(flat, 0.0), (flat, thick)], 24),
            *round_wall([(flat, 0.0), (radius, height - 0.003)], [(flat, thick), (radius, height)], 24),
        ),
        density=900.0,
        material="ceramic",
        synonyms=("dish",),
        captions=("a flat plate",),
        support=SupportSurface(height=thick, outline=disc_outline(flat, 24)),
    )


def pot(rng: np.random.Generator) -> Recipe:
    """A cooking pot with two loop handles."""
    radius, height = (float(v) for v in rng.uniform([0.08, 0.06], [0.1, 0.08]))
    wall, floor = 0.004, 0.006
    inner = radius - wall
    outside = [(0.0, 0.0), (radius - 0.008, 0.0), (radius - 0.002, 0.003), (radius, 0.009), (radius, height - 0.002)]
    lip = [(radius, height - 0.002), (radius + 0.0015, height - 0.001), (inner, height)]
    inside = [(inner, height), (inner, floor + 0.004), (inner - 0.004, floor), (0.0, floor)]
    steel = Material(name="steel", color=(0.66, 0.67, 0.69), roughness=0.3, metallic=0.8)
    if choose(rng, ("steel", "enamel")) == "steel":
        body, grip = steel, Material(name="grip", color=(0.12, 0.12, 0.13), roughness=0.5)
    else:
        body = Material(name="enamel", color=paint(rng, ("red", "blue", "green", "orange", "yellow")), roughness=0.2)
        grip = body
    low, high = 0.62 * height, 0.86 * height
    loop = handle_path(radius, -0.03, 0.03, 0.022, 14)
    lying = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])  # the loop's plane is level, not upright
    tube = sweep(loop, np.full(14, 0.0045), 8).moved((0, 0, (low + high) / 2), lying)
    handles = [tube, tube.moved(rotation=HALF_TURN)]
    bars = [
        hull @ lying.T + [0, 0, (low + high) / 2]
        for hull in bar_hulls(handle_path(radius, -0.03, 0.03, 0.022, 6), 0.0045, 0.0045)
    ]
    metal: list[Patch] = [revolve(outside, 40), revolve(lip, 40), revolve(inside, 40)]
    return Recipe(
        role="container",
        group="cookware",
        parts=(visual_part(metal, body), visual_part(handles, grip)),
        hulls=(
            round_hull([(0.97 * radius, 0.0), (radius, floor)]),
            *round_wall([(radius, floor), (radius, height)], [(inner, floor), (inner, height)]),
            *bars,
            *(bar @ HALF_TURN.T for bar in bars),
        ),
        density=1200.0,
        material="metal",
        synonyms=("cooking pot", "saucepan"),
        captions=("an open pot with two handles",),
        cavity=Cavity(floor=floor, rim=height, opening=disc_outline(inner)),
    )
