"""Tables.

The top is a part of its own whose material is named "table_top" and whose texture coordinates are metres, x and y.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from assets_index.asset import Material, Point2, SupportSurface, VisualPart
from assets_index.procedural.collision import box_hull, round_hull, round_pieces
from assets_index.procedural.paint import paint, to_albedo, wood_grain
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import Patch, box, circle, join, revolve, visual_part
from assets_index.transforms import Vec3

TOP_MATERIAL = "table_top"
"""Material name of the top; a renderer may put any surface there."""

Solid = tuple[ArrayLike, ArrayLike]
"""Size and centre of a box."""


def top_part(patches: Patch | tuple[Patch, ...], color: Vec3, roughness: float = 0.5) -> VisualPart:
    """A table top, textured in metres."""
    patch = patches if isinstance(patches, Patch) else join(patches)
    metric = Patch(patch.vertices, patch.faces, patch.vertices[:, :2].copy())
    return visual_part(metric, Material(name=TOP_MATERIAL, color=color, roughness=roughness), crease=np.radians(50))


def rectangle(width: float, depth: float) -> tuple[Point2, ...]:
    """Corners of a rectangle about the origin, counter-clockwise."""
    x, y = width / 2, depth / 2
    return ((-x, -y), (x, -y), (x, y), (-x, y))


def _size(rng: np.random.Generator) -> tuple[float, float, float]:
    """Extent along x and y, and height."""
    width, depth, height = (float(v) for v in rng.uniform([1.0, 1.4, 0.72], [1.2, 1.8, 0.76]))
    return width, depth, height


def _patches(solids: list[Solid], bevel: float) -> list[Patch]:
    return [patch for size, center in solids for patch in box(size, bevel, center)]


def _rectangular(
    size: tuple[float, float, float],
    thick: float,
    top: Vec3,
    solids: list[Solid],
    under: VisualPart,
    material: str | None,
    synonyms: tuple[str, ...],
    caption: str,
) -> Recipe:
    """A table with a rectangular top over solids that hold it."""
    width, depth, height = size
    board = ((width, depth, thick), (0.0, 0.0, height - thick / 2))
    return Recipe(
        role="table",
        group="furniture",
        parts=(top_part(box(board[0], 0.006, board[1]), top), under),
        hulls=(box_hull(*board), *(box_hull(*solid) for solid in solids)),
        density=500.0,
        material=material,
        synonyms=synonyms,
        captions=(caption,),
        support=SupportSurface(height=height, outline=rectangle(width, depth)),
    )


def dining_table(rng: np.random.Generator) -> Recipe:
    """A wooden table on four legs with an apron."""
    width, depth, height = size = _size(rng)
    thick, leg, inset, apron = 0.035, 0.06, 0.06, 0.08
    wood = paint(rng, ["brown"])
    legs: list[Solid] = [
        ((leg, leg, height - thick), (sx * (width / 2 - inset), sy * (depth / 2 - inset), (height - thick) / 2))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    z = height - thick - apron / 2
    boards: list[Solid] = [((0.02, depth - 2 * inset - leg, apron), (s * (width / 2 - inset), 0.0, z)) for s in (-1, 1)]
    boards += [((width - 2 * inset - leg, 0.02, apron), (0.0, s * (depth / 2 - inset), z)) for s in (-1, 1)]
    under = visual_part(
        _patches(legs + boards, 0.004), Material(name="legs", roughness=0.6), to_albedo(wood_grain(rng, wood))
    )
    return _rectangular(
        size, thick, wood, legs + boards, under, "wooden", ("table", "kitchen table"), "a table on four legs"
    )


def desk(rng: np.random.Generator) -> Recipe:
    """A desk on two side panels with a set of drawers."""
    width, depth, height = size = _size(rng)
    thick, panel = 0.025, 0.03
    tone = paint(rng, ("white", "gray", "brown"))
    body: list[Solid] = [
        ((width - 0.04, panel, height - thick), (0.0, s * (depth / 2 - panel), (height - thick) / 2)) for s in (-1, 1)
    ]
    body.append(((0.02, depth - 3 * panel, 0.35), (width / 2 - 0.08, 0.0, height - thick - 0.175)))
    chest = (width - 0.16, 0.36, 0.5)
    center = (-0.02, depth / 2 - 1.5 * panel - chest[1] / 2, height - thick - chest[2] / 2)
    body.append((chest, center))
    fronts: list[Solid] = [
        ((0.012, chest[1] - 0.02, 0.145), (center[0] - chest[0] / 2 - 0.006, center[1], center[2] + 0.16 * k))
        for k in (-1, 0, 1)
    ]
    under = visual_part(_patches(body + fronts, 0.003), Material(name="body", color=tone, roughness=0.5))
    return _rectangular(size, thick, tone, body, under, "wooden", ("table", "writing desk"), "a desk with drawers")


def workbench(rng: np.random.Generator) -> Recipe:
    """A workbench on a metal frame with a shelf below."""
    width, depth, height = size = _size(rng)
    thick, bar = 0.04, 0.045
    x, y = width / 2 - bar, depth / 2 - bar
    frame: list[Solid] = [
        ((bar, bar, height - thick), (sx * x, sy * y, (height - thick) / 2)) for sx in (-1, 1) for sy in (-1, 1)
    ]
    z = height - thick - bar / 2
    frame += [((2 * x - bar, bar, bar), (0.0, s * y, z)) for s in (-1, 1)] + [
        ((bar, 2 * y - bar, bar), (s * x, 0.0, z)) for s in (-1, 1)
    ]
    frame.append(((2 * x - bar, 2 * y - bar, 0.02), (0.0, 0.0, 0.18)))
    metal = Material(name="frame", color=paint(rng, ("black", "gray", "blue", "red")), roughness=0.4, metallic=0.3)
    under = visual_part(_patches(frame, 0.002), metal)
    return _rectangular(
        size,
        thick,
        paint(rng, ["brown"]),
        frame,
        under,
        None,
        ("table", "bench"),
        "a workbench with a shelf below its top",
    )


def round_table(rng: np.random.Generator) -> Recipe:
    """A round table on one foot."""
    radius, height = (float(v) for v in rng.uniform([0.72, 0.72], [0.85, 0.76]))
    low = height - 0.03
    tone = paint(rng, ("white", "brown", "gray"))
    board = [
        (0.0, low),
        (radius - 0.004, low),
        (radius, low + 0.006),
        (radius, height - 0.006),
        (radius - 0.006, height),
        (0.0, height),
    ]
    foot = [
        (0.0, 0.0),
        (0.38, 0.0),
        (0.38, 0.012),
        (0.34, 0.022),
        (0.1, 0.04),
        (0.06, 0.1),
        (0.05, 0.4),
        (0.06, low - 0.06),
        (0.16, low),
    ]
    outline = tuple((float(px), float(py)) for px, py in circle(24) * radius)
    return Recipe(
        role="table",
        group="furniture",
        parts=(
            top_part(revolve(board, 64), tone),
            visual_part(revolve(foot, 40), Material(name="foot", color=tone, roughness=0.4)),
        ),
        hulls=(
            round_hull([(radius, low), (radius, height)], 24),
            *round_pieces([(0.38, 0.0), (0.34, 0.022), (0.06, 0.1), (0.06, low - 0.06), (0.16, low)]),
        ),
        density=(300.0, 2500.0, 800.0, 800.0, 800.0),
        synonyms=("table", "pedestal table"),
        captions=("a round table on one foot",),
        support=SupportSurface(height=height, outline=outline),
    )
