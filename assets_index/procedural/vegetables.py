"""Vegetables."""

from __future__ import annotations

import numpy as np

from assets_index.asset import Material
from assets_index.procedural.collision import round_hull
from assets_index.procedural.fruit import stalk, toned
from assets_index.procedural.paint import blend, choose, mottled, noise, paint, to_albedo
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import (
    Z_TO_X,
    Patch,
    at_height,
    circle,
    ellipsoid,
    loft,
    revolve,
    smoothed,
    sweep,
    visual_part,
)
from assets_index.transforms import Array

LEAF = Material(name="leaf", color=(0.22, 0.45, 0.16), roughness=0.7)


def calyx(radius: float, z: float, points: int, droop: float) -> Patch:
    """A star of sepals about z that hangs over a shoulder by `droop`."""
    star = circle(2 * points) * np.where(np.arange(2 * points) % 2, 0.35, 1.0)[:, None] * radius
    reach = np.linalg.norm(star, axis=-1) / radius
    lower = np.column_stack([star, z - droop * reach**2])
    return loft(
        [
            lower,
            np.column_stack([star * 0.97, lower[:, 2] + 0.0012]),
            np.column_stack([star * 0.1, np.full(2 * points, z + 0.002)]),
        ]
    )


def tomato(rng: np.random.Generator) -> Recipe:
    """A ripe tomato with green sepals."""
    radius = float(rng.uniform(0.027, 0.033))
    lobes = 1.0 + 0.025 * np.cos(5 * np.linspace(0, 2 * np.pi, 30, endpoint=False))
    angle = np.linspace(-0.5, 0.5, 16) * np.pi
    scale = radius * np.cos(angle)
    z = 0.82 * radius * np.sin(angle) - 0.1 * radius * np.clip((angle - 1.2) / 0.37, 0, 1)
    outline = circle(30) * lobes[:, None]
    rings = [np.column_stack([outline * s, np.full(30, h)]) for s, h in zip(scale, z, strict=True)]
    skin = mottled(rng, paint(rng, ["red"]), 0.05)
    hull = np.array([(0.4, -0.8), (0.86, -0.45), (1.0, 0.0), (0.86, 0.45), (0.4, 0.78)]) * radius
    green = [calyx(0.55 * radius, 0.76 * radius, 5, 0.08 * radius), stalk(0.74 * radius, 0.007, 0.002, 0.001)]
    return Recipe(
        group="vegetable",
        parts=(
            visual_part(loft(rings, caps=False), Material(name="skin", roughness=0.25), to_albedo(skin)),
            visual_part(green, LEAF),
        ),
        hulls=(round_hull(hull, 9),),
        density=700.0,
        captions=("a ripe tomato",),
    )


def bell_pepper(rng: np.random.Generator) -> Recipe:
    """A bell pepper with lobes and a thick green stem."""
    radius, height = rng.uniform([0.028, 0.06], [0.033, 0.076])
    lobes = int(rng.integers(3, 5))
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    ripple = np.abs(np.cos(0.5 * lobes * angle)) ** 0.7
    knots = np.array([(0.0, 0.06), (0.46, 0.0), (0.74, 0.1), (0.95, 0.55), (1.02, 0.84), (0.7, 0.98), (0.0, 0.8)])
    scale, z = (smoothed(knots, 18) * [radius, height]).T
    rings = [
        np.column_stack([circle(36) * (s * (1.0 - 0.13 * (1.0 - ripple)))[:, None], np.full(36, h)])
        for s, h in zip(scale, z, strict=True)
    ]
    color = paint(rng, ("red", "yellow", "green", "orange"))
    hull = np.array([(0.5, 0.0), (0.74, 0.12), (0.95, 0.55), (1.0, 0.8), (0.68, 0.94)]) * [0.96 * radius, height]
    return Recipe(
        group="vegetable",
        parts=(
            visual_part(
                loft(rings, caps=False), Material(name="skin", color=color, roughness=0.2), crease=np.radians(60)
            ),
            visual_part(stalk(0.82 * height, 0.26 * height, 0.0042, 0.004), LEAF),
        ),
        hulls=(round_hull(hull, 9),),
        density=400.0,
        synonyms=("pepper", "capsicum", "sweet pepper"),
        captions=("a bell pepper with a green stem",),
    )


def carrot(rng: np.random.Generator) -> Recipe:
    """A carrot that lies on its side, with a tuft of green."""
    radius, length = rng.uniform([0.014, 0.12], [0.018, 0.15])
    t = np.linspace(0.0, 1.0, 18)
    taper = np.interp(t, [0.0, 0.03, 0.3, 0.85, 0.95, 1.0], [0.08, 0.25, 0.66, 1.0, 0.86, 0.45])
    profile = np.column_stack([radius * taper, length * t])
    profile = np.concatenate([[(0.0, 0.0)], profile, [(0.0, length)]])
    skin = np.array(paint(rng, ["orange"]))
    cracks = np.clip(noise(rng, (160, 64), (42, 5)) - 0.4, 0, 1)
    albedo = toned(blend(skin, skin * 0.6, cracks), skin * 0.7, (0.4, 0.5, 0.2), 0.03, 0.03)
    body = revolve(profile, 18).moved(rotation=Z_TO_X)
    rise = np.linspace(0.0, 1.0, 4)
    leaves = []
    for turn in np.arange(5) * 2 * np.pi / 5:
        spread = 0.006 * rise + 0.003
        path = np.column_stack([spread, np.zeros(4), length - 0.002 + 0.024 * rise])
        spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
        leaves.append(sweep(path, 0.0022 * (1.1 - rise), 6).moved(rotation=Z_TO_X @ spin))
    hull = np.array([(0.2, 0.0), (0.66, 0.3), (1.0, 0.85), (0.75, 1.0)]) * [radius, length]
    tuft = [(0.006, length), (0.01, length + 0.02)]
    return Recipe(
        group="vegetable",
        parts=(
            visual_part(body, Material(name="skin", roughness=0.6), to_albedo(albedo)),
            visual_part(leaves, LEAF),
        ),
        hulls=(round_hull(hull, 10) @ Z_TO_X.T, round_hull(tuft, 8) @ Z_TO_X.T),
        density=(700.0, 200.0),
        captions=("a carrot with a little green at its top",),
        settle=True,
    )


