"""Ids and depth by ray casting: a peer that shares no code with the renderers."""

from __future__ import annotations

import numpy as np
import open3d as o3d
from numpy.typing import NDArray

from assets_index.transforms import apply
from renderers.camera import CameraView
from renderers.scene import Poses, RenderBody, RenderScene


def cast(
    bodies: tuple[RenderBody, ...], poses: Poses, view: CameraView
) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """Instance ids and depth along the optical axis at the pixel centres."""
    hits, ids = _hits(bodies, poses, view)
    geometry = hits["geometry_ids"].numpy()
    out = np.zeros(geometry.shape, np.uint16)
    for key, number in ids.items():
        out[geometry == key] = number
    return out, hits["t_hit"].numpy()


def true_normals(scene: RenderScene, poses: Poses, view: CameraView) -> NDArray[np.float32]:
    """Unit normals of the triangles that are hit, in the camera's frame, towards it; (H, W, 3)."""
    hits, _ = _hits(scene.bodies, poses, view)
    normals = hits["primitive_normals"].numpy() @ view.T_world_camera[:3, :3]
    return np.where((normals * view.pixel_rays()).sum(-1, keepdims=True) > 0, -normals, normals)


def _hits(
    bodies: tuple[RenderBody, ...], poses: Poses, view: CameraView
) -> tuple[dict[str, o3d.core.Tensor], dict[int, int]]:
    """What the rays through the pixel centres hit, and the instance id of each geometry."""
    scene = o3d.t.geometry.RaycastingScene(nthreads=1)
    ids = {}
    for body in bodies:
        for part in body.parts:
            vertices = apply(poses[body.name], part.vertices).astype(np.float32)
            ids[scene.add_triangles(vertices, part.faces.astype(np.uint32))] = body.instance_id
    rays = scene.create_rays_pinhole(view.K, np.linalg.inv(view.T_world_camera), view.width, view.height)
    return scene.cast_rays(rays), ids
