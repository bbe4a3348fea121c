"""Toys."""

from __future__ import annotations

import numpy as np

from assets_index.asset import Material
from assets_index.procedural.collision import box_hull, box_top, round_hull
from assets_index.procedural.paint import LIVELY, Albedo, blend, choose, contrast, paint, to_albedo, wood_grain
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import (
    Z_TO_Y,
    Patch,
    at_height,
    box,
    ellipsoid,
    loft,
    revolve,
    rounded_rectangle,
    visual_part,
)
from assets_index.transforms import Array, Vec3

BLACK_RUBBER = Material(name="tire", color=(0.07, 0.07, 0.075), roughness=0.8)


def block(rng: np.random.Generator) -> Recipe:
    """A painted wooden building block, a cube or a brick."""
    edge = float(rng.uniform(0.034, 0.048))
    size = np.array([edge * _length_factor(rng), edge, edge])
    color = paint(rng, LIVELY)
    grain = 0.75 * np.array(color) + 0.25 * wood_grain(rng, color)
    return Recipe(
        group="toy",
        parts=(
            visual_part(
                box(size, 0.0025, (0, 0, edge / 2)),
                Material(name="paint", roughness=0.5),
                to_albedo(grain),
                np.radians(50),
            ),
        ),
        hulls=(box_hull(size, (0, 0, edge / 2)),),
        density=450.0,
        material="wooden",
        synonyms=("toy block", "building block", "cube")
        if size[0] == edge
        else ("toy block", "building block", "brick"),
        captions=("a wooden toy block",),
        support=box_top(size, 0.0025),
    )


def _length_factor(rng: np.random.Generator) -> float:
    """Length of a block over its width: a cube half of the time."""
    return (1.0, 1.0, 1.5, 2.0)[int(rng.integers(4))]


def _die_sheet(color: Vec3, size: int = 80) -> Albedo:
    """Six faces side by side with one to six pips."""
    centers = {
        1: [(0.5, 0.5)],
        2: [(0.25, 0.25), (0.75, 0.75)],
        3: [(0.25, 0.25), (0.5, 0.5), (0.75, 0.75)],
        4: [(0.27, 0.27), (0.27, 0.73), (0.73, 0.27), (0.73, 0.73)],
        5: [(0.27, 0.27), (0.27, 0.73), (0.73, 0.27), (0.73, 0.73), (0.5, 0.5)],
        6: [(0.28, 0.22), (0.28, 0.5), (0.28, 0.78), (0.72, 0.22), (0.72, 0.5), (0.72, 0.78)],
    }
    pixel = (np.indices((size, size)) + 0.5) / size
    sheet = np.broadcast_to(np.array(color), (size, 6 * size, 3)).copy()
    for face, value in enumerate((4, 3, 2, 5, 6, 1)):  # -x +x -y +y -z +z: opposite faces add up to seven
        for center in centers[value]:
            inside = np.clip((0.1 - np.hypot(pixel[0] - center[0], pixel[1] - center[1])) * size + 0.5, 0.0, 1.0)
            part = sheet[:, face * size : (face + 1) * size]
            part[:] = blend(part, contrast(color), inside)
    return to_albedo(sheet)


def dice(rng: np.random.Generator) -> Recipe:
    """A big play die with pips."""
    edge = float(rng.uniform(0.03, 0.042))
    color = paint(rng, ("white", "white", "red", "green", "blue", "black"))
    faces = box((edge, edge, edge), 0.14 * edge, (0, 0, edge / 2))
    textured = [face.with_uv((k / 6 + 0.002, 0.0), ((k + 1) / 6 - 0.002, 1.0)) for k, face in enumerate(faces)]
    material = Material(name="plastic", roughness=0.3)
    return Recipe(
        group="toy",
        parts=(visual_part(textured, material, _die_sheet(color), crease=np.radians(60)),),
        hulls=(box_hull((edge, edge, edge), (0, 0, edge / 2)),),
        density=700.0,
        material="plastic",
        synonyms=("die", "game die"),
        captions=("dice with one pip on top",),
        support=box_top((edge, edge, edge), 0.14 * edge),
    )


