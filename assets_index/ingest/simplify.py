"""Fewer faces and finished normals: from repaired surfaces to visual parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assets_index.asset import VisualPart
from assets_index.decimation import carried_over, decimated
from assets_index.ingest.load import Surface
from assets_index.ingest.repair import clean
from assets_index.procedural.surface import Patch, visual_part

MAX_FACES = 4000
_SMALL = 200  # faces of a surface below which nothing can be spared


def simplified(surfaces: Sequence[Surface], max_faces: int = MAX_FACES) -> list[Surface]:
    """Decimated to about `max_faces` in all by quadric error.

    Faces are left where there is area, and where there were many. Vertices stay split at texture seams, so a seam is a
    border and texture coordinates survive.
    """
    counts = np.array([len(surface.faces) for surface in surfaces])
    if counts.sum() <= max_faces:
        return list(surfaces)
    small = counts <= _SMALL
    weight = np.sqrt(counts * np.array([_area(surface) for surface in surfaces])) * ~small
    budget = max(max_faces - int(counts[small].sum()), max_faces // 2)
    target = np.where(small, counts, np.maximum(_SMALL, budget * weight / max(weight.sum(), 1e-12)))
    return [_decimated(surface, round(most)) for surface, most in zip(surfaces, target, strict=True)]


def _area(surface: Surface) -> float:
    corners = surface.vertices[surface.faces]
    return float(np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum())


def _decimated(surface: Surface, most: int) -> Surface:
    if len(surface.faces) <= most:
        return surface
    vertices, faces = decimated(surface.vertices, surface.faces, most)
    uv = None
    if surface.uv is not None:
        old = surface.vertices[surface.faces]
        uv = carried_over(surface.uv[surface.faces], old, vertices, faces)
    return clean(replace(surface, vertices=vertices, faces=faces.astype(np.intp), uv=uv))


def visual_parts(surfaces: Sequence[Surface]) -> tuple[VisualPart, ...]:
    """Shaded parts, one a material."""
    parts = []
    for surface in surfaces:
        uv = np.zeros((len(surface.vertices), 2)) if surface.uv is None else surface.uv
        part = visual_part(Patch(surface.vertices, surface.faces, uv), surface.material, surface.albedo)
        parts.append(part if surface.uv is not None else replace(part, uv=None))
    return tuple(part for part in parts if len(part.faces))
