"""Pinhole cameras, OpenCV convention: x right, y down, z forward; pixel centres at integer + 0.5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from assets_index.schema import Schema
from assets_index.transforms import Array, Pose, Vec3, apply, inverse


class CameraSpec(Schema):
    """A camera as it is mounted, before any jitter.

    Attributes:
        name: key in frames and shards, e.g. "front" or "wrist".
        mount: "world", or "hand": then `pose` is in the robot's hand body frame.
        pose: T_mount_camera, OpenCV axes.
        width, height: pixels.
        fov_y: vertical field of view, radians.
    """

    name: str
    mount: Literal["world", "hand"]
    pose: Pose
    width: int = 224
    height: int = 224
    fov_y: float


@dataclass(frozen=True)
class CameraView:
    """A camera at the moment of a picture.

    Attributes:
        K: (3, 3) intrinsics in pixels.
        T_world_camera: (4, 4).
    """

    name: str
    width: int
    height: int
    K: Array
    T_world_camera: Array


def intrinsics(width: int, height: int, fov_y: float) -> Array:
    """K with square pixels and the principal point at the centre of the picture; shape (3, 3)."""
    focal = 0.5 * height / np.tan(0.5 * fov_y)
    return np.array([[focal, 0.0, width / 2], [0.0, focal, height / 2], [0.0, 0.0, 1.0]])


def look_at(eye: Vec3, target: Vec3) -> Pose:
    """The OpenCV camera pose at `eye` that looks at `target` with the world's z upwards in the picture."""
    forward = np.subtract(target, eye)
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, np.cross(forward, right), forward], 1)
    matrix[:3, 3] = eye
    return Pose.from_matrix(matrix)


def project(points: ArrayLike, view: CameraView) -> tuple[Array, Array]:
    """World points (..., 3) to pixels (..., 2) and depth along the optical axis (...,), metres."""
    local = apply(inverse(view.T_world_camera), points)
    depth = local[..., 2]
    pixels = (local @ view.K.T)[..., :2] / depth[..., None]
    return pixels, depth