def ball(rng: np.random.Generator) -> Recipe:
    """A rubber ball with a band around it."""
    radius = float(rng.uniform(0.025, 0.033))
    word = choose(rng, LIVELY)
    band = np.array(paint(rng, ["white"])) if rng.integers(2) else 0.72 * np.array(paint(rng, [word]))
    albedo = np.broadcast_to(np.array(paint(rng, [word])), (96, 8, 3)).copy()
    albedo[43:53] = albedo[30:33] = albedo[63:66] = band
    tilt = float(rng.uniform(0.2, 0.7))
    turn = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    sphere = ellipsoid((radius,) * 3, 30, 20).moved(rotation=turn)
    hull = np.array([(0.36, -0.95), (0.82, -0.6), (1.02, 0.0), (0.82, 0.6), (0.36, 0.95)]) * radius
    return Recipe(
        group="toy",
        parts=(visual_part(sphere, Material(name="rubber", roughness=0.45), to_albedo(albedo)),),
        hulls=(round_hull(hull, 9),),
        density=300.0,
        material="rubber",
        synonyms=("toy ball", "bouncy ball"),
        captions=("a ball with a band around it",),
    )


def toy_car(rng: np.random.Generator) -> Recipe:
    """A toy car with a cabin, windows and four wheels."""
    length, width = rng.uniform([0.085, 0.04], [0.105, 0.047])
    paint_ = Material(
        name="paint", color=paint(rng, ("red", "yellow", "green", "blue", "orange", "purple")), roughness=0.25
    )
    wheel, low, belt = 0.0115, 0.007, 0.026
    cabin_x, top = -0.06 * length, 0.045
    shell = loft(
        [
            at_height(rounded_rectangle(length / 2 * f, width / 2 * g, 0.009, 5), z)
            for f, g, z in ((0.94, 0.93, low), (1.0, 1.0, low + 0.004), (0.99, 0.99, belt - 0.005), (0.94, 0.93, belt))
        ]
    )

    def cabin(levels: tuple[tuple[float, float, float], ...], caps: bool) -> Patch:
        rings = [at_height(rounded_rectangle(length * f, width * g, 0.007, 5), z) for f, g, z in levels]
        return loft(rings, caps=caps).moved((cabin_x, 0, 0))

    glass = cabin(((0.3, 0.44, belt - 0.001), (0.235, 0.385, top - 0.004)), caps=False)
    roof = cabin(((0.235, 0.385, top - 0.004), (0.225, 0.37, top - 0.001), (0.2, 0.33, top)), caps=True)
    tire = revolve(
        [
            (0.55 * wheel, -0.004),
            (wheel - 0.0015, -0.004),
            (wheel, -0.0025),
            (wheel, 0.0025),
            (wheel - 0.0015, 0.004),
            (0.55 * wheel, 0.004),
        ],
        18,
    )
    hub = revolve([(0.5 * wheel, -0.0046), (0.5 * wheel, 0.0046), (0.0, 0.005)], 12)
    axles: Array = np.array(
        [(sx * 0.31 * length, sy * (width / 2 - 0.0025), wheel) for sx in (-1, 1) for sy in (-1, 1)]
    )
    facing = [Z_TO_Y if y > 0 else Z_TO_Y @ np.diag([1.0, -1.0, -1.0]) for _, y, _ in axles]
    lamps = [ellipsoid((0.0022, 0.004, 0.003), 10, 7, (0.485 * length, s * 0.3 * width, 0.018)) for s in (-1, 1)]
    cabin_hull = np.concatenate(
        [
            box_hull((0.6 * length, 0.86 * width, 0.0), (cabin_x, 0, belt)),
            box_hull((0.44 * length, 0.72 * width, 0.0), (cabin_x, 0, top)),
        ]
    )
    return Recipe(
        group="toy",
        parts=(
            visual_part([shell, roof], paint_, crease=np.radians(50)),
            visual_part(glass, Material(name="window", color=(0.5, 0.6, 0.68), roughness=0.1)),
            visual_part([tire.moved(at, turn) for at, turn in zip(axles, facing, strict=True)], BLACK_RUBBER),
            visual_part(
                [hub.moved(at, turn) for at, turn in zip(axles, facing, strict=True)],
                Material(name="hub", color=(0.8, 0.8, 0.82), roughness=0.3),
            ),
            visual_part(lamps, Material(name="lamp", color=(0.98, 0.95, 0.8), roughness=0.15)),
        ),
        hulls=(
            box_hull((length, width - 0.001, belt - low), (0, 0, (belt + low) / 2)),
            cabin_hull,
            *(round_hull([(wheel, -0.004), (wheel, 0.004)], 12) @ Z_TO_Y.T + at for at in axles),
        ),
        density=500.0,
        material="plastic",
        synonyms=("car", "model car"),
        captions=("a toy car with four black wheels", "a small car with windows"),
    )


