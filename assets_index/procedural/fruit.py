"""Fruit."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from assets_index.asset import Material
from assets_index.procedural.collision import round_hull
from assets_index.procedural.paint import Albedo, blend, choose, mottled, noise, paint, to_albedo
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import Z_TO_X, Z_TO_Y, Patch, revolve, smoothed, sweep, visual_part
from assets_index.transforms import Array, Vec3

STEM = Material(name="stem", color=(0.36, 0.25, 0.13), roughness=0.8)


def stalk(top: float, length: float, radius: float, bend: float) -> Patch:
    """A short stem that leaves the top of a fruit on z and leans towards x."""
    rise = np.linspace(0.0, 1.0, 4)
    path = np.column_stack([bend * rise**2, np.zeros(4), top + length * rise])
    return sweep(path, np.full(4, radius), 6)


def toned(skin: Array, low: ArrayLike, high: ArrayLike, low_end: float, high_end: float) -> Array:
    """A skin map whose colour changes towards its lower and upper end; ends are fractions of v from 0 and from 1."""
    v = np.broadcast_to(np.linspace(1.0, 0.0, len(skin))[:, None], skin.shape[:2])
    map_ = blend(skin, low, np.clip((low_end - v) / max(low_end, 1e-6), 0.0, 1.0) ** 0.7)
    return blend(map_, high, np.clip((v - 1.0 + high_end) / max(high_end, 1e-6), 0.0, 1.0) ** 0.7)


def apple(rng: np.random.Generator) -> Recipe:
    """An apple with a dimple, a stem and streaked skin."""
    radius = float(rng.uniform(0.029, 0.034))
    height = radius * float(rng.uniform(1.75, 1.95))
    word = choose(rng, ("red", "red", "green", "yellow"))
    skin = np.array(paint(rng, [word]))
    if word == "green":
        skin = np.array([0.5, 0.68, 0.22]) * rng.uniform(0.9, 1.05)
    streaks = 0.5 + 0.5 * noise(rng, (96, 128), (5, 40))
    flush = skin * ([0.72, 0.6, 0.6] if word == "red" else [1.05, 0.88, 0.8])
    albedo = toned(blend(skin, flush, streaks * 0.6), (0.62, 0.6, 0.25), (0.62, 0.62, 0.24), 0.03, 0.07)
    t = np.linspace(0.0, 1.0, 20)
    angle = np.pi * (t - 0.5)
    dimple = np.clip((t - 0.86) / 0.14, 0.0, 1.0) ** 1.5
    r = radius * np.clip(np.cos(angle), 0, 1) ** 0.72 * (0.93 + 0.1 * t)
    profile = np.column_stack([r, height * (0.5 + 0.5 * np.sin(angle) - 0.2 * dimple)])
    hull = [(0.42, 0.0), (0.86, 0.2), (1.0, 0.55), (0.84, 0.86), (0.5, 0.96)]
    return Recipe(
        group="fruit",
        parts=(
            visual_part(revolve(profile, 28), Material(name="skin", roughness=0.35), to_albedo(albedo)),
            visual_part(stalk(profile[-1, 1], 0.3 * height, 0.0015, 0.004), STEM),
        ),
        hulls=(round_hull(np.array(hull) * [radius, height], 9),),
        density=650.0,
        captions=("an apple with a stem",),
    )


def orange(rng: np.random.Generator) -> Recipe:
    """An orange with a dotted peel and a small green navel."""
    radius = float(rng.uniform(0.029, 0.034))
    peel = np.array(paint(rng, ["orange"]))
    pores = noise(rng, (96, 192), (48, 96))
    albedo = toned(blend(peel, peel * 0.82, np.clip(pores, 0, 1) * 0.4), peel * 0.8, (0.35, 0.4, 0.15), 0.02, 0.045)
    angle = np.linspace(-0.5, 0.5, 18) * np.pi
    profile = np.column_stack([np.cos(angle), 0.94 * np.sin(angle)]) * radius
    profile[-1, 1] -= 0.0015
    hull = np.array([(0.35, -0.92), (0.82, -0.55), (1.0, 0.0), (0.82, 0.55), (0.35, 0.92)]) * radius
    return Recipe(
        group="fruit",
        parts=(visual_part(revolve(profile, 28), Material(name="peel", roughness=0.5), to_albedo(albedo)),),
        hulls=(round_hull(hull, 9),),
        density=700.0,
        captions=("an orange, the fruit",),
    )


def lemon(rng: np.random.Generator) -> Recipe:
    """A lemon lying on its side, with a nipple at each end."""
    radius, length = rng.uniform([0.024, 0.07], [0.029, 0.082])
    peel = np.array(paint(rng, ["yellow"]))
    pores = np.clip(noise(rng, (96, 160), (36, 60)), 0, 1)
    albedo = toned(blend(peel, peel * 0.85, pores * 0.6), (0.72, 0.66, 0.2), (0.62, 0.6, 0.2), 0.05, 0.05)
    t = np.linspace(-1.0, 1.0, 22)
    body = np.sqrt(np.clip(1.0 - (t / 0.9) ** 2, 0.0, 1.0)) ** 1.15
    r = radius * np.maximum(body, 0.2 * np.clip((1.0 - np.abs(t)) / 0.12, 0.0, 1.0) ** 0.5)
    profile = np.column_stack([r, t * length / 2])
    hull = np.array([(0.2, -0.96), (0.72, -0.62), (1.0, 0.0), (0.72, 0.62), (0.2, 0.96)]) * [radius, length / 2]
    skin = visual_part(
        revolve(profile, 24).moved(rotation=Z_TO_X), Material(name="peel", roughness=0.45), to_albedo(albedo)
    )
    return Recipe(
        group="fruit",
        parts=(skin,),
        hulls=(round_hull(hull, 9) @ Z_TO_X.T,),
        density=700.0,
        settle=True,
    )


def pear(rng: np.random.Generator) -> Recipe:
    """A pear that stands on its wide end."""
    radius, height = rng.uniform([0.028, 0.08], [0.033, 0.095])
    word, skin = (("green", (0.66, 0.72, 0.26)), ("yellow", (0.9, 0.78, 0.25)))[int(rng.integers(2))]
    freckles = np.clip(noise(rng, (160, 160), (80, 80)) - 0.3, 0, 1)
    base: Vec3 = paint(rng, [word]) if word == "yellow" else skin
    albedo = toned(blend(base, (0.45, 0.36, 0.14), freckles * 0.5), (0.5, 0.42, 0.2), (0.5, 0.46, 0.2), 0.03, 0.05)
    knots = np.array(
        [
            (0.0, 0.0),
            (0.45, 0.0),
            (0.86, 0.12),
            (1.0, 0.32),
            (0.84, 0.53),
            (0.55, 0.72),
            (0.42, 0.86),
            (0.3, 0.97),
            (0, 1),
        ]
    )
    profile = smoothed(knots, 22) * [radius, height]
    low = np.array([(0.45, 0.0), (0.86, 0.12), (1.0, 0.32), (0.84, 0.53)]) * [radius, height]
    high = np.array([(0.84, 0.53), (0.55, 0.72), (0.42, 0.86), (0.3, 0.97)]) * [radius, height]
    return Recipe(
        group="fruit",
        parts=(
            visual_part(revolve(profile, 26), Material(name="skin", roughness=0.45), to_albedo(albedo)),
            visual_part(stalk(height - 0.002, 0.016, 0.0016, 0.005), STEM),
        ),
        hulls=(round_hull(low, 12), round_hull(high[:2], 12), round_hull(high[1:], 12)),
        density=600.0,
        captions=("a pear with a stem",),
    )


def _banana_skin(rng: np.random.Generator) -> Albedo:
    peel = mottled(rng, paint(rng, ["yellow"]), 0.05)
    spots = np.clip(noise(rng, (128, 128), (30, 12)) - 0.5, 0, 1) * 2.0
    return to_albedo(toned(blend(peel, (0.4, 0.26, 0.1), spots), (0.2, 0.15, 0.08), (0.35, 0.32, 0.12), 0.06, 0.1))


def banana(rng: np.random.Generator) -> Recipe:
    """A curved banana that lies flat, with dark ends."""
    radius, length = rng.uniform([0.016, 0.14], [0.019, 0.17])
    sweep_angle = float(rng.uniform(0.9, 1.25))
    bend = length / sweep_angle

    def bow(samples: int) -> tuple[Array, Array]:
        t = np.linspace(0.0, 1.0, samples)
        angle = (t - 0.5) * sweep_angle
        path = np.column_stack([bend * np.sin(angle), np.zeros(samples), bend * (np.cos(angle) - 1)])
        taper = np.interp(
            t, [0, 0.03, 0.14, 0.35, 0.72, 0.88, 0.93, 1.0], [0.2, 0.42, 0.82, 1.0, 0.97, 0.6, 0.36, 0.32]
        )
        return path, radius * taper

    path, radii = bow(26)
    tube = sweep(path, radii, 10).moved(rotation=Z_TO_Y)
    coarse, girth = bow(7)
    rings = sweep(coarse, girth, 8, caps=False).vertices.reshape(7, 9, 3)[:, :8] @ Z_TO_Y.T
    return Recipe(
        group="fruit",
        parts=(visual_part(tube, Material(name="peel", roughness=0.55), _banana_skin(rng)),),
        hulls=tuple(np.concatenate([rings[k], rings[k + 1]]) for k in range(6)),
        density=600.0,
        captions=("a curved banana",),
        settle=True,
    )
