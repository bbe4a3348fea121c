"""Physically based pictures by Filament, on Vulkan (Mesa's lavapipe where there is no GPU).

Filament gets the scene piece by piece and no `MjModel`: meshes and textures that one scene shares with the next stay on the
device, and a picture costs no simulation step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal, TypeVar

import numpy as np
from mujoco import mjrf
from numpy.typing import NDArray

from assets_index.transforms import Array, rotation_z
from renderers.camera import CameraView
from renderers.drawables import FLOOR, Drawable, drawables
from renderers.environment import environment
from renderers.filament_device import (
    Settings,
    Target,
    create_context,
    create_dome,
    create_mesh,
    create_scene,
    create_texture,
    pinhole,
)
from renderers.frame import Frame
from renderers.ktx import encode
from renderers.lighting import balanced
from renderers.look import Look
from renderers.scene import Poses, RenderScene

Quality = Literal["fast", "quality"]

NEAR, FAR = 0.02, 20.0
"""Clipping planes, metres."""

DOME_INTENSITY = 38400.0
"""Image light intensity at which radiance 1 in the dome is white: 1 / exposure of Filament's camera (EV100 about 15)."""

SUN_INTENSITY = np.pi * DOME_INTENSITY
"""Illuminance at which a white surface that faces the directional light is white."""

SETTINGS: dict[Quality, Settings] = {
    "fast": {"ao.enabled": 0, "msaa.enabled": 0, "shadows.type": "pcf"},
    "quality": {"ao.enabled": 1, "msaa.enabled": 1, "shadows.type": "pcss"},
}
SAMPLES: dict[Quality, int] = {"fast": 1, "quality": 4}
SHADOW_MAP: dict[Quality, int] = {"fast": 1024, "quality": 2048}



