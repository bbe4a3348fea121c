"""Tables.

The top is a part of its own whose material is named "table_top" and whose texture coordinates are metres.
"""

from __future__ import annotations

import numpy as np

from assets_index.asset import Material, SupportSurface, VisualPart
from assets_index.procedural.collision import box_hull
from assets_index.procedural.paint import paint, to_albedo, wood_grain
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import Patch, box, join, visual_part
from assets_index.transforms import Array

TOP_MATERIAL = "table_top"
"""Material name of the top; a renderer may put any surface there. Its uv are metres, x and y of the table."""


def top_part(
    patches: Patch | tuple[Patch, ...], color: tuple[float, float, float], roughness: float = 0.5
) -> VisualPart:
    """A table top, with texture coordinates in metres."""
    patch = patches if isinstance(patches, Patch) else join(patches)
    metric = Patch(patch.vertices, patch.faces, patch.vertices[:, :2].copy())
    return visual_part(metric, Material(name=TOP_MATERIAL, color=color, roughness=roughness), crease=np.radians(50))


def rectangle(width: float, depth: float) -> tuple[tuple[float, float], ...]:
    """Corners of a rectangle about the origin, counter-clockwise."""
    x, y = width / 2, depth / 2
    return ((-x, -y), (x, -y), (x, y), (-x, y))


def dining_table(rng: np.random.Generator) -> Recipe:
    """A wooden table on four legs."""
    width, depth, height = rng.uniform([1.0, 1.4, 0.72], [1.2, 1.8, 0.76])
    top, leg, inset = 0.035, 0.06, 0.06
    wood = paint(rng, ["brown"])
    grain = to_albedo(wood_grain(rng, wood))
    legs = [(sx * (width / 2 - inset), sy * (depth / 2 - inset)) for sx in (-1, 1) for sy in (-1, 1)]
    leg_size: Array = np.array([leg, leg, height - top])
    centers = [(x, y, (height - top) / 2) for x, y in legs]
    patches = [patch for center in centers for patch in box(leg_size, 0.004, center)]
    return Recipe(
        role="table",
        group="furniture",
        parts=(
            top_part(box((width, depth, top), 0.006, (0, 0, height - top / 2)), wood),
            visual_part(patches, Material(name="legs", roughness=0.6), grain),
        ),
        hulls=(
            box_hull((width, depth, top), (0, 0, height - top / 2)),
            *(box_hull(leg_size, center) for center in centers),
        ),
        density=500.0,
        material="wooden",
        synonyms=("table",),
        support=SupportSurface(height=float(height), outline=rectangle(width, depth)),
    )
