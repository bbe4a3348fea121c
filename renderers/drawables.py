"""What a backend draws: the parts of a scene with the materials that a look gives them.

All backends draw from this list, so that they show the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets_index.asset import Material, VisualPart
from assets_index.textures import texture
from assets_index.transforms import Vec3, rotation_z
from renderers.look import Look, SurfaceLook
from renderers.scene import BACKGROUND_ID, TABLE_TOP, RenderBody, RenderScene

FLOOR = "floor"
"""Name of the floor's drawable; it has no pose."""

LEAST_ROUGHNESS = 0.1
"""Smoother surfaces show single bright texels of the dome."""

FLOOR_EXTENT = 3.0
"""Half the edge of the floor, metres."""


@dataclass(frozen=True)
class Drawable:
    """One piece of surface with one material.

    Attributes:
        body: name of the body it moves with, or `FLOOR`.
        instance_id: value of its pixels in `Frame.ids`.
        part: its geometry, albedo map and base colour.
        roughness, metallic: what the look makes of the material.
    """

    body: str
    instance_id: int
    part: VisualPart
    roughness: float
    metallic: float


def drawables(scene: RenderScene, look: Look) -> tuple[Drawable, ...]:
    """Everything to be drawn, the floor last.

    Raises:
        MissingAsset: if the look names a texture that does not exist.
    """
    pieces = [_piece(body, part, look) for body in scene.bodies for part in body.parts]
    floor = surface_part(_floor_part(scene.floor_height), look.floor)
    return (*pieces, Drawable(FLOOR, BACKGROUND_ID, floor, look.floor.roughness, floor.material.metallic))


def _piece(body: RenderBody, part: VisualPart, look: Look) -> Drawable:
    if body.kind == "table" and part.material.name == TABLE_TOP:
        top = surface_part(part, look.table)
        return Drawable(body.name, body.instance_id, top, look.table.roughness, top.material.metallic)
    scale = look.finishes[body.name].roughness_scale if body.name in look.finishes else 1.0
    roughness = min(max(part.material.roughness * scale, LEAST_ROUGHNESS), 1.0)
    return Drawable(body.name, body.instance_id, part, roughness, part.material.metallic)


def surface_part(part: VisualPart, surface: SurfaceLook) -> VisualPart:
    """A part covered with a texture at its real size, each face mapped along the axis it faces most."""
    tile = texture(surface.texture_id)
    across = np.array([[1, 2], [0, 2], [0, 1]])[np.abs(part.normals).argmax(axis=1)]
    plane = np.take_along_axis(part.vertices, across, axis=1)
    uv = plane @ rotation_z(-surface.rotation)[:2, :2].T / (tile.tile_size * surface.scale)
    material = part.material.model_copy(
        update={"color": (1.0, 1.0, 1.0), "roughness": surface.roughness, "metallic": tile.metallic}
    )
    return VisualPart(
        vertices=part.vertices,
        faces=part.faces,
        normals=part.normals,
        uv=uv.astype(np.float32),
        material=material,
        albedo=tile.albedo,
    )


def _floor_part(height: float) -> VisualPart:
    e = FLOOR_EXTENT
    corners: tuple[Vec3, ...] = ((-e, -e, height), (e, -e, height), (e, e, height), (-e, e, height))
    return VisualPart(
        vertices=np.array(corners, np.float32),
        faces=np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        uv=None,
        material=Material(name=FLOOR),
    )
