"""Filament's engine with the things it draws with: meshes, textures, domes, targets.

`mjrf` (MuJoCo 4.0) is retained-mode: objects live on the device until their Python handles are gone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mujoco
import mujoco.studio.window
import numpy as np
from mujoco import mjrf
from numpy.typing import NDArray

from assets_index.asset import VisualPart
from assets_index.transforms import Array
from renderers.camera import CameraView, frustum
from renderers.errors import RendererUnavailable
from renderers.vulkan import PACKAGES, vulkan_problem

Settings = Mapping[str, float | str]


class Device:
    """A Filament engine on Vulkan.

    Attributes:
        context: for what has no method here.

    Raises:
        RendererUnavailable: if this machine has no Vulkan driver.
    """

    def __init__(self) -> None:
        require_vulkan()
        with _muted_stdout():
            self.context = mjrf.Context(mjrf.ContextConfig(graphics_api=mjrf.GraphicsApi.GRAPHICS_API_VULKAN))
        self._payloads: list[mjrf.MeshData | mjrf.TextureData] = []

    def scene(self, settings: Settings) -> mjrf.Scene:
        """An empty scene with `filament.*` flags set, which can be given only through a model.

        https://mujoco.readthedocs.io/en/latest/programming/filament.html lists them.
        """
        spec = mujoco.MjSpec()
        for name, value in settings.items():
            if isinstance(value, str):
                spec.add_text(name=f"filament.{name}", data=value)
            else:
                spec.add_numeric(name=f"filament.{name}", data=[value], size=1)
        scene = self.context.create_scene(mjrf.SceneParams())
        scene.configure_from_model(spec.compile())
        return scene

    def mesh(self, part: VisualPart, frames: NDArray[np.float32] | None = None) -> mjrf.Mesh:
        """A part's triangles. Row 0 of a texture is the top of the picture, so v is turned round.

        With `surface_maps.tangent_frames` in place of normals, normal maps lie as the colours do.
        """
        usage, kind = mjrf.VertexAttributeUsage, mjrf.VertexAttributeType
        facing = mjrf.VertexAttribute(usage.VERTEX_ATTRIBUTE_USAGE_NORMAL, kind.VERTEX_ATTRIBUTE_TYPE_FLOAT3)
        if frames is not None:
            facing = mjrf.VertexAttribute(usage.VERTEX_ATTRIBUTE_USAGE_TANGENTS, kind.VERTEX_ATTRIBUTE_TYPE_FLOAT4)
        uv = np.zeros((len(part.vertices), 2), np.float32) if part.uv is None else part.uv * [1, -1] + [0, 1]
        config = mjrf.MeshConfig(
            max_vertices=len(part.vertices),
            max_indices=part.faces.size,
            attributes=[
                mjrf.VertexAttribute(usage.VERTEX_ATTRIBUTE_USAGE_POSITION, kind.VERTEX_ATTRIBUTE_TYPE_FLOAT3),
                facing,
                mjrf.VertexAttribute(usage.VERTEX_ATTRIBUTE_USAGE_UV, kind.VERTEX_ATTRIBUTE_TYPE_FLOAT2),
            ],
            interleaved=False,
            index_type=mjrf.IndexType.INDEX_TYPE_U32,
            primitive_type=mjrf.MeshPrimitiveType.MESH_PRIMITIVE_TYPE_TRIANGLES,
        )
        data = mjrf.MeshData(compute_bounds=True)
        data.set_vertices(
            config, _floats(part.vertices) + _floats(part.normals if frames is None else frames) + _floats(uv)
        )
        data.set_indices(config, np.ascontiguousarray(part.faces, np.uint32).tobytes())
        mesh = self.context.create_mesh(config)
        mesh.upload(data)
        self._payloads.append(data)
        return mesh

    def texture(self, image: NDArray[np.uint8], *, color: bool = True) -> mjrf.Texture:
        """A picture (H, W, 3): sRGB colours, or plain numbers."""
        height, width = image.shape[:2]
        config = mjrf.TextureConfig(
            width=width,
            height=height,
            format=mjrf.PixelFormat.PIXEL_FORMAT_RGB8,
            color_space=mjrf.ColorSpace.COLORSPACE_SRGB if color else mjrf.ColorSpace.COLORSPACE_LINEAR,
            sampler_type=mjrf.SamplerType.TEXTURE_2D,
        )
        return self._uploaded(config, np.ascontiguousarray(image).tobytes())

    def dome(self, ktx: bytes) -> mjrf.Texture:
        """A cube map with irradiance, from KTX bytes (`renderers.ktx`)."""
        config = mjrf.TextureConfig(
            width=len(ktx),
            height=0,
            format=mjrf.PixelFormat.PIXEL_FORMAT_KTX,
            color_space=mjrf.ColorSpace.COLORSPACE_LINEAR,
            sampler_type=mjrf.SamplerType.TEXTURE_CUBE,
        )
        return self._uploaded(config, ktx)

    def free_payloads(self) -> None:
        """Give back the copies that uploads were made from; to be called when a frame has been waited for.

        Nothing else frees them: without this every scene leaves megabytes behind.
        """
        for payload in self._payloads:
            payload.free()
        self._payloads.clear()

    def _uploaded(self, config: mjrf.TextureConfig, data: bytes) -> mjrf.Texture:
        payload = mjrf.TextureData()
        payload.set_image(data)
        texture = self.context.create_texture(config)
        texture.upload(payload)
        self._payloads.append(payload)
        return texture


def require_vulkan() -> None:
    """Make sure that Filament can start; it ends the whole process where it cannot.

    Raises:
        RendererUnavailable: if this machine has no Vulkan driver.
    """
    if problem := vulkan_problem():
        raise RendererUnavailable(f"Filament cannot start: {problem}; on Debian: apt-get install {PACKAGES}")


@contextmanager
def _muted_stdout() -> Iterator[None]:
    """Drop what native code writes to standard output: Filament announces itself there, amid a command's own output."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _floats(array: NDArray[np.floating]) -> bytes:
    return np.ascontiguousarray(array, np.float32).tobytes()


