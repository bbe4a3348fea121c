"""Which way the surface faces that a pixel shows, from depth, so that every backend has it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array
from renderers.annotations import frame_ids
from renderers.frame import Frame

SMOOTH, SLIGHT = 2.0, 0.001
"""Steps in depth on both sides of a pixel that differ by less than this factor, or so many metres, are one surface."""


def surface_normals(frame: Frame) -> NDArray[np.float32]:
    """Unit normals (H, W, 3) in the camera's frame, towards the camera; NaN where nothing is seen or to be told.

    A surface is followed along rows and columns to both neighbours, across an edge only to that on the same side, and
    never to another instance: exact on planes, the mean over two pixels where the surface is bent.

    Args:
        frame: drawn with depth and ids.
    """
    assert frame.depth is not None, "the frame was drawn without depth"
    ids, rays = frame_ids(frame), frame.view.pixel_rays()
    points = np.where(np.isfinite(frame.depth)[..., None], frame.depth[..., None] * rays, np.nan)
    normals = np.cross(_along(points, ids, 1), _along(points, ids, 0))
    length = np.linalg.norm(normals, axis=-1, keepdims=True)
    normals /= np.where(length > 0.0, length, np.nan)
    away = np.einsum("...i,...i", normals, points) > 0.0
    return np.where(away[..., None], -normals, normals).astype(np.float32)


def _along(points: Array, ids: NDArray[np.uint16], axis: int) -> Array:
    """How points (H, W, 3) go on along an axis: the mean of the steps to both neighbours, or the lesser in depth."""
    forth = np.full(points.shape, np.nan)
    back = np.full(points.shape, np.nan)
    ahead, behind = (slice(1, None), slice(None, -1)) if axis == 0 else (np.s_[:, 1:], np.s_[:, :-1])
    step = np.where((ids[ahead] == ids[behind])[..., None], points[ahead] - points[behind], np.nan)
    forth[behind], back[ahead] = step, step
    jump_forth, jump_back = (np.nan_to_num(np.abs(each[..., 2:]), nan=np.inf) for each in (forth, back))
    less = np.where(jump_forth <= jump_back, forth, back)
    smooth = np.maximum(jump_forth, jump_back) < SMOOTH * np.minimum(jump_forth, jump_back) + SLIGHT
    return np.where(smooth, (forth + back) / 2, less)
