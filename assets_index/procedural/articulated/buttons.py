"""Boxes with three push buttons, each with a number before it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assets_index.articulation import Articulation, Handle, MovingPart
from assets_index.asset import Material, VisualPart
from assets_index.procedural.articulated.joinery import inertial
from assets_index.procedural.collision import box_hull, round_hull
from assets_index.procedural.paint import Albedo, paint
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import box, quad, revolve, visual_part
from assets_index.transforms import Array

COLORS = ("red", "green", "blue", "yellow", "orange", "purple")
CASES = ("white", "gray", "black")
PITCH, RISE, TRAVEL = 0.068, 0.016, 0.009
FRICTION, DAMPING = 1.5, 20.0
DENSITY = 700.0
LABEL = 0.026
"""Edge of the square in which a number is printed, metres."""


def button_panel(rng: np.random.Generator) -> Recipe:
    """Three buttons in a row that stay where they are pressed to, with three different colours and numbers."""
    depth, height, radius = (float(v) for v in rng.uniform([0.105, 0.04, 0.017], [0.125, 0.055, 0.0195]))
    size = (depth, 2 * PITCH + 0.085, height)
    colors = [str(word) for word in rng.choice(COLORS, 3, replace=False)]
    numbers = [int(n) for n in rng.choice(np.arange(2, 19), 3, replace=False)]
    case = Material(name="plastic", color=paint(rng, [CASES[int(rng.integers(len(CASES)))]]), roughness=0.5)
    hulls, parts = [box_hull(size, (0, 0, height / 2))], [visual_part(box(size, 0.003, (0, 0, height / 2)), case)]
    parts.append(_labels(numbers, -depth / 2 + 0.006 + LABEL / 2, height))
    moving = []
    for number, (color, label) in enumerate(zip(colors, numbers, strict=True)):
        at = np.array([0.5 * LABEL, PITCH * (1 - number), height])  # from left to right as the robot sees it
        plastic = Material(name="plastic", color=paint(rng, [color]), roughness=0.4)
        profile = [(radius, -0.002), (radius, RISE - 0.002), (radius - 0.002, RISE)]
        parts.append(visual_part(revolve([*profile, (0.0, RISE)], 24).moved(at), plastic))
        hulls.append(round_hull([(radius, 0.001), (radius, RISE)], 16) + at)
        moving.append(_button(f"{color} button", str(label), at, 2 * radius, hulls, len(parts) - 1))
    return Recipe(
        role="fixture",
        group="device",
        parts=tuple(parts),
        hulls=tuple(hulls),
        density=DENSITY,
        material="plastic",
        synonyms=("box with buttons", "button box", "control panel"),
        captions=(
            f"a box with buttons in {colors[0]}, {colors[1]} and {colors[2]}",
            f"a panel with three buttons, numbered {numbers[0]}, {numbers[1]} and {numbers[2]}",
        ),
        articulation=Articulation(frame=inertial(hulls[:1], DENSITY), parts=tuple(moving)),
    )


def _button(name: str, label: str, at: Array, width: float, hulls: list[Array], visual: int) -> MovingPart:
    x, y, z = (float(v) for v in np.add(at, (0.0, 0.0, RISE)))
    return MovingPart(
        name=name,
        kind="button",
        joint="slide",
        axis=(0.0, 0.0, -1.0),
        travel=TRAVEL,
        friction=FRICTION,
        damping=DAMPING,
        inertial=inertial(hulls[-1:], DENSITY),
        hulls=(len(hulls) - 1,),
        visuals=(visual,),
        handle=Handle(position=(x, y, z), outward=(0.0, 0.0, 1.0), width=width),
        label=label,
    )


def _labels(numbers: list[int], x: float, z: float) -> VisualPart:
    """The numbers before their buttons on thin plates, upright for one who looks along +x."""
    half, thick, count, patches = LABEL / 2, 0.0008, len(numbers), []
    for k in range(count):
        y = PITCH * (1 - k)
        corners = [(x - half, y + half), (x - half, y - half), (x + half, y - half), (x + half, y + half)]
        print_ = quad([(cx, cy, z + thick) for cx, cy in corners])
        patches.append(print_.with_uv((k / count, 0.0), ((k + 1) / count, 1.0)))
        paper = ((k + 0.1) / count, 0.5)
        plate = box((LABEL, LABEL, thick), 0.0, (x, y, z + thick / 2))
        patches += [side.with_uv(paper, paper) for side in plate[:-1]]
    sheet = np.concatenate([_number(number) for number in numbers], axis=1)
    return visual_part(patches, Material(name="label", roughness=0.7), np.ascontiguousarray(sheet))


def _number(number: int, pixels: int = 64) -> Albedo:
    """Black digits on white with a thin frame."""
    canvas = Image.new("RGB", (2 * pixels, 2 * pixels), (246, 246, 242))
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((2, 2, 2 * pixels - 3, 2 * pixels - 3), outline=(60, 60, 60), width=3)
    font = ImageFont.load_default(1.25 * pixels if number < 10 else 1.05 * pixels)
    draw.text((pixels, pixels), str(number), font=font, fill=(16, 16, 18), anchor="mm")
    return np.asarray(canvas.resize((pixels, pixels), Image.Resampling.BOX))