class Target:
    """A picture on the device and the buffer that it is read into.

    Attributes:
        pixels: (H, W, 3) uint8, or (H, W) float32 for depth; overwritten by every `render`.
    """

    def __init__(self, device: Device, width: int, height: int, *, depth: bool = False) -> None:
        shape, dtype = ((height, width), np.float32) if depth else ((height, width, 3), np.uint8)
        self.pixels: NDArray[Any] = np.zeros(shape, dtype)
        pixel_format = mjrf.PixelFormat.PIXEL_FORMAT_R32F if depth else mjrf.PixelFormat.PIXEL_FORMAT_RGB8
        self._context = device.context
        self._target = self._context.create_render_target(
            mjrf.RenderTargetConfig(width=width, height=height, color_format=pixel_format)
        )
        self._read = mjrf.ReadRequest(target=self._target)
        self._read.set_buffer(self.pixels)
        self._viewport = mjrf.Rect(0, 0, width, height)

    def render(self, scene: mjrf.Scene, camera: mjrf.Camera, mode: mjrf.DrawMode) -> NDArray[Any]:
        """Draw and wait; only the shaded mode has shadows, skybox and tone mapping."""
        shaded = mode == mjrf.DrawMode.DRAW_MODE_DEFAULT
        request = mjrf.RenderRequest(
            scene=scene,
            camera=camera,
            viewport=self._viewport,
            target=self._target,
            draw_mode=mode,
            post_processing=shaded,
            reflections=False,
            shadows=shaded,
            skybox=shaded,
            haze=False,
        )
        # One read request a call is all that Filament serves.
        self._context.wait_for_frame(self._context.render([request], [self._read]))
        return self.pixels


def pinhole(view: CameraView, T_scene_camera: Array, near: float, far: float) -> mjrf.Camera:
    """An OpenCV camera in Filament's terms."""
    left, right, bottom, top = frustum(view, near)
    return mjrf.Camera(
        pos=T_scene_camera[:3, 3].astype(np.float32),
        forward=T_scene_camera[:3, 2].astype(np.float32),
        up=-T_scene_camera[:3, 1].astype(np.float32),
        frustum_center=(left + right) / 2,
        frustum_width=(right - left) / 2,
        frustum_bottom=bottom,
        frustum_top=top,
        frustum_near=near,
        frustum_far=far,
        orthographic=False,
    )
