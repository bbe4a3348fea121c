"""Hand tools, lying as they are put down."""

from __future__ import annotations

import numpy as np
import shapely

from assets_index.asset import Material
from assets_index.procedural.collision import box_hull, prism_hull, round_hull
from assets_index.procedural.paint import choose, paint, to_albedo, wood_grain
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import (
    Z_TO_X,
    Z_TO_Y,
    Patch,
    box,
    circle,
    extrude,
    loft,
    revolve,
    superellipse,
    sweep,
    visual_part,
)
from assets_index.transforms import Array

STEEL = Material(name="steel", color=(0.62, 0.63, 0.66), roughness=0.35, metallic=0.85)
GRIPS = ("red", "orange", "yellow", "green", "blue", "purple")


def screwdriver(rng: np.random.Generator) -> Recipe:
    """A screwdriver with a fluted handle and a flat tip."""
    radius, handle, shaft = rng.uniform([0.0135, 0.085, 0.055], [0.0165, 0.1, 0.075])
    grip = Material(name="grip", color=paint(rng, GRIPS), roughness=0.35)
    angle = np.linspace(0, 2 * np.pi, 30, endpoint=False)
    fluted = circle(30) * (1.0 - 0.09 * np.clip(np.cos(6 * angle), 0, 1))[:, None]
    stops = np.array(
        [
            (0.0, 0.0),
            (0.0, 0.7),
            (0.05, 0.92),
            (0.2, 1.0),
            (0.62, 0.92),
            (0.8, 0.66),
            (0.9, 0.62),
            (0.95, 0.8),
            (1.0, 0.72),
        ]
    )
    rings = [np.column_stack([fluted * radius * s, np.full(30, handle * h)]) for h, s in stops]
    body = loft(rings).moved(rotation=Z_TO_X)
    shank = revolve([(0.0035, 0.0), (0.0035, shaft - 0.012)], 12).moved((0, 0, handle), None)
    blade = loft(
        [
            np.column_stack([superellipse(12, 5) * size, np.full(12, handle + shaft - height)])
            for size, height in (((0.0035, 0.0035), 0.012), ((0.0048, 0.0024), 0.007), ((0.004, 0.0007), 0.0))
        ]
    )
    steel = [patch.moved(rotation=Z_TO_X) for patch in (shank, blade)]
    grip_hull = round_hull(np.array([(0.72, 0.0), (1.0, 0.2), (0.92, 0.62), (0.72, 1.0)]) * [radius, handle], 12)
    return Recipe(
        group="tool",
        parts=(visual_part(body, grip, crease=np.radians(50)), visual_part(steel, STEEL)),
        hulls=(grip_hull @ Z_TO_X.T, box_hull((shaft, 0.007, 0.007), (handle + shaft / 2, 0, 0))),
        density=(700.0, 5000.0),
        synonyms=("flat screwdriver",),
        captions=("a screwdriver with a steel shaft", "a hand tool for screws"),
        settle=True,
    )


def hammer(rng: np.random.Generator) -> Recipe:
    """A hammer with a steel head and a wooden or coloured handle."""
    length, head = rng.uniform([0.14, 0.06], [0.165, 0.068])
    wooden = bool(rng.integers(2))
    color = paint(rng, ["brown"] if wooden else GRIPS)
    t = np.linspace(0.0, 1.0, 12)
    half_width = np.interp(t, [0, 0.04, 0.3, 0.7, 1.0], [0.011, 0.014, 0.0145, 0.0105, 0.01])
    path = np.column_stack([-length * (1 - t), np.zeros(12), np.zeros(12)])
    handle = sweep(path, np.column_stack([half_width, 0.82 * half_width]), 14)
    surface = Material(name="handle", color=(1, 1, 1) if wooden else color, roughness=0.6)
    thick = 0.024
    block = box((0.024, 0.03, thick), 0.003)
    face = revolve([(0.0, 0.0), (0.0125, 0.0), (0.0125, 0.012), (0.009, 0.016), (0.009, 0.03)], 22)
    face_end = -0.5 * head
    peen = loft(
        [
            np.column_stack([superellipse(16, 6) * (half_x, half_z), np.full(16, y)])
            for y, half_x, half_z in (
                (0.014, 0.011, 0.0105),
                (0.3 * head, 0.0105, 0.0065),
                (0.5 * head, 0.0095, 0.0022),
            )
        ]
    ).moved(rotation=Z_TO_Y)
    steel = [*block, face.moved(rotation=Z_TO_Y).moved((0, face_end, 0)), peen]
    grip_hull = np.concatenate(
        [
            box_hull((0.002, 0.026, 0.021), (-length, 0, 0)),
            box_hull((0.3 * length, 0.028, 0.023), (-0.8 * length, 0, 0)),
            box_hull((0.002, 0.02, 0.017), (-0.012, 0, 0)),
        ]
    )
    peen_hull = np.concatenate(
        [box_hull((0.022, 0.001, 0.021), (0, 0.0145, 0)), box_hull((0.019, 0.001, 0.0044), (0, 0.5 * head, 0))]
    )
    return Recipe(
        group="tool",
        parts=(
            visual_part(handle, surface, to_albedo(wood_grain(rng, color)) if wooden else None),
            visual_part(steel, STEEL),
        ),
        hulls=(
            grip_hull,
            box_hull((0.024, 0.03, thick)),
            round_hull([(0.0125, 0.0), (0.0125, 0.5 * head - 0.015)], 12) @ Z_TO_Y.T + [0, face_end, 0],
            peen_hull,
        ),
        density=(450.0, 3500.0, 3500.0, 3500.0),
        synonyms=("mallet",) if wooden else (),
        captions=(f"a hammer with a {'wooden' if wooden else 'plastic'} handle", "a hammer with a steel head"),
        settle=True,
    )


