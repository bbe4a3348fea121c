"""Meshes with known answers."""

import numpy as np
import trimesh

from assets_index.asset import Material
from assets_index.ingest.load import Surface


def surface_of(mesh: trimesh.Trimesh, color: tuple[float, float, float] = (0.7, 0.1, 0.1)) -> Surface:
    return Surface(np.asarray(mesh.vertices, float), np.asarray(mesh.faces), None, Material(name="m", color=color))


def corners_of(mesh: trimesh.Trimesh) -> np.ndarray:
    return np.asarray(mesh.triangles, float)


def open_box(width: float, depth: float, height: float, wall: float) -> trimesh.Trimesh:
    """A box without a lid, standing on z = 0."""
    outer = trimesh.creation.box((width, depth, height))
    inner = trimesh.creation.box((width - 2 * wall, depth - 2 * wall, height))
    inner.apply_translation((0, 0, wall))
    box = trimesh.boolean.difference([outer, inner])
    box.apply_translation((0, 0, height / 2))
    return box


def cup(radius: float, height: float, wall: float, sections: int = 48) -> trimesh.Trimesh:
    """A round vessel, standing on z = 0."""
    outer = trimesh.creation.cylinder(radius, height, sections=sections)
    inner = trimesh.creation.cylinder(radius - wall, height, sections=sections)
    inner.apply_translation((0, 0, wall))
    made = trimesh.boolean.difference([outer, inner])
    made.apply_translation((0, 0, height / 2))
    return made
