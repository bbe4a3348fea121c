"""Pinhole cameras in USD.

A USD camera has a focal length and an aperture on its film, in tenths of a scene unit; only their ratios count. Lens
distortion has no place in it: what draws a USD camera draws the ideal picture.
"""

from __future__ import annotations

from pxr import Gf, Usd, UsdGeom

from renderers.camera import CameraView
from renderers.usd.transforms import add_transform, camera_pose

FILM_WIDTH = 20.955
"""Horizontal aperture, USD's own default (a 35 mm film camera)."""

CLIPPING = (0.02, 20.0)
"""Near and far plane, metres."""


def define_camera(stage: Usd.Stage, path: str, view: CameraView) -> UsdGeom.Camera:
    """A camera at `path` with the focal lengths and principal point of a view."""
    (fx, _, cx), (_, fy, cy), _ = view.K.tolist()
    focal = fx * FILM_WIDTH / view.width
    film_height = focal * view.height / fy
    camera = UsdGeom.Camera.Define(stage, path)
    camera.CreateFocalLengthAttr(focal)
    camera.CreateHorizontalApertureAttr(FILM_WIDTH)
    camera.CreateVerticalApertureAttr(film_height)
    # The film moves, not the picture on it: x is negated, and y is not, because rows count downwards.
    camera.CreateHorizontalApertureOffsetAttr((view.width / 2 - cx) * FILM_WIDTH / view.width)
    camera.CreateVerticalApertureOffsetAttr((cy - view.height / 2) * film_height / view.height)
    camera.CreateClippingRangeAttr(Gf.Vec2f(*CLIPPING))
    add_transform(camera, camera_pose(view))
    return camera
