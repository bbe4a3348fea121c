"""Pinhole cameras, OpenCV convention: x right, y down, z forward; pixel centres at integer + 0.5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from assets_index.schema import Schema
from assets_index.transforms import Array, Pose, Vec3, apply, inverse
from renderers.look import Look


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


def front_camera(width: int = 224, height: int = 224) -> CameraSpec:
    """The fixed third-person camera: behind the robot, to its left and above, so that left in the world is left.

    It sees the whole workspace (x 0.28 to 0.78 m, y -0.42 to 0.42 m) with the robot at its right edge.
    """
    pose = look_at((-0.55, 0.6, 1.0), (0.73, -0.12, 0.02))
    return CameraSpec(name="front", mount="world", pose=pose, width=width, height=height, fov_y=0.7)


def wrist_camera(width: int = 224, height: int = 224) -> CameraSpec:
    """The camera on the hand's outer side: the fingers are at the lower edge, and up is away from the robot."""
    tilt = np.deg2rad(24.0)
    matrix = np.eye(4)
    matrix[:3, 0] = (0.0, 1.0, 0.0)
    matrix[:3, 1] = (-np.cos(tilt), 0.0, -np.sin(tilt))
    matrix[:3, 2] = (-np.sin(tilt), 0.0, np.cos(tilt))
    matrix[:3, 3] = (0.08, 0.0, 0.025)
    pose = Pose.from_matrix(matrix)
    return CameraSpec(name="wrist", mount="hand", pose=pose, width=width, height=height, fov_y=1.25)


def camera_view(spec: CameraSpec, look: Look, T_world_hand: Array) -> CameraView:
    """A camera where it is at one moment, jittered as the look has it.

    Args:
        spec: the camera.
        look: `look.cameras` replaces the pose of the cameras that it names.
        T_world_hand: (4, 4) pose of the robot's hand body; used by cameras mounted there.
    """
    T_mount_camera = look.cameras.get(spec.name, spec.pose).matrix
    return CameraView(
        name=spec.name,
        width=spec.width,
        height=spec.height,
        K=intrinsics(spec.width, spec.height, spec.fov_y),
        T_world_camera=T_world_hand @ T_mount_camera if spec.mount == "hand" else T_mount_camera,
    )


def project(points: ArrayLike, view: CameraView) -> tuple[Array, Array]:
    """World points (..., 3) to pixels (..., 2) and depth along the optical axis (...,), metres."""
    local = apply(inverse(view.T_world_camera), points)
    depth = local[..., 2]
    pixels = (local @ view.K.T)[..., :2] / depth[..., None]
    return pixels, depth
