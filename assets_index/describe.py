"""Attributes that are measured off an asset's surface and hulls, so that every word is true of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from assets_index.asset import Attributes, Role, VisualPart
from assets_index.mass import convex_volume
from assets_index.transforms import Array
from assets_index.words import COLORS, color_indices, color_word, size_word

DOMINANT_SHARE = 0.5  # of the surface that must have a colour before the whole is named by it
_BARYCENTRIC = np.array([[1 / 3, 1 / 3, 1 / 3], [0.6, 0.2, 0.2], [0.2, 0.6, 0.2], [0.2, 0.2, 0.6]])


def surface_colors(parts: Sequence[VisualPart]) -> tuple[Array, Array]:
    """Samples of the surface's colour: sRGB in 0..1, (S, 3), and the area each stands for in square metres, (S,)."""
    colors, areas = [], []
    for part in parts:
        corners = part.vertices[part.faces].astype(float)
        area = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=-1)
        colors.append(_sample_part(part).reshape(-1, 3))
        areas.append(np.repeat(area / len(_BARYCENTRIC), len(_BARYCENTRIC)))
    return np.concatenate(colors), np.concatenate(areas)


def _sample_part(part: VisualPart) -> Array:
    """Colour at four points of every face, (F, 4, 3)."""
    shape = (len(part.faces), len(_BARYCENTRIC), 3)
    if part.albedo is None or part.uv is None:
        return np.broadcast_to(np.asarray(part.material.color), shape)
    height, width = part.albedo.shape[:2]
    uv = np.einsum("sc,fcd->fsd", _BARYCENTRIC, part.uv[part.faces].astype(float)) % 1.0
    column = np.minimum((uv[..., 0] * width).astype(int), width - 1)
    row = np.minimum(((1.0 - uv[..., 1]) * height).astype(int), height - 1)
    return part.albedo[row, column] / 255.0 * np.asarray(part.material.color)


def dominant_color(parts: Sequence[VisualPart]) -> str | None:
    """The word for the colour of most of the surface; None where no single word is certain.

    The word must name at least half of the surface and also its mean colour.
    """
    colors, areas = surface_colors(parts)
    share = np.bincount(color_indices(colors), weights=areas, minlength=len(COLORS)) / areas.sum()
    word = COLORS[int(np.argmax(share))]
    mean = (colors * areas[:, None]).sum(0) / areas.sum()
    return word if share.max() >= DOMINANT_SHARE and color_word(mean) == word else None


def outline_word(vertices: Array) -> str | None:
    """Shape of the outline seen from above: round, oval, square or rectangular."""
    width, depth = np.ptp(vertices[:, :2], axis=0)
    outline = shapely.MultiPoint(vertices[:, :2]).convex_hull
    filled = outline.area / (width * depth)
    equal = max(width, depth) < 1.12 * min(width, depth)
    if filled > 0.9:
        return "square" if equal else "rectangular"
    if 0.74 < filled < 0.82:
        return "round" if equal else "oval"
    return None


def solid_word(vertices: Array) -> str | None:
    """Shape of a graspable body from its convex hull in the asset frame; None where no word is certain."""
    extents = np.ptp(vertices, axis=0)
    short, middle, long = np.sort(extents)
    filled = convex_volume(vertices) / float(np.prod(extents))
    if long > 4.0 * middle:
        return "elongated"
    if short < 0.34 * middle and filled > 0.62:
        return "flat"
    if filled > 0.9:
        return "box-shaped"
    discs = [_disc(np.delete(vertices, axis, axis=1)) for axis in range(3)]
    if long < 1.25 * short and all(discs):
        return "round"
    if 0.7 < filled < 0.82 and any(discs):
        return "cylindrical"
    return "elongated" if max(extents[:2]) > 2.2 * middle else None


def _disc(outline: Array) -> bool:
    """Whether the convex hull of planar points (N, 2) is nearly a circle."""
    width, depth = np.ptp(outline, axis=0)
    filled = shapely.MultiPoint(outline).convex_hull.area / (width * depth)
    return bool(max(width, depth) < 1.2 * min(width, depth) and 0.7 < filled < 0.84)


def measured_attributes(
    parts: Sequence[VisualPart], hulls: Sequence[Array], role: Role, material: str | None = None
) -> Attributes:
    """Colour, shape and size as they are; the material is taken on trust, for it cannot be measured."""
    vertices = np.concatenate(hulls)
    return Attributes(
        color=dominant_color(parts),
        material=material,
        shape=solid_word(vertices) if role == "object" else outline_word(vertices),
        size=size_word(np.ptp(vertices, axis=0), role),
    )
