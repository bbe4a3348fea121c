"""Ids and depth by ray casting: a peer that shares no code with the renderers."""

from __future__ import annotations

import numpy as np
import open3d as o3d
from numpy.typing import NDArray

from assets_index.transforms import apply
from renderers.camera import CameraView
from renderers.scene import Poses, RenderBody


def cast(
    bodies: tuple[RenderBody, ...], poses: Poses, view: CameraView
) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """Instance ids and depth along the optical axis at the pixel centres."""
    scene = o3d.t.geometry.RaycastingScene(nthreads=1)
    ids = {}
    for body in bodies:
        for part in body.parts:
            vertices = apply(poses[body.name], part.vertices).astype(np.float32)
            ids[scene.add_triangles(vertices, part.faces.astype(np.uint32))] = body.instance_id
    rays = scene.create_rays_pinhole(view.K, np.linalg.inv(view.T_world_camera), view.width, view.height)
    hits = scene.cast_rays(rays)
    geometry = hits["geometry_ids"].numpy()
    out = np.zeros(geometry.shape, np.uint16)
    for key, number in ids.items():
        out[geometry == key] = number
    return out, hits["t_hit"].numpy()