def rubber_duck(rng: np.random.Generator) -> Recipe:
    """A bath duck with an orange beak."""
    size = float(rng.uniform(0.94, 1.1))
    word = choose(rng, ("yellow", "yellow", "yellow", "pink", "blue", "white"))

    def shaped(patch: Patch) -> Patch:
        x, y, z = patch.vertices.T
        tail = np.clip(-x / 0.034 - 0.35, 0.0, 1.0)
        lifted = np.maximum(z + 0.022 * tail**1.5, -0.019)
        return Patch(np.column_stack([x, y * (1.0 - 0.5 * tail), lifted]), patch.faces, patch.uv)

    body = shaped(ellipsoid((0.035, 0.026, 0.024), 28, 18))
    head = ellipsoid((0.0185, 0.018, 0.018), 22, 14, (0.016, 0, 0.033))
    wings = [ellipsoid((0.017, 0.005, 0.01), 14, 9, (-0.006, s * 0.0245, 0.003)) for s in (-1, 1)]
    beak = [
        ellipsoid((0.0105, 0.009, 0.0028), 14, 8, (0.036, 0, 0.031)),
        ellipsoid((0.0085, 0.0075, 0.0022), 14, 8, (0.0345, 0, 0.028)),
    ]
    eyes = [ellipsoid((0.0028, 0.0028, 0.0036), 10, 7, (0.0305, s * 0.0095, 0.039)) for s in (-1, 1)]
    hulls = (
        shaped(ellipsoid((0.035, 0.027, 0.024), 10, 6)).vertices,
        ellipsoid((0.0188, 0.0185, 0.018), 9, 6, (0.016, 0, 0.033)).vertices,
        box_hull((0.012, 0.013, 0.005), (0.04, 0, 0.0295)),
    )

    def scaled(patches: list[Patch]) -> list[Patch]:
        return [Patch(patch.vertices * size, patch.faces, patch.uv) for patch in patches]

    skin = Material(name="rubber", color=paint(rng, [word]), roughness=0.4)
    return Recipe(
        group="toy",
        parts=(
            visual_part(scaled([body, head, *wings]), skin, crease=np.radians(70)),
            visual_part(scaled(beak), Material(name="beak", color=(0.93, 0.45, 0.08), roughness=0.4)),
            visual_part(scaled(eyes), Material(name="eye", color=(0.05, 0.05, 0.05), roughness=0.15)),
        ),
        hulls=tuple(np.unique(np.round(hull * size, 9), axis=0) for hull in hulls),
        density=350.0,
        material="rubber",
        synonyms=("duck", "toy duck", "bath duck"),
        captions=("a rubber duck with an orange beak",),
    )