def cucumber(rng: np.random.Generator) -> Recipe:
    """A dark green cucumber with pale stripes and round ends."""
    radius, length = rng.uniform([0.017, 0.13], [0.021, 0.165])
    t = np.linspace(-1.0, 1.0, 22)
    girth = radius * (1.0 - np.abs(t) ** 7) ** 0.5
    profile = np.column_stack([girth, t * length / 2])
    dark = np.array([0.16, 0.38, 0.15]) * rng.uniform(0.9, 1.15)
    stripes = np.clip(noise(rng, (128, 96), (3, 24)), 0, 1)
    albedo = toned(blend(dark, (0.45, 0.6, 0.28), stripes * 0.7), (0.5, 0.6, 0.3), (0.3, 0.42, 0.18), 0.05, 0.05)
    hull = np.array([(0.55, -0.985), (1.0, -0.8), (1.0, 0.8), (0.55, 0.985)]) * [radius, length / 2]
    skin = visual_part(
        revolve(profile, 20).moved(rotation=Z_TO_X), Material(name="skin", roughness=0.45), to_albedo(albedo)
    )
    return Recipe(
        group="vegetable",
        parts=(skin,),
        hulls=(round_hull(hull, 12) @ Z_TO_X.T,),
        density=650.0,
        settle=True,
    )


def eggplant(rng: np.random.Generator) -> Recipe:
    """A glossy eggplant that lies on its side, with a green cap."""
    radius, length = (float(v) for v in rng.uniform([0.025, 0.11], [0.031, 0.14]))
    girth = np.array(
        [(0.0, 0.0), (0.5, 0.02), (0.9, 0.14), (1.0, 0.34), (0.82, 0.6), (0.56, 0.85), (0.46, 0.97), (0.0, 1.0)]
    )
    profile = smoothed(girth, 26) * [radius, length]
    skin = np.array([0.33, 0.13, 0.4]) * rng.uniform(0.9, 1.15)
    around = np.linspace(0, 2 * np.pi, 30, endpoint=False)
    hem = length * (0.83 + 0.07 * np.cos(5 * around))
    covered = np.interp(hem, profile[:, 1], profile[:, 0]) + 0.0008
    crown = circle(30)
    cap = loft(
        [
            np.column_stack([crown * covered[:, None], hem]),
            np.column_stack([crown * covered[:, None] * 1.03, hem + 0.002]),
            at_height(crown * (np.interp(0.95 * length, profile[:, 1], profile[:, 0]) + 0.0015), 0.95 * length),
            at_height(crown * 0.3 * radius, length + 0.002),
        ]
    )
    patches = [patch.moved(rotation=Z_TO_X) for patch in (cap, stalk(length, 0.022, 0.0042, 0.003))]
    glossy = Material(name="skin", color=(skin[0], skin[1], skin[2]), roughness=0.12)
    hull = np.array([(0.3, 0.01), (0.88, 0.14), (1.0, 0.34), (0.82, 0.6), (0.48, 1.0)]) * [radius, length]
    return Recipe(
        group="vegetable",
        parts=(
            visual_part(revolve(profile, 26).moved(rotation=Z_TO_X), glossy),
            visual_part(patches, LEAF),
        ),
        hulls=(round_hull(hull, 9) @ Z_TO_X.T, round_hull([(0.0045, length), (0.0045, length + 0.022)], 8) @ Z_TO_X.T),
        density=450.0,
        synonyms=("aubergine",),
        captions=("an eggplant with a green cap",),
        settle=True,
    )


def potato(rng: np.random.Generator) -> Recipe:
    """A lumpy potato."""
    half = rng.uniform([0.036, 0.025, 0.021], [0.044, 0.031, 0.026])
    lumps = rng.normal(size=(6, 3))
    lumps /= np.linalg.norm(lumps, axis=-1, keepdims=True)
    depth = rng.uniform(-0.07, 0.07, 6)

    def lumpy(unit: Array) -> Array:
        swell = 1.0 + np.exp(-4.0 * (1.0 - unit @ lumps.T)) @ depth
        return unit * swell[:, None] * half

    ball = ellipsoid((1.0, 1.0, 1.0), 26, 16).moved(rotation=Z_TO_X)
    body = Patch(lumpy(ball.vertices), ball.faces, ball.uv)
    coarse = ellipsoid((1.0, 1.0, 1.0), 9, 7).moved(rotation=Z_TO_X).vertices
    eyes = np.clip(noise(rng, (128, 128), (10, 14)) - 0.62, 0, 1) * 3
    skin = blend(mottled(rng, np.array([0.7, 0.54, 0.34]) * rng.uniform(0.88, 1.05), 0.12), (0.36, 0.25, 0.14), eyes)
    return Recipe(
        group="vegetable",
        parts=(visual_part(body, Material(name="skin", roughness=0.8), to_albedo(skin)),),
        hulls=(np.unique(np.round(lumpy(coarse), 9), axis=0),),
        density=750.0,
        synonyms=("spud",),
        captions=(f"a {choose(rng, ('lumpy', 'knobbly'))} potato",),
        settle=True,
    )
