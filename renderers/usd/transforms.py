"""Rigid transforms in USD: a translation and a quaternion, which may be sampled over time."""

from __future__ import annotations

import numpy as np
from pxr import Gf, Usd, UsdGeom

from assets_index.transforms import Array, Pose
from renderers.camera import OPENCV_FROM_OPENGL, CameraView


def camera_pose(view: CameraView) -> Array:
    """T_world_camera, (4, 4), with the axes of USD's cameras, which are OpenGL's."""
    return np.asarray(view.T_world_camera @ OPENCV_FROM_OPENGL)


def add_transform(prim: UsdGeom.Xformable, pose: Array) -> None:
    """Give a prim its place, (4, 4), and the operations that `set_transform` sets later."""
    prim.AddTranslateOp(UsdGeom.XformOp.PrecisionDouble)
    prim.AddOrientOp(UsdGeom.XformOp.PrecisionDouble)
    set_transform(prim, pose)


def set_transform(prim: UsdGeom.Xformable, pose: Array, frame: float | None = None) -> None:
    """Put a prim where it is, (4, 4): always, or at a time code."""
    translate, orient = prim.GetOrderedXformOps()
    time = Usd.TimeCode.Default() if frame is None else Usd.TimeCode(frame)
    rigid = Pose.from_matrix(pose)
    w, *xyz = rigid.quaternion
    translate.Set(Gf.Vec3d(*rigid.position), time)
    orient.Set(Gf.Quatd(w, *xyz), time)
