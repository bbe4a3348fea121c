"""Materials of things that differ from look to look, within what keeps words true of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.asset import VisualPart
from assets_index.describe import dominant_color
from assets_index.textures import texture
from assets_index.transforms import Vec3
from assets_index.words import COLORS, color_indices, color_word
from renderers.look import Finish, SurfaceLook
from renderers.look_axes import FinishAxis, Patterns
from renderers.scene import RenderBody

GRAINS: dict[str, Patterns] = {
    "wooden": ("wood-oak", "wood-walnut", "wood-pine", "wood-maple", "wood-cherry", "wood-teak"),
    "metal": ("steel-brushed", "brass-brushed"),
    "fabric": ("cotton-*", "linen-*", "felt-*", "knit-*"),
    "leather": ("leather-*",),
    "stone": ("marble-*", "granite-*", "travertine"),
    "cardboard": ("cardboard",),
    "rubber": ("rubber-*",),
    "wicker": ("wicker",),
}
"""Textures whose pattern a thing of a material may show; what it is made of is said of it, so no other will do."""

GRAIN_SCALE = (0.15, 0.4)
"""Of the tiles, which are of the size of table tops."""

TRUE_SHARE = 0.8
"""Share of a pattern that must be called by the colour that it is laid over."""


def sample_finish(axis: FinishAxis, rng: np.random.Generator, body: RenderBody, texture_ids: Sequence[str]) -> Finish:
    """Draw how a body differs from its own materials.

    A change of colour after which any part, or the whole, would be called by another colour is refused, and so is a
    pattern that is of another colour in places.
    """
    roughness, metallic = rng.uniform(*axis.roughness_scale), rng.uniform(*axis.metallic)
    r, g, b = (float(factor) for factor in 1.0 + rng.uniform(-axis.tint, axis.tint, 3))
    color = (r, g, b) if keeps_words(body.parts, (r, g, b)) else (1.0, 1.0, 1.0)
    grain = _grain(axis, rng, body, texture_ids)
    if grain is not None and not pattern_keeps_words(body.parts, color, grain.texture_id):
        grain = None
    return Finish(roughness_scale=float(roughness), metallic=float(metallic), color=color, grain=grain)


def keeps_words(parts: Sequence[VisualPart], factors: Vec3) -> bool:
    """Whether every part, and all of them together, are of the same colour in words when their colours are scaled."""
    if not parts:
        return True
    changed = [tinted(part, factors) for part in parts]
    groups = [(parts, changed)]
    if len(parts) > 1:
        groups += [([old], [new]) for old, new in zip(parts, changed, strict=True)]
    return all(dominant_color(old) == dominant_color(new) for old, new in groups)


def pattern_keeps_words(parts: Sequence[VisualPart], factors: Vec3, texture_id: str) -> bool:
    """Whether a pattern over scaled plain colours is, on the whole and nearly everywhere, called as they are."""
    plain = {tinted(part, factors).material.color for part in parts if part.albedo is None}
    for color in plain:
        shades, word = grain_pattern(texture_id, color)[::16, ::16].reshape(-1, 3) / 255.0, color_word(color)
        share = float((color_indices(shades) == COLORS.index(word)).mean())
        if share < TRUE_SHARE or color_word(shades.mean(0)) != word:
            return False
    return True


@lru_cache(maxsize=32)  # the colours of one look, which no other has; 3/4 MB each
def grain_pattern(texture_id: str, color: Vec3) -> NDArray[np.uint8]:
    """A procedural texture in shades of one sRGB colour, (H, W, 3); the same array for the same arguments."""
    gray = cv2.cvtColor(texture(texture_id).albedo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    shade = np.clip(gray / gray.mean(), 0.75, 1.25)
    return np.clip(np.rint(255.0 * shade[..., None] * np.array(color, np.float32)), 0, 255).astype(np.uint8)


def tinted(part: VisualPart, factors: Vec3) -> VisualPart:
    """A part whose base colour is scaled."""
    r, g, b = (min(1.0, channel * factor) for channel, factor in zip(part.material.color, factors, strict=True))
    return replace(part, material=part.material.model_copy(update={"color": (r, g, b)}))


def _grain(
    axis: FinishAxis, rng: np.random.Generator, body: RenderBody, texture_ids: Sequence[str]
) -> SurfaceLook | None:
    patterns = GRAINS.get(body.material or "", ())
    ids = sorted(name for name in texture_ids if any(fnmatchcase(name, pattern) for pattern in patterns))
    if not ids or rng.random() >= axis.grain:
        return None
    return SurfaceLook(
        texture_id=ids[rng.integers(len(ids))],
        scale=float(rng.uniform(*GRAIN_SCALE)),
        rotation=float(rng.uniform(0.0, 2 * np.pi)),
    )
