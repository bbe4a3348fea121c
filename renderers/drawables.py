"""What a backend draws: the parts of a scene with the materials that a look gives them.

All backends draw from this list, so that they show the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import VisualPart
from assets_index.surface_library import SurfaceLibrary
from assets_index.surfaces import Texture
from assets_index.textures import texture
from assets_index.transforms import Vec3, rotation_z
from renderers.finishes import grain_pattern, tinted
from renderers.look import Finish, Look, SurfaceLook
from renderers.scene import BACKGROUND_ID, TABLE_TOP, RenderBody, RenderScene
from renderers.surface_maps import LEAST_ROUGHNESS, SurfaceMaps, surface_maps
from renderers.surroundings import surroundings

FLOOR = "floor"
"""Name of the body of all that is fixed in the world: floor, walls, furniture. It has no pose."""

NO_TINT: Vec3 = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Drawable:
    """One piece of surface with one material.

    Attributes:
        body: name of the body it moves with, or `FLOOR`.
        instance_id: value of its pixels in `Frame.ids`.
        part: its geometry, albedo map and base colour.
        roughness, metallic: what the look makes of the material; means of what varies over `maps`.
        maps: what varies over the surface besides its colour; None where nothing does.
    """

    body: str
    instance_id: int
    part: VisualPart
    roughness: float
    metallic: float
    maps: SurfaceMaps | None = None


def drawables(scene: RenderScene, look: Look) -> tuple[Drawable, ...]:
    """Everything to be drawn, the background last: floor, walls, furniture.

    Raises:
        MissingAsset: if the look names a texture that does not exist.
    """
    solid = ((body, part) for body in scene.bodies for whole in body.parts if (part := with_area(whole)) is not None)
    pieces = [_piece(body, part, look, scene.surfaces) for body, part in solid]
    background = (_background(*piece, scene.surfaces) for piece in surroundings(look, scene.floor_height))
    return (*pieces, *background)


def with_area(part: VisualPart) -> VisualPart | None:
    """A part without the faces that have no area, which engines stumble over; None if there are no others."""
    a, b, c = np.moveaxis(part.vertices[part.faces], 1, 0)
    solid = np.any(np.cross(b - a, c - a) != 0.0, axis=1)
    if solid.all() and len(solid):
        return part
    return replace(part, faces=part.faces[solid]) if solid.any() else None


def _background(part: VisualPart, surface: SurfaceLook, surfaces: SurfaceLibrary) -> Drawable:
    return _covered(FLOOR, BACKGROUND_ID, part, surface, surfaces.texture(surface.texture_id))


def _covered(body: str, instance_id: int, part: VisualPart, surface: SurfaceLook, tile: Texture) -> Drawable:
    maps = surface_maps(tile, surface.roughness)
    return Drawable(body, instance_id, surface_part(part, surface, tile), surface.roughness, tile.metallic, maps)


def _piece(body: RenderBody, part: VisualPart, look: Look, surfaces: SurfaceLibrary) -> Drawable:
    if body.kind == "table" and part.material.name == TABLE_TOP:
        return _covered(body.name, body.instance_id, part, look.table, surfaces.texture(look.table.texture_id))
    finish, metallic = look.finishes.get(body.name, Finish()), part.material.metallic
    if metallic > 0.0:
        metallic = min(max(metallic + finish.metallic, 0.0), 1.0)
    roughness = min(max(part.material.roughness * finish.roughness_scale, LEAST_ROUGHNESS), 1.0)
    if finish.color != NO_TINT:
        part = tinted(part, finish.color)
    if finish.grain is not None and part.albedo is None:
        part = grained_part(part, finish.grain)
    return Drawable(body.name, body.instance_id, part, roughness, metallic)


def grained_part(part: VisualPart, grain: SurfaceLook) -> VisualPart:
    """A plain part with the light and dark of a texture laid over its colour, which stays what it is on the whole."""
    pattern = grain_pattern(grain.texture_id, part.material.color)
    return replace(
        part,
        uv=_uv(part, texture(grain.texture_id).tile_size * grain.scale, grain.rotation),
        material=part.material.model_copy(update={"color": (1.0, 1.0, 1.0)}),
        albedo=pattern,
    )


def surface_part(part: VisualPart, surface: SurfaceLook, tile: Texture) -> VisualPart:
    """A part covered with a texture at its real size, each face mapped along the axis it faces most."""
    material = part.material.model_copy(
        update={"color": (1.0, 1.0, 1.0), "roughness": surface.roughness, "metallic": tile.metallic}
    )
    uv = _uv(part, tile.tile_size * surface.scale, surface.rotation)
    return replace(part, uv=uv, material=material, albedo=tile.albedo)


def _uv(part: VisualPart, tile_size: float, rotation: float) -> NDArray[np.float32]:
    """Texture coordinates (V, 2) of tiles of a size in metres, turned, along the axis that each vertex faces most.

    Seen from outside no face is mirrored.
    """
    axis = np.abs(part.normals).argmax(axis=1)
    plane = np.take_along_axis(part.vertices, np.array([[1, 2], [0, 2], [0, 1]])[axis], axis=1)
    away = np.take_along_axis(part.normals, axis[:, None], axis=1) < 0.0
    mirrored = away != (axis[:, None] == 1)
    plane = plane * np.where(mirrored, [-1.0, 1.0], [1.0, 1.0])
    return (plane @ rotation_z(-rotation)[:2, :2].T / tile_size).astype(np.float32)