def wrench(rng: np.random.Generator) -> Recipe:
    """A combination wrench: an open jaw at one end, a ring at the other."""
    length, jaw, ring = rng.uniform([0.13, 0.017, 0.0135], [0.16, 0.021, 0.016])
    thick, bar, gap = 0.015, 0.013, 0.017
    hole = 0.6 * ring
    right, left = length / 2, -length / 2
    disc = shapely.Point(right, 0).buffer(jaw, quad_segs=6)
    slot = shapely.box(right - 0.25 * jaw, -gap / 2, right + 2 * jaw, gap / 2)
    shank = shapely.box(left, -bar / 2, right, bar / 2)
    eye = shapely.Point(left, 0).buffer(ring, quad_segs=5)
    opening = shapely.Polygon(circle(12) * hole + [left, 0])
    outline = shank.union(disc).union(eye).difference(slot).difference(opening)
    prongs = [
        disc.intersection(shapely.box(right - 0.25 * jaw, low, right + 2 * jaw, high))
        for low, high in ((-2 * jaw, -gap / 2), (gap / 2, 2 * jaw))
    ]
    back = disc.intersection(shapely.box(right - 2 * jaw, -2 * jaw, right - 0.25 * jaw, 2 * jaw))
    start, end = left + 0.9 * ring, right - 0.9 * jaw
    chrome = bool(rng.integers(3))
    finish = STEEL if chrome else Material(name="painted", color=paint(rng, ("red", "blue", "black")), roughness=0.4)
    return Recipe(
        group="tool",
        parts=(visual_part(extrude(outline, 0.0, thick), finish, crease=np.radians(30)),),
        hulls=(
            box_hull((end - start, bar, thick), ((start + end) / 2, 0, thick / 2)),
            *(prism_hull(_corners(piece), 0.0, thick) for piece in (*prongs, back, eye)),
        ),
        density=3000.0,
        material="metal",
        synonyms=("spanner",),
        captions=("a wrench with an open jaw and a ring",),
    )


def _corners(polygon: shapely.Polygon) -> Array:
    return np.asarray(polygon.exterior.coords)[:-1, :2]


def marker(rng: np.random.Generator) -> Recipe:
    """A thick marker pen with a cap of its ink's colour."""
    radius, length = rng.uniform([0.009, 0.115], [0.011, 0.135])
    word = choose(rng, ("red", "green", "blue", "black", "orange", "purple", "pink"))
    ink = paint(rng, [word])
    cap, start = 0.45 * length, 0.41 * length
    plastic = Material(name="plastic", color=ink, roughness=0.35)
    ends = [
        revolve([(0.0, 0.0), (0.86 * radius, 0.0), (0.93 * radius, 0.003), (0.93 * radius, start)], 20),
        revolve(
            [
                (0.93 * radius, length - cap),
                (radius, length - cap),
                (radius, length - 0.004),
                (0.6 * radius, length),
                (0, length),
            ],
            20,
        ),
    ]
    barrel = revolve([(0.93 * radius, start), (0.93 * radius, length - cap)], 20)
    clip = box((0.0022, 0.005, 0.6 * cap), 0.0006, (radius + 0.0008, 0, length - 0.35 * cap))
    white = Material(name="barrel", color=(0.93, 0.93, 0.91), roughness=0.35)
    hull = round_hull(
        [(0.95 * radius, 0.0), (radius, length - cap), (radius, length - 0.004), (0.7 * radius, length)], 12
    )
    laid: list[Patch] = [patch.moved(rotation=Z_TO_X) for patch in (*ends, *clip)]
    return Recipe(
        group="stationery",
        parts=(visual_part(laid, plastic), visual_part(barrel.moved(rotation=Z_TO_X), white)),
        hulls=(hull @ Z_TO_X.T,),
        density=800.0,
        material="plastic",
        synonyms=("pen", "marker pen", "felt pen"),
        captions=("a marker with its cap on", f"a marker with {word} ink"),
        settle=True,
    )