class FilamentRenderer:
    """The default backend: image-based light, one light with shadows, metallic-roughness materials.

    Attributes:
        name: "filament".
        width, height: pixels of every picture.
    """

    name = "filament"

    def __init__(self, width: int, height: int, quality: Quality = "fast") -> None:
        self.width, self.height = width, height
        context = create_context()
        self._context = context
        self._scene = create_scene(context, SETTINGS[quality])
        self._scene.set_msaa(SAMPLES[quality])
        self._sun = context.create_light(
            mjrf.LightParams(
                type=mjrf.LightType.LIGHT_DIRECTIONAL, shadow_map_size=SHADOW_MAP[quality], bulb_radius=0.03
            )
        )
        self._scene.add_light(self._sun)
        self._rgb = Target(context, width, height)
        self._ids = Target(context, width, height)
        self._depth = Target(context, width, height, depth=True)
        self._meshes = DeviceCopies(lambda part: create_mesh(context, part), lambda part: (part.vertices, part.uv))
        self._textures = DeviceCopies(lambda image: create_texture(context, image), lambda image: (image,))
        self._pieces: list[tuple[str, mjrf.Renderable]] = []
        self._dome_light: mjrf.Light | None = None
        self._dome_texture: mjrf.Texture | None = None
        self._turn = np.eye(4)

    def open(self, scene: RenderScene, look: Look) -> None:
        """Put a scene on the device; meshes and textures that the one before had too are not sent again."""
        self._clear()
        for piece in drawables(scene, look):
            self._add(piece)
        self._meshes.forget_unused()
        self._textures.forget_unused()
        self._light(look)

    def draw(self, poses: Poses, view: CameraView, *, depth: bool = False, ids: bool = False) -> Frame:
        """One picture of the open scene, by the size the renderer was made for."""
        for body, renderable in self._pieces:
            if body != FLOOR:
                _place(renderable, self._turn @ poses[body])
        T_dome_camera = self._turn @ view.T_world_camera
        camera = pinhole(view.K, T_dome_camera, view.width, view.height, NEAR, FAR)
        mode = mjrf.DrawMode
        rgb = self._rgb.render(self._scene, camera, mode.DRAW_MODE_DEFAULT).copy()
        return Frame(
            view=view,
            rgb=rgb,
            depth=_metres(self._depth.render(self._scene, camera, mode.DRAW_MODE_DEPTH)) if depth else None,
            ids=_ids(self._ids.render(self._scene, camera, mode.DRAW_MODE_SEGMENTATION_BY_ID)) if ids else None,
        )

    def close(self) -> None:
        """Free the device."""
        if self._context is None:
            return
        self._clear()
        self._scene.remove_light(self._sun)
        self._meshes.forget_unused()
        self._textures.forget_unused()
        self._sun = self._rgb = self._ids = self._depth = self._scene = self._context = None

    def _add(self, piece: Drawable) -> None:
        part = piece.part
        material = mjrf.Material(
            color=np.array([*part.material.color, 1.0], np.float32),
            segmentation_id=piece.instance_id,
            roughness=piece.roughness,
            metallic=piece.metallic,
        )
        if part.albedo is not None:
            material.color_texture = self._textures.of(part.albedo)
        renderable = self._context.create_renderable(mjrf.RenderableParams(cast_shadow=piece.body != FLOOR))
        renderable.set_mesh(self._meshes.of(part), 0, part.faces.size)
        renderable.set_material(material)
        _place(renderable, np.eye(4))
        self._scene.add_renderable(renderable)
        self._pieces.append((piece.body, renderable))

    def _light(self, look: Look) -> None:
        """Dome, directional light and skybox.

        Filament cannot turn an image light, so everything else is turned the other way round.
        """
        lighting = balanced(look)
        self._turn[:3, :3] = rotation_z(-look.dome.rotation)
        dome = environment(look.dome.dome_id)
        ktx = encode([level * lighting.dome_scale for level in dome.levels], dome.harmonics * lighting.dome_scale)
        self._dome_texture = create_dome(self._context, ktx)
        self._dome_light = self._context.create_light(
            mjrf.LightParams(type=mjrf.LightType.LIGHT_IMAGE, texture=self._dome_texture, intensity=DOME_INTENSITY)
        )
        self._scene.add_light(self._dome_light)
        self._scene.set_skybox(self._dome_texture)
        strongest = max(float(lighting.sun.max()), 1e-9)
        self._sun.set_color((lighting.sun / strongest).astype(np.float32))
        self._sun.set_intensity(strongest * SUN_INTENSITY)
        self._sun.set_cast_shadow(look.light.casts_shadow)
        direction = self._turn[:3, :3] @ np.array(look.light.direction)
        self._sun.set_pose(np.zeros(3, np.float32), direction.astype(np.float32))

    def _clear(self) -> None:
        """Take everything of the open scene out of Filament's; the order matters to it."""
        for _, renderable in self._pieces:
            self._scene.remove_renderable(renderable)
        self._pieces.clear()
        if self._dome_light is not None:
            self._scene.remove_light(self._dome_light)
        self._dome_light = None


Source = TypeVar("Source")
Handle = TypeVar("Handle")


class DeviceCopies(Generic[Source, Handle]):
    """Things sent to the device, by the identity of their arrays, for as long as scenes use them."""

    def __init__(self, send: Callable[[Source], Handle], arrays: Callable[[Source], tuple[object, ...]]) -> None:
        self._send, self._arrays = send, arrays
        self._kept: dict[tuple[int, ...], tuple[Source, Handle]] = {}
        self._used: set[tuple[int, ...]] = set()

    def of(self, source: Source) -> Handle:
        """The device's copy."""
        key = tuple(id(array) for array in self._arrays(source))
        if key not in self._kept:
            # The source is kept with its copy, so that no other array can get the same identity.
            self._kept[key] = (source, self._send(source))
        self._used.add(key)
        return self._kept[key][1]

    def forget_unused(self) -> None:
        """Free what was not asked for since the last call."""
        self._kept = {key: self._kept[key] for key in self._kept if key in self._used}
        self._used = set()


def _place(renderable: mjrf.Renderable, T_world_body: Array) -> None:
    renderable.set_pose(T_world_body[:3, 3].astype(np.float32), T_world_body[:3, :3].astype(np.float32).ravel())


def _metres(buffer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Depth from Filament's reversed buffer: 1 at the near plane, 0 at the far one and where nothing is."""
    with np.errstate(divide="ignore"):
        return np.where(buffer > 0, NEAR * FAR / (buffer * (FAR - NEAR) + NEAR), np.inf).astype(np.float32)


def _ids(pixels: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Instance ids, low byte first."""
    return pixels[..., 0].astype(np.uint16) | pixels[..., 1].astype(np.uint16) << 8
