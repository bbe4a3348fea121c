"""Which pixels a mesh would cover if nothing stood before it: pixel centres within its projected triangles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array, apply, inverse
from renderers.camera import CameraView
from renderers.scene import RenderBody

SIZES = (2, 4, 8, 16)
"""Classes of small triangles, by the longer edge of their bounds in pixels."""

NEAR = 0.01
"""Parts of a mesh nearer to the camera's plane than this are cut off, metres."""


def body_triangles(body: RenderBody, T_world_body: Array, view: CameraView) -> Array:
    """A body's triangles in pixels, (M, 3, 2); what is behind the camera is cut off."""
    T_camera_body = inverse(view.T_world_camera) @ T_world_body
    corners = [apply(T_camera_body, part.vertices)[part.faces] for part in body.parts]
    return pixel_triangles(np.concatenate(corners), view)


def pixel_triangles(corners: Array, view: CameraView) -> Array:
    """Triangles in pixels, (M, 3, 2), of triangles (N, 3, 3) in the camera's frame, cut where they are behind it."""
    front = corners[..., 2] >= NEAR
    whole = corners[front.all(1)]
    crossing = np.flatnonzero(front.any(1) & ~front.all(1))
    pieces = [piece for i in crossing for piece in _cut(corners[i], front[i])]
    kept = np.concatenate([whole, np.array(pieces).reshape(-1, 3, 3)])
    return view.pixels(kept)


def _cut(triangle: Array, front: NDArray[np.bool_]) -> list[Array]:
    """The part of a triangle beyond the near plane, as one or two triangles."""
    outline = []
    for i in range(3):
        here, there = triangle[i], triangle[(i + 1) % 3]
        if front[i]:
            outline.append(here)
        if front[i] != front[(i + 1) % 3]:
            outline.append(here + (there - here) * (NEAR - here[2]) / (there[2] - here[2]))
    return [np.array([outline[0], outline[i], outline[i + 1]]) for i in range(1, len(outline) - 1)]


def silhouette(triangles: Array, width: int, height: int) -> NDArray[np.bool_]:
    """Pixels (height, width) whose centres lie within any of the triangles (M, 3, 2), in pixels."""
    mask = np.zeros((height, width), bool)
    # In units where pixel centres are integers, the covered ones are within these bounds.
    lower = np.ceil(np.clip(triangles.min(1) - 0.5, 0, [width, height])).astype(int)
    upper = np.floor(np.clip(triangles.max(1) - 0.5, -1, [width - 1, height - 1])).astype(int)
    span = (upper - lower + 1).max(1, initial=0)
    seen = (upper >= lower).all(1)
    # Small triangles of like size are tested together, each against a square of its size class; large ones alone.
    smaller = 0
    for size in SIZES:
        chosen = np.flatnonzero(seen & (span > smaller) & (span <= size))
        _fill(mask, triangles[chosen], lower[chosen], upper[chosen], (size, size))
        smaller = size
    for i in np.flatnonzero(seen & (span > smaller)):
        width, height = upper[i] - lower[i] + 1
        _fill(mask, triangles[i : i + 1], lower[i : i + 1], upper[i : i + 1], (int(width), int(height)))
    return mask


def _fill(
    mask: NDArray[np.bool_],
    triangles: Array,
    lower: NDArray[np.int_],
    upper: NDArray[np.int_],
    size: tuple[int, int],
) -> None:
    """Mark the pixel centres covered by triangles whose bounds are at most `size` pixels wide and high."""
    columns = lower[:, 0, None, None] + np.arange(size[0])[None, None, :]
    rows = lower[:, 1, None, None] + np.arange(size[1])[None, :, None]
    inside = (columns <= upper[:, 0, None, None]) & (rows <= upper[:, 1, None, None])
    x, y = columns + 0.5, rows + 0.5
    area = _cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    turn = np.sign(area)[:, None, None]
    for i in range(3):
        a, edge = triangles[:, i], triangles[:, (i + 1) % 3] - triangles[:, i]
        side = edge[:, 0, None, None] * (y - a[:, 1, None, None]) - edge[:, 1, None, None] * (x - a[:, 0, None, None])
        inside &= side * turn >= 0
    inside &= turn != 0
    number, row, column = np.nonzero(inside)
    mask[lower[number, 1] + row, lower[number, 0] + column] = True


def _cross(a: Array, b: Array) -> Array:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
