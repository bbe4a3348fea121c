"""Mugs, cups and spoons."""

from __future__ import annotations

import numpy as np

from assets_index.asset import Cavity, Material, Point2
from assets_index.procedural.collision import SECTORS, bar_hulls, round_hull, round_wall
from assets_index.procedural.paint import PAPER, choose, paint, to_albedo, wood_grain
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import Patch, circle, revolve, sweep, visual_part
from assets_index.transforms import Array

GLAZES = ("red", "orange", "yellow", "green", "blue", "purple", "white", "black", "pink", "gray")


def disc_outline(radius: float, segments: int = SECTORS) -> tuple[Point2, ...]:
    """The polygon inside a ring of wedges of that inner radius."""
    return tuple((float(x), float(y)) for x, y in circle(segments) * radius)


def handle_path(radius: float, lower: float, upper: float, reach: float, samples: int) -> Array:
    """A C in the xz plane that starts and ends in a wall of that radius, (samples, 3)."""
    angle = np.linspace(-0.5 * np.pi, 0.5 * np.pi, samples)
    x = radius - 0.002 + reach * np.clip(np.cos(angle), 0.0, 1.0) ** 0.8
    z = (lower + upper) / 2 + (upper - lower) / 2 * np.sin(angle)
    return np.column_stack([x, np.zeros(samples), z])


def mug(rng: np.random.Generator) -> Recipe:
    """A mug with a handle, open and hollow."""
    radius, height = (float(v) for v in rng.uniform([0.03, 0.07], [0.035, 0.09]))
    wall, floor = 0.004, 0.006
    inner = radius - wall
    profile = [
        (0.0, 0.001),
        (0.86 * radius, 0.001),
        (0.88 * radius, 0.0),
        (0.93 * radius, 0.0),
        (0.985 * radius, 0.003),
    ]
    profile += [(radius, 0.008), (radius, height - 0.002), (radius - 0.0012, height), (inner + 0.0008, height)]
    profile += [(inner, height - 0.002), (inner, floor + 0.006), (inner - 0.005, floor), (0.0, floor)]
    lower, upper, reach = 0.2 * height, 0.82 * height, 0.021
    handle = sweep(handle_path(radius, lower, upper, reach, 14), np.tile([0.006, 0.0042], (14, 1)), 10)
    return Recipe(
        group="tableware",
        parts=(
            visual_part(
                [revolve(profile, 32), handle], Material(name="glaze", color=paint(rng, GLAZES), roughness=0.2)
            ),
        ),
        hulls=(
            round_hull([(0.96 * radius, 0.0), (radius, floor)]),
            *round_wall([(radius, floor), (radius, height)], [(inner, floor), (inner, height)]),
            *bar_hulls(handle_path(radius, lower, upper, reach, 6), 0.006, 0.0042),
        ),
        density=1400.0,
        material="ceramic",
        synonyms=("coffee mug", "coffee cup"),
        captions=("a mug with a handle",),
        cavity=Cavity(floor=floor, rim=height, opening=disc_outline(inner)),
    )


def cup(rng: np.random.Generator) -> Recipe:
    """A tapered cup without a handle."""
    top, height = (float(v) for v in rng.uniform([0.031, 0.075], [0.035, 0.1]))
    foot = float(rng.uniform(0.74, 0.84)) * top
    wall, floor = 0.003, 0.004
    word = choose(rng, GLAZES)
    color = np.array(paint(rng, [word]))
    material, made_of = (
        (Material(name="plastic", roughness=0.4), "plastic"),
        (Material(name="paper", roughness=0.7), "paper"),
    )[int(rng.integers(2))]
    albedo = np.broadcast_to(color, (64, 8, 3)).copy()
    band = (color * 0.7) if word == "white" else np.array(PAPER)
    albedo[6:10] = albedo[13:15] = band  # two lines below the rim
    outside = revolve([(0.0, 0.0), (foot, 0.0), (top, height - 0.003)], 32)
    lip = revolve(
        [(top, height - 0.003), (top + 0.001, height - 0.0015), (top - 0.001, height), (top - wall, height - 0.001)], 32
    )
    inside = revolve([(top - wall, height - 0.001), (foot - wall, floor), (0.0, floor)], 32)
    plain = [Patch(patch.vertices, patch.faces, patch.uv * [1.0, 0.0] + [0.0, 0.3]) for patch in (lip, inside)]
    return Recipe(
        group="tableware",
        parts=(visual_part([outside, *plain], material, to_albedo(albedo)),),
        hulls=(
            round_hull([(foot, 0.0), (foot + (top - foot) * floor / height, floor)]),
            *round_wall(
                [(foot + (top - foot) * floor / height, floor), (top, height)],
                [(foot - wall, floor), (top - wall, height)],
            ),
        ),
        density=900.0,
        material=made_of,
        synonyms=("tumbler", "beaker"),
        captions=("a cup without a handle", "a cup with two lines below its rim"),
        cavity=Cavity(floor=floor, rim=height, opening=disc_outline(foot - wall)),
    )


def spoon(rng: np.random.Generator) -> Recipe:
    """A big kitchen spoon that lies with its bowl up and its handle arched."""
    length = float(rng.uniform(0.14, 0.17))
    half_long, half_wide, depth = 0.031, float(rng.uniform(0.021, 0.025)), 0.015
    wooden = bool(rng.integers(2))
    color = paint(rng, ["brown"] if wooden else ("red", "green", "blue", "black", "orange", "purple"))
    t = np.linspace(0.0, 1.0, 9)
    outer = np.column_stack([np.sin(0.5 * np.pi * t) ** 0.8, depth * t**2])
    inner = np.column_stack([0.9 * np.sin(0.5 * np.pi * t[::-1]) ** 0.8, 0.003 + (depth - 0.003) * t[::-1] ** 2])
    shell = revolve(np.concatenate([outer, inner]), 24)
    shell = Patch(shell.vertices * [half_long, half_wide, 1.0], shell.faces, shell.uv)
    stops = np.array([(0.0, 0.82 * depth), (0.2, 0.02), (0.55, 0.024), (0.85, 0.015), (1.0, 0.0062)])

    def handle(samples: int) -> Array:
        s = np.linspace(0.0, 1.0, samples)
        x = half_long - 0.004 + s * (length - 2 * half_long)
        coefficients = np.polyfit(stops[:, 0], stops[:, 1], 3)
        return np.column_stack([x, np.zeros(samples), np.maximum(np.polyval(coefficients, s), 0.0052)])

    bar = sweep(handle(14), np.tile([0.0065, 0.005], (14, 1)), 10)
    grain = to_albedo(wood_grain(rng, color)) if wooden else None
    material = Material(name="wood", roughness=0.7) if wooden else Material(name="plastic", color=color, roughness=0.35)
    basin = circle(12)[:, None] * outer[[2, 5, 8], None, 0][None].reshape(1, 3, 1) * [half_long, half_wide]
    rings = np.concatenate([basin, np.broadcast_to(outer[[2, 5, 8], 1][None, :, None], (12, 3, 1))], -1)
    return Recipe(
        group="tableware",
        parts=(visual_part([shell, bar], material, grain, crease=np.radians(55)),),
        hulls=(rings.reshape(-1, 3) - [0.0, 0.0, outer[2, 1]], *bar_hulls(handle(6), 0.0065, 0.005)),
        density=800.0,
        material="wooden" if wooden else "plastic",
        synonyms=("kitchen spoon",),
        captions=("a spoon that lies with its bowl up",),
        settle=True,
    )
