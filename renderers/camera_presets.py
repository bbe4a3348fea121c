"""Cameras by name: where labs mount them, and what is known of the models they use.

Mounts are those of the paper (F): a rear-side third-person camera, one on the hand, one on a head. Intrinsics are from
the data sheet of Intel's RealSense D400 family (337029): resolution and vertical field of view of the colour stream.
One's own camera, with its lens, is measured by `dataengine calibrate`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, model_validator

from assets_index.schema import Schema, read_yaml
from assets_index.transforms import Pose
from renderers.camera import CameraSpec, Intrinsics, look_at

MountName = Literal["front", "wrist", "head"]
CameraModel = Literal["d405", "d435", "d455"]

MODELS: dict[CameraModel, Intrinsics] = {
    "d405": Intrinsics.of_fov(1280, 720, np.radians(58.0)),
    "d435": Intrinsics.of_fov(1920, 1080, np.radians(42.5)),
    "d455": Intrinsics.of_fov(1280, 800, np.radians(65.0)),
}


def front_camera(width: int = 224, height: int = 224, lens: Intrinsics | None = None) -> CameraSpec:
    """The fixed third-person camera: behind the robot, to its left and above, so that left in the world is left.

    It sees the whole workspace (x 0.28 to 0.78 m, y -0.42 to 0.42 m) with the robot at its right edge.
    """
    intrinsics = _fitted(lens, 0.7, width, height)
    return CameraSpec(
        name="front", mount="world", pose=look_at((-0.55, 0.6, 1.0), (0.73, -0.12, 0.02)), intrinsics=intrinsics
    )


def wrist_camera(width: int = 224, height: int = 224, lens: Intrinsics | None = None) -> CameraSpec:
    """The camera on the hand's outer side: the fingers are at the lower edge, and up is away from the robot."""
    tilt = np.deg2rad(24.0)
    matrix = np.eye(4)
    matrix[:3, 0] = (0.0, 1.0, 0.0)
    matrix[:3, 1] = (-np.cos(tilt), 0.0, -np.sin(tilt))
    matrix[:3, 2] = (-np.sin(tilt), 0.0, np.cos(tilt))
    matrix[:3, 3] = (0.08, 0.0, 0.025)
    intrinsics = _fitted(lens, 1.25, width, height)
    return CameraSpec(name="wrist", mount="hand", pose=Pose.from_matrix(matrix), intrinsics=intrinsics)


def head_camera(width: int = 224, height: int = 224, lens: Intrinsics | None = None) -> CameraSpec:
    """The camera of a head above the robot's base, looking down at the workspace from the robot's own side."""
    intrinsics = _fitted(lens, 0.95, width, height)
    return CameraSpec(
        name="head", mount="world", pose=look_at((-0.12, 0.0, 0.95), (0.52, 0.0, 0.0)), intrinsics=intrinsics
    )


def _fitted(lens: Intrinsics | None, fov: float, width: int, height: int) -> Intrinsics:
    """A lens, or one of a vertical field of view, rad, that suits the mount, for pictures of a size."""
    return (lens or Intrinsics.of_fov(width, height, fov)).resized(width, height)


_MOUNTS = {"front": front_camera, "wrist": wrist_camera, "head": head_camera}


class CameraPreset(Schema):
    """A camera of ours.

    Attributes:
        mount: where it is; also its name in frames and shards.
        model: whose intrinsics it has; None for a lens that suits the mount.
        arm: in a set-up of several arms, the one whose wrist it is on, "right" for "right_wrist"; None for the first.
    """

    mount: MountName
    model: CameraModel | None = None
    arm: str | None = None

    @model_validator(mode="after")
    def _check(self) -> CameraPreset:
        if self.arm is not None and self.mount != "wrist":
            raise ValueError(f"only wrist cameras are on an arm: the {self.mount} camera takes none")
        return self


def _from_file(entry: object) -> object:
    """A camera that is given as `{file: PATH}` is what that file holds, so that a run's configuration is complete."""
    if isinstance(entry, dict) and entry.keys() == {"file"}:
        return read_yaml(Path(str(entry["file"])), CameraSpec)
    return entry


AnyCamera = Annotated[CameraPreset | CameraSpec, BeforeValidator(_from_file)]
"""A preset, or a camera written out as `dataengine calibrate` writes it; `{file: PATH}` reads the latter."""

DEFAULT_CAMERAS: tuple[AnyCamera, ...] = (CameraPreset(mount="front"), CameraPreset(mount="wrist"))


def camera_name(camera: CameraPreset | CameraSpec) -> str:
    """Its key in frames and shards."""
    if isinstance(camera, CameraSpec):
        return camera.name
    return camera.mount if camera.arm is None else f"{camera.arm}_{camera.mount}"


def camera_spec(camera: CameraPreset | CameraSpec, width: int, height: int) -> CameraSpec:
    """A camera with pictures of a given size: the middle of its own in these proportions, scaled."""
    if isinstance(camera, CameraSpec):
        return camera.model_copy(update={"intrinsics": camera.intrinsics.resized(width, height)})
    spec = _MOUNTS[camera.mount](width, height, MODELS[camera.model] if camera.model is not None else None)
    return spec.model_copy(update={"name": camera_name(camera), "arm": camera.arm})
