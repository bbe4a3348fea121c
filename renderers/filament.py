"""Physically based pictures by Filament, on Vulkan (Mesa's lavapipe where there is no GPU).

Filament gets the scene piece by piece and no `MjModel`: a picture costs no simulation step.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from mujoco import mjrf
from numpy.typing import NDArray

from assets_index.transforms import Array, rotation_z
from renderers.backends import Quality
from renderers.camera import CameraView
from renderers.drawables import FLOOR, Drawable, drawables
from renderers.environment import Environment, environment
from renderers.filament_device import Device, Settings, Target, pinhole, require_vulkan
from renderers.frame import Frame
from renderers.ktx import encode
from renderers.lighting import Lighting, balanced
from renderers.look import LampLook, Look
from renderers.scene import Poses, RenderScene
from renderers.surface_maps import SurfaceMaps, tangent_frames

NEAR, FAR = 0.02, 20.0
"""Clipping planes, metres."""

DOME_INTENSITY = 19000.0
"""Image light intensity at which radiance 1 in the dome is shown as 1, measured with tone mapping off."""

SUN_INTENSITY = np.pi * DOME_INTENSITY
"""Illuminance at which a white surface that faces the directional light is white."""

LAMP_INTENSITY = np.pi * DOME_INTENSITY
"""Luminous intensity at which a white surface at 1 m that faces a lamp is white."""

LAMP_RANGE = 8.0
"""Distance at which the light of a lamp ends, metres."""


@dataclass(frozen=True)
class Preset:
    """What makes a quality.

    Attributes:
        settings: `filament.*` flags.
        oversampling: the colour picture is drawn so many times wider and higher, and averaged down. (Filament's own
            multisampling has no effect on lavapipe.)
        shadow_map: edge of the shadow map in texels.
    """

    settings: Settings
    oversampling: int
    shadow_map: int


PRESETS: dict[Quality, Preset] = {
    "fast": Preset({"ao.enabled": 0, "shadows.type": "pcf"}, oversampling=1, shadow_map=512),
    "quality": Preset({"ao.enabled": 1, "shadows.type": "pcf"}, oversampling=2, shadow_map=2048),
}


class FilamentRenderer:
    """The default backend: image-based light, one light with shadows, metallic-roughness materials.

    Every `open` starts a fresh engine (about 0.2 s). Filament dithers with numbers that the engine draws one a
    frame, so a frame's bytes depend on how many came before it; this way they depend on the scene, the look and the
    order of drawing since `open`, and on nothing else. It is also the surest way to give all memory back.

    Attributes:
        name: "filament".
        width, height: pixels of every picture.
    """

    name = "filament"

    def __init__(self, width: int, height: int, quality: Quality = "fast") -> None:
        require_vulkan()
        self.width, self.height = width, height
        self._preset = PRESETS[quality]
        self._stage: _Stage | None = None

    def open(self, scene: RenderScene, look: Look) -> None:
        """Put a scene on a fresh device."""
        self.close()
        self._stage = _Stage(self.width, self.height, self._preset, scene, look)

    def draw(self, poses: Poses, view: CameraView, *, depth: bool = False, ids: bool = False) -> Frame:
        """One picture of the open scene."""
        assert self._stage is not None, "open a scene before drawing"
        assert (view.width, view.height) == (self.width, self.height), "the view has another size than the renderer"
        return self._stage.draw(poses, view, depth, ids)

    def close(self) -> None:
        """Free everything; may be called twice."""
        self._stage = None


class _Stage:
    """An engine with one scene in it, turned so that the dome's azimuth 0 is its x axis.

    Filament cannot turn an image light, so all else is turned the other way.
    """

    def __init__(self, width: int, height: int, preset: Preset, scene: RenderScene, look: Look) -> None:
        self._device = Device()
        self._scene = self._device.scene(preset.settings)
        self._rgb = Target(self._device, preset.oversampling * width, preset.oversampling * height)
        self._ids = Target(self._device, width, height)
        self._depth = Target(self._device, width, height, depth=True)
        self._turn = np.eye(4)
        self._turn[:3, :3] = rotation_z(-look.dome.rotation)
        lighting = balanced(look, scene.surfaces)
        self._add_dome(environment(look.dome.dome_id, scene.surfaces), lighting)
        self._add_sun(look, lighting, preset.shadow_map)
        self._lamps = [self._lamp(lamp, radiance) for lamp, radiance in zip(look.lamps, lighting.lamps, strict=True)]
        self._textures: dict[int, mjrf.Texture] = {}
        self._pieces = [(piece, self._add(piece)) for piece in drawables(scene, look)]

    def draw(self, poses: Poses, view: CameraView, depth: bool, ids: bool) -> Frame:
        for piece, renderable in self._pieces:
            _place(renderable, self._turn @ poses[piece.body] if piece.body != FLOOR else self._turn)
        camera = pinhole(view, self._turn @ view.T_world_camera, NEAR, FAR)
        mode = mjrf.DrawMode
        frame = Frame(
            view=view,
            rgb=_averaged(self._rgb.render(self._scene, camera, mode.DRAW_MODE_DEFAULT), view),
            depth=_metres(self._depth.render(self._scene, camera, mode.DRAW_MODE_DEPTH)) if depth else None,
            ids=_packed(self._ids.render(self._scene, camera, mode.DRAW_MODE_SEGMENTATION_BY_ID)) if ids else None,
        )
        self._device.free_payloads()
        return frame

    def _add(self, piece: Drawable) -> mjrf.Renderable:
        """Put one piece of surface into the scene."""
        part = piece.part
        material = mjrf.Material(
            color=np.array([*part.material.color, 1.0], np.float32),
            segmentation_id=piece.instance_id,
            roughness=piece.roughness,
            metallic=piece.metallic,
        )
        if part.albedo is not None:
            material.color_texture = self._texture(part.albedo)
        if piece.maps is not None:
            self._add_maps(material, piece.maps)
        renderable = self._device.context.create_renderable(mjrf.RenderableParams(cast_shadow=piece.body != FLOOR))
        mapped = piece.maps is not None and piece.maps.normals is not None
        renderable.set_mesh(self._device.mesh(part, tangent_frames(part) if mapped else None), 0, part.faces.size)
        renderable.set_material(material)
        self._scene.add_renderable(renderable)
        return renderable

    def _add_maps(self, material: mjrf.Material, maps: SurfaceMaps) -> None:
        """Normals, and roughness and metal in place of the material's numbers."""
        if maps.normals is not None:
            material.normal_texture = self._texture(maps.normals, color=False)
        if maps.roughness_metallic is not None:
            material.orm_texture = self._texture(maps.roughness_metallic, color=False)
            material.roughness = material.metallic = 1.0

    def _texture(self, image: NDArray[np.uint8], *, color: bool = True) -> mjrf.Texture:
        """A picture on the device; by identity: the pieces keep the array, so no other one can have it."""
        if id(image) not in self._textures:
            self._textures[id(image)] = self._device.texture(image, color=color)
        return self._textures[id(image)]

    def _add_dome(self, dome: Environment, lighting: Lighting) -> None:
        """Image light and skybox, both of the colour and brightness wanted."""
        scale = lighting.dome_scale
        texture = self._device.dome(encode([level * scale for level in dome.levels], dome.harmonics * scale))
        light = mjrf.LightParams(type=mjrf.LightType.LIGHT_IMAGE, texture=texture, intensity=DOME_INTENSITY)
        self._dome = (texture, self._device.context.create_light(light))
        self._scene.add_light(self._dome[1])
        self._scene.set_skybox(texture)

    def _add_sun(self, look: Look, lighting: Lighting, shadow_map: int) -> None:
        strongest = max(float(lighting.sun.max()), 1e-9)
        light = mjrf.LightParams(
            type=mjrf.LightType.LIGHT_DIRECTIONAL,
            color=(lighting.sun / strongest).astype(np.float32),
            intensity=strongest * SUN_INTENSITY,
            cast_shadow=look.light.casts_shadow,
            shadow_map_size=shadow_map,
        )
        self._sun = self._device.context.create_light(light)
        direction = self._turn[:3, :3] @ np.array(look.light.direction)
        self._sun.set_pose(np.zeros(3, np.float32), direction.astype(np.float32))
        self._scene.add_light(self._sun)

    def _lamp(self, lamp: LampLook, radiance: Array) -> mjrf.Light:
        strongest = max(float(radiance.max()), 1e-9)
        light = self._device.context.create_light(
            mjrf.LightParams(
                type=mjrf.LightType.LIGHT_POINT,
                color=(radiance / strongest).astype(np.float32),
                intensity=strongest * LAMP_INTENSITY,
                range=LAMP_RANGE,
                cast_shadow=False,
            )
        )
        position = self._turn[:3, :3] @ np.array(lamp.position)
        light.set_pose(position.astype(np.float32), np.array([0.0, 0.0, -1.0], np.float32))
        self._scene.add_light(light)
        return light


def _averaged(pixels: NDArray[np.uint8], view: CameraView) -> NDArray[np.uint8]:
    """A copy of the picture at the view's size."""
    if pixels.shape[:2] == (view.height, view.width):
        return pixels.copy()
    return np.asarray(cv2.resize(pixels, (view.width, view.height), interpolation=cv2.INTER_AREA))


def _place(renderable: mjrf.Renderable, T_scene_body: Array) -> None:
    renderable.set_pose(T_scene_body[:3, 3].astype(np.float32), T_scene_body[:3, :3].astype(np.float32).ravel())


def _metres(buffer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Depth from Filament's reversed buffer: 1 at the near plane, 0 at the far one and where nothing is."""
    return np.where(buffer > 0, NEAR * FAR / (buffer * (FAR - NEAR) + NEAR), np.inf).astype(np.float32)


def _packed(pixels: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Instance ids, low byte first."""
    return np.ascontiguousarray(pixels[..., :2]).view("<u2")[..., 0]
