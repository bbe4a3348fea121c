"""Packages: cartons, cans, bottles and jars with printed labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from assets_index.asset import Material, VisualPart
from assets_index.procedural.collision import box_hull, round_hull
from assets_index.procedural.paint import BRANDS, Albedo, facing_panels, paint, printed_panel, to_albedo
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import box, revolve, visual_part
from assets_index.transforms import Vec3

LIVELY = ("red", "orange", "yellow", "green", "blue", "purple", "pink")


def _accent(rng: np.random.Generator, base_word: str) -> Vec3:
    return paint(rng, [word for word in (*LIVELY, "white") if word != base_word])


def _brand(rng: np.random.Generator) -> str:
    return BRANDS[int(rng.integers(len(BRANDS)))]


def printed_box(size: ArrayLike, front: Albedo, side: Albedo, material: Material, bevel: float = 0.002) -> VisualPart:
    """A box whose wide faces (-y, +y) carry `front`, whose narrow ones (-x, +x) `side`, with plain lids."""
    plain = np.broadcast_to(side[:1, :1], (*side.shape[:1], side.shape[0] // 4, 3))
    sheet = facing_panels([front, side, plain])
    edges = np.cumsum([0, front.shape[1], side.shape[1], plain.shape[1]]) / sheet.shape[1]
    fit = {"front": (edges[0], edges[1]), "side": (edges[1], edges[2]), "plain": (edges[2] + 0.01, edges[3] - 0.01)}
    faces = box(size, bevel, center=(0.0, 0.0, np.asarray(size)[2] / 2))
    kinds = ("side", "side", "front", "front", "plain", "plain")
    patches = [face.with_uv((fit[kind][0], 0.0), (fit[kind][1], 1.0)) for face, kind in zip(faces, kinds, strict=True)]
    return visual_part(patches, material, np.ascontiguousarray(sheet), crease=np.radians(50))


def carton(rng: np.random.Generator) -> Recipe:
    """A small food carton that stands on its narrow side."""
    size = rng.uniform([0.07, 0.035, 0.08], [0.1, 0.055, 0.13])
    word = LIVELY[int(rng.integers(len(LIVELY)))]
    base, accent, brand = paint(rng, [word]), _accent(rng, word), _brand(rng)
    product = ("Crackers", "Biscuits", "Raisins", "Tea", "Rice", "Pasta")[int(rng.integers(6))]
    height = 128
    panels = [
        printed_panel(rng, (max(24, int(height * width / size[2])), height), base, accent, (brand, product), scale=0.8)
        for width in (size[0], size[1])
    ]
    material = Material(name="carton", roughness=0.55)
    return Recipe(
        group="snack",
        parts=(printed_box(size, panels[0], panels[1], material),),
        hulls=(box_hull(size, (0, 0, size[2] / 2)),),
        density=350.0,
        material="cardboard",
        synonyms=("box of food", "packet"),
        captions=(f'a carton with the word "{brand}" printed on it',),
    )


def can(rng: np.random.Generator) -> Recipe:
    """A metal can with a printed label and bright rims."""
    radius, height = rng.uniform([0.026, 0.075], [0.034, 0.12])
    word = LIVELY[int(rng.integers(len(LIVELY)))]
    base, accent, brand = paint(rng, [word]), _accent(rng, word), _brand(rng)
    product = ("Soup", "Beans", "Peas", "Corn", "Tomatoes", "Cola")[int(rng.integers(6))]
    panel = printed_panel(rng, (104, 128), base, accent, (brand, product), scale=0.8)
    rim = 0.004
    body = [(radius, rim), (radius, height - rim)]
    lower = [(0.0, 0.003), (radius - 0.004, 0.003), (radius - 0.003, 0.0), (radius, 0.0), (radius, rim)]
    upper = [(r, height - z) for r, z in reversed(lower)]
    metal = Material(name="steel", color=(0.72, 0.72, 0.74), roughness=0.3, metallic=0.9)
    label = visual_part(
        revolve(body, 32), Material(name="label", roughness=0.35), to_albedo(np.tile(panel, (1, 2, 1)) / 255)
    )
    return Recipe(
        group="snack",
        parts=(label, visual_part([revolve(lower, 32), revolve(upper, 32)], metal)),
        hulls=(round_hull([(radius, 0.0), (radius, height)], 24),),
        density=600.0,
        material="metal",
        synonyms=("tin", "tin can"),
        captions=(f'a can with the word "{brand}" on its label',),
    )
