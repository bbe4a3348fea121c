"""Pinhole cameras, OpenCV convention: x right, y down, z forward; pixel centres at integer + 0.5."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from assets_index.schema import Schema
from assets_index.transforms import Array, Pose, Vec3, apply, inverse
from renderers.lens import NO_DISTORTION, Distortion, distorted, undistorted
from renderers.look import LensLook, Look

OPENCV_FROM_OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])
"""From axes of a camera that looks along -z with y up, as OpenGL and USD have it; its own inverse."""


class Intrinsics(Schema):
    """How a camera maps directions to pixels: OpenCV's pinhole model.

    Attributes:
        width, height: of the picture, pixels.
        fx, fy: focal lengths, pixels.
        cx, cy: principal point, pixels.
        distortion: of the lens, OpenCV's k1, k2, p1, p2, k3.
    """

    width: int = Field(ge=1)
    height: int = Field(ge=1)
    fx: float = Field(gt=0.0)
    fy: float = Field(gt=0.0)
    cx: float
    cy: float
    distortion: Distortion = NO_DISTORTION

    @classmethod
    def of_fov(cls, width: int, height: int, fov_y: float) -> Intrinsics:
        """Square pixels and the principal point in the middle; `fov_y` is the vertical field of view, radians."""
        focal = 0.5 * height / float(np.tan(0.5 * fov_y))
        return cls(width=width, height=height, fx=focal, fy=focal, cx=width / 2, cy=height / 2)

    @property
    def matrix(self) -> Array:
        """K, (3, 3)."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    def resized(self, width: int, height: int) -> Intrinsics:
        """The same camera with pictures of another size: the middle of its picture in the new proportions, scaled."""
        scale = max(width / self.width, height / self.height)
        left, top = (scale * self.width - width) / 2, (scale * self.height - height) / 2
        return Intrinsics(
            width=width,
            height=height,
            fx=scale * self.fx,
            fy=scale * self.fy,
            cx=scale * self.cx - left,
            cy=scale * self.cy - top,
            distortion=self.distortion,
        )


class CameraSpec(Schema):
    """A camera as it is mounted, before any jitter.

    Attributes:
        name: key in frames and shards, e.g. "front" or "wrist".
        mount: "world", or "hand": then `pose` is in the robot's hand body frame.
        pose: T_mount_camera, OpenCV axes.
        arm: name of the arm whose hand it is, in a set-up of several; None for the first.
    """

    name: str
    mount: Literal["world", "hand"]
    arm: str | None = None
    pose: Pose
    intrinsics: Intrinsics

    @property
    def width(self) -> int:
        """Of the picture, pixels."""
        return self.intrinsics.width

    @property
    def height(self) -> int:
        """Of the picture, pixels."""
        return self.intrinsics.height


@dataclass(frozen=True)
class CameraView:
    """A camera at the moment of a picture.

    Attributes:
        K: (3, 3) intrinsics in pixels.
        T_world_camera: (4, 4).
        distortion: of the lens.
    """

    name: str
    width: int
    height: int
    K: Array
    T_world_camera: Array
    distortion: Distortion = NO_DISTORTION

    @property
    def has_square_pixels(self) -> bool:
        """Whether both focal lengths are equal."""
        return bool(np.isclose(self.K[0, 0], self.K[1, 1], rtol=1e-9))

    def pixels(self, points: Array) -> Array:
        """Pixels (..., 2) of points (..., 3) in the camera's frame, before the camera."""
        plane = distorted(points[..., :2] / points[..., 2:], self.distortion, self._reach)
        return plane * (self.K[0, 0], self.K[1, 1]) + self.K[:2, 2]

    def rays(self, pixels: ArrayLike) -> Array:
        """Directions (N, 3) in the camera's frame, of unit length along the optical axis, of pixels (N, 2)."""
        plane = (np.asarray(pixels, float) - self.K[:2, 2]) / (self.K[0, 0], self.K[1, 1])
        return np.column_stack([undistorted(plane, self.distortion), np.ones(len(plane))])

    def pixel_rays(self) -> Array:
        """Directions (H, W, 3) in the camera's frame, of unit length along the optical axis, of the pixels' centres."""
        columns, rows = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.height) + 0.5)
        return self.rays(np.stack([columns, rows], -1).reshape(-1, 2)).reshape(self.height, self.width, 3)

    @cached_property
    def _reach(self) -> float:
        """Distance from the axis, on the plane at distance 1, of the farthest corner of the picture."""
        corners = [(x, y) for x in (0.0, self.width) for y in (0.0, self.height)]
        return float(np.linalg.norm(self.rays(corners)[:, :2], axis=1).max())


def frustum(view: CameraView, near: float) -> tuple[float, float, float, float]:
    """Where the edges of the picture lie on the plane at `near` metres: left, right, bottom, top; x right and y up."""
    (fx, _, cx), (_, fy, cy), _ = view.K.tolist()
    return -near * cx / fx, near * (view.width - cx) / fx, -near * (view.height - cy) / fy, near * cy / fy


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


def camera_view(spec: CameraSpec, look: Look, T_world_hand: Array) -> CameraView:
    """A camera where it is at one moment, jittered as the look has it.

    Args:
        spec: the camera.
        look: `look.cameras` replaces the pose of the cameras that it names.
        T_world_hand: (4, 4) pose of the robot's hand body; used by cameras mounted there.
    """
    T_mount_camera = look.cameras.get(spec.name, spec.pose).matrix
    lens = look.lenses.get(spec.name, LensLook())
    K = spec.intrinsics.matrix
    K[[0, 1], [0, 1]] *= lens.focal
    K[:2, 2] += lens.shift
    return CameraView(
        name=spec.name,
        width=spec.width,
        height=spec.height,
        K=K,
        distortion=spec.intrinsics.distortion,
        T_world_camera=T_world_hand @ T_mount_camera if spec.mount == "hand" else T_mount_camera,
    )


def project(points: ArrayLike, view: CameraView) -> tuple[Array, Array]:
    """World points (..., 3) to pixels (..., 2) and depth along the optical axis (...,), metres."""
    local = apply(inverse(view.T_world_camera), points)
    return view.pixels(local), local[..., 2]
