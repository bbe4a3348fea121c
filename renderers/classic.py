"""Pictures by MuJoCo's own OpenGL renderer: the fallback where there is no Vulkan, and a cross-check of ids and depth.

Its light model is that of the 1990s: no image-based light, no metal, hard shadows.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from renderers.camera import CameraView, frustum
from renderers.errors import RendererUnavailable
from renderers.frame import Frame
from renderers.look import Look
from renderers.mujoco_scene import FAR, NEAR, MujocoScene, mujoco_scene
from renderers.scene import BACKGROUND_ID, Poses, RenderScene

LIBRARIES = {"egl": "libEGL.so.1", "osmesa": "libOSMesa.so.8"}
PACKAGES = "libegl1 libgl1-mesa-dri"


class ClassicRenderer:
    """OpenGL without a display, by EGL or else OSMesa; `MUJOCO_GL` chooses one of them.

    Attributes:
        name: "classic".
        width, height: pixels of every picture.

    Raises:
        RendererUnavailable: if there is no OpenGL either.
    """

    name = "classic"

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._gl = _gl_context(width, height)
        self._scene: MujocoScene | None = None

    @property
    def device(self) -> str:
        """What OpenGL draws on, in its own words."""
        from OpenGL import GL  # only now: MUJOCO_GL decides on which platform it is loaded

        self._gl.make_current()
        return str(GL.glGetString(GL.GL_RENDERER).decode())

    def open(self, scene: RenderScene, look: Look) -> None:
        """Compile a scene and send it to OpenGL."""
        self._release()
        self._gl.make_current()
        self._scene = mujoco_scene(scene, look, self.width, self.height)
        model = self._scene.model
        self._geoms = mujoco.MjvScene(model, maxgeom=model.ngeom + 10)
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR

    def draw(self, poses: Poses, view: CameraView, *, depth: bool = False, ids: bool = False) -> Frame:
        """One picture of the open scene."""
        assert self._scene is not None, "open a scene before drawing"
        assert (view.width, view.height) == (self.width, self.height), "the view has another size than the renderer"
        self._gl.make_current()
        self._scene.place(poses)
        self._update(view)
        rgb = self._render(segment=False)[0]
        coded, buffer = self._render(segment=True) if depth or ids else (rgb, None)
        return Frame(
            view=view,
            rgb=rgb,
            depth=_metres(buffer) if depth and buffer is not None else None,
            ids=self._instance_ids(coded) if ids else None,
        )

    def close(self) -> None:
        """Free everything; may be called twice."""
        self._release()
        self._gl.free()

    def _release(self) -> None:
        if self._scene is not None:
            self._gl.make_current()
            self._context.free()
            self._scene = None

    def _update(self, view: CameraView) -> None:
        """Take over the poses, and the camera as OpenGL has it."""
        assert self._scene is not None
        model, data = self._scene.model, self._scene.data
        everything = mujoco.mjtCatBit.mjCAT_ALL
        mujoco.mjv_updateScene(model, data, mujoco.MjvOption(), None, mujoco.MjvCamera(), everything, self._geoms)
        left, right, bottom, top = frustum(view, NEAR)
        for camera in self._geoms.camera:
            camera.pos = view.T_world_camera[:3, 3]
            camera.forward = view.T_world_camera[:3, 2]
            camera.up = -view.T_world_camera[:3, 1]
            camera.frustum_center, camera.frustum_width = (left + right) / 2, (right - left) / 2
            camera.frustum_bottom, camera.frustum_top = bottom, top
            camera.frustum_near, camera.frustum_far = NEAR, FAR

    def _render(self, *, segment: bool) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Colours (or geom numbers as colours) and the depth buffer, top row first."""
        self._geoms.flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = segment
        self._geoms.flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = segment
        rgb = np.empty((self.height, self.width, 3), np.uint8)
        depth = np.empty((self.height, self.width), np.float32)
        viewport = mujoco.MjrRect(0, 0, self.width, self.height)
        mujoco.mjr_render(viewport, self._geoms, self._context)
        mujoco.mjr_readPixels(rgb, depth if segment else None, viewport, self._context)
        return np.ascontiguousarray(rgb[::-1]), np.ascontiguousarray(depth[::-1])

    def _instance_ids(self, coded: NDArray[np.uint8]) -> NDArray[np.uint16]:
        """Instance ids from the numbers that MuJoCo gave the scene's geoms, counted from 1 in the colours."""
        assert self._scene is not None
        numbers = coded.astype(np.int32) @ np.array([1, 1 << 8, 1 << 16])
        of_number = np.full(self._geoms.ngeom + 1, BACKGROUND_ID, np.uint16)
        for geom in self._geoms.geoms[: self._geoms.ngeom]:
            if geom.objtype == mujoco.mjtObj.mjOBJ_GEOM and geom.segid >= 0:
                of_number[geom.segid + 1] = self._scene.instance_id[geom.objid]
        return of_number[numbers]


def _gl_context(width: int, height: int) -> Any:
    """An off-screen OpenGL context. The choice is made by what is installed: PyOpenGL cannot change its mind."""
    wanted = os.environ.get("MUJOCO_GL", "")
    for platform in [wanted] if wanted in LIBRARIES else LIBRARIES:
        if _loads(LIBRARIES[platform]):
            break
    else:
        raise RendererUnavailable(f"no OpenGL without a display; on Debian: apt-get install {PACKAGES}")
    try:
        if platform == "egl":
            from mujoco.egl import GLContext
        else:
            from mujoco.osmesa import GLContext
        return GLContext(width, height)
    except (ImportError, RuntimeError) as error:
        raise RendererUnavailable(f"OpenGL cannot start ({error}); on Debian: apt-get install {PACKAGES}") from error


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _metres(buffer: NDArray[np.float32]) -> NDArray[np.float32]:
    """Depth from a reversed buffer: 1 at the near plane, 0 at the far one and where nothing is."""
    return np.where(buffer > 0, NEAR * FAR / (buffer * (FAR - NEAR) + NEAR), np.inf).astype(np.float32)
