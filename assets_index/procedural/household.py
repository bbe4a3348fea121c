"""Things of kitchen and bath."""

from __future__ import annotations

import numpy as np

from assets_index.asset import Material
from assets_index.procedural.collision import box_hull, box_top
from assets_index.procedural.paint import blend, noise, paint, to_albedo
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import at_height, box, loft, superellipse, visual_part


def sponge(rng: np.random.Generator) -> Recipe:
    """A kitchen sponge with a rough layer on top."""
    length, width, height = (float(v) for v in rng.uniform([0.075, 0.05, 0.03], [0.1, 0.066, 0.038]))
    color, pad = paint(rng, ("yellow", "pink", "blue", "orange")), 0.17 * height
    pores = np.clip(noise(rng, (128, 128), (34, 34)) - 0.3, 0, 1)
    scrub = (0.93, 0.93, 0.9)
    rough = blend(scrub, np.array(scrub) * 0.85, 0.5 + 0.5 * noise(rng, (64, 64), (26, 26)))
    top = height - pad + 0.003  # its rounded upper edge is hidden in the layer
    foam = box((length, width, top), 0.003, (0, 0, top / 2))[:5]
    *sides, _, lid = box((length, width, pad), 0.002, (0, 0, height - pad / 2))
    crease = np.radians(60)
    return Recipe(
        group="household",
        parts=(
            visual_part(
                foam,
                Material(name="foam", roughness=0.95),
                to_albedo(blend(color, np.array(color) * 0.6, pores)),
                crease,
            ),
            visual_part([*sides, lid], Material(name="scrub", roughness=1.0), to_albedo(rough), crease),
        ),
        hulls=(box_hull((length, width, height), (0, 0, height / 2)),),
        density=180.0,
        material="foam",
        synonyms=("scrub sponge", "dish sponge"),
        captions=("a sponge with a white layer on top",),
        support=box_top((length, width, height)),
    )


def soap(rng: np.random.Generator) -> Recipe:
    """A rounded bar of soap with a dent on top."""
    half_x, half_y, height = rng.uniform([0.035, 0.023, 0.024], [0.043, 0.03, 0.03])
    color = paint(rng, ("white", "pink", "green", "yellow", "purple", "blue"))
    levels = [
        (0.86, 0.0),
        (0.95, 0.06),
        (1.0, 0.3),
        (1.0, 0.66),
        (0.95, 0.9),
        (0.86, 0.985),
        (0.76, 1.0),
        (0.66, 0.97),
        (0.5, 0.93),
    ]
    outline = superellipse(36, 3.4)
    rings = [at_height(outline * scale * [half_x, half_y], z * height) for scale, z in levels]
    coarse = superellipse(12, 3.4)
    hull = np.concatenate(
        [
            at_height(coarse * s * [half_x, half_y], z * height)
            for s, z in ((0.88, 0.0), (1.0, 0.3), (1.0, 0.66), (0.86, 1.0))
        ]
    )
    return Recipe(
        group="household",
        parts=(visual_part(loft(rings), Material(name="soap", color=color, roughness=0.35), crease=np.radians(45)),),
        hulls=(hull,),
        density=800.0,
        synonyms=("soap bar", "bar of soap"),
        captions=("a bar of soap",),
    )
