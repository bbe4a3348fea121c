"""Price tags: plaques that lie on the table and show a number."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from assets_index.asset import Material
from assets_index.procedural.collision import box_hull
from assets_index.procedural.paint import Albedo, choose, paint, to_albedo
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import box, visual_part
from assets_index.transforms import Vec3

PRICES = range(1, 31)
SIGN = "$"
"""Says which way up a number is meant, so that 6 is not taken for 9."""

_PIXELS = 128


def price_tag(rng: np.random.Generator) -> Recipe:
    """A square plaque with a price printed on it as large as it fits."""
    edge, height = (float(v) for v in rng.uniform([0.056, 0.015], [0.064, 0.017]))
    base, price = paint(rng, [choose(rng, ("white", "yellow"))]), f"{SIGN}{rng.choice(PRICES)}"
    *sides, top = box((edge, edge, height), 0.0015, (0, 0, height / 2))
    return Recipe(
        group="stationery",
        parts=(
            visual_part(top, Material(name="print", roughness=0.6), _print(price, base)),
            visual_part(sides, Material(name="card", color=base, roughness=0.6)),
        ),
        hulls=(box_hull((edge, edge, height), (0, 0, height / 2)),),
        density=500.0,
        material="plastic",
        synonyms=("tag", "price label"),
        captions=(f"a price tag that shows {price}",),
        inscription=price,
    )


def _print(text: str, base: Vec3) -> Albedo:
    """The text in black, as large as fits."""
    r, g, b = (int(v) for v in to_albedo(base))
    canvas = Image.new("RGB", (2 * _PIXELS, 2 * _PIXELS), (r, g, b))
    draw = ImageDraw.Draw(canvas)
    size = 1.4 * _PIXELS
    length = draw.textlength(text, font=ImageFont.load_default(size))
    font = ImageFont.load_default(min(size, size * 1.8 * _PIXELS / length))
    draw.text((_PIXELS, _PIXELS), text, font=font, fill=(20, 20, 22), anchor="mm", stroke_width=3)
    return np.asarray(canvas.resize((_PIXELS, _PIXELS), Image.Resampling.BOX))
