"""What can be read off a picture: boxes, masks, visible fractions, points on what is seen, paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array, apply, inverse
from renderers.camera import CameraView
from renderers.frame import Frame
from renderers.lens import NO_DISTORTION
from renderers.scene import Poses, RenderBody, RenderScene
from renderers.silhouette import NEAR, body_triangles, silhouette

FINER = 16
"""Pieces into which each step of a path is cut to find where it leaves the picture of a lens with distortion."""

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in pixels, half-open."""


@dataclass(frozen=True)
class BodyAnnotation:
    """What is seen of one body.

    Attributes:
        box: tight box of the visible pixels; None if none is visible.
        amodal_box: box of the whole body, hidden parts included, within the picture; None if it is outside.
        visible_pixels: number of pixels.
        visible_fraction: share of the pixels that it would cover within the picture if nothing stood before it.
    """

    name: str
    instance_id: int
    box: Box | None
    amodal_box: Box | None
    visible_pixels: int
    visible_fraction: float


@dataclass(frozen=True)
class FrameAnnotation:
    """What is seen of every object and container of a scene."""

    bodies: tuple[BodyAnnotation, ...]

    def __getitem__(self, name: str) -> BodyAnnotation:
        """The annotation of the body of that name; KeyError if there is none."""
        return {body.name: body for body in self.bodies}[name]


def annotate(frame: Frame, scene: RenderScene, poses: Poses) -> FrameAnnotation:
    """Annotate every object and container of the scene of which a frame with ids was drawn.

    Bodies of one instance id are one thing with moving parts; it has the name of the first of them.
    """
    things: dict[int, list[RenderBody]] = {}
    for body in scene.bodies:
        if body.kind in ("object", "container"):
            things.setdefault(body.instance_id, []).append(body)
    return FrameAnnotation(tuple(_annotation(frame, bodies, poses) for bodies in things.values()))


def _annotation(frame: Frame, bodies: Sequence[RenderBody], poses: Poses) -> BodyAnnotation:
    view, body = frame.view, bodies[0]
    triangles = np.concatenate([body_triangles(each, poses[each.name], view) for each in bodies])
    whole = int(silhouette(triangles, view.width, view.height).sum())
    seen = mask(frame, body.instance_id)
    visible = int(seen.sum())
    return BodyAnnotation(
        name=body.name,
        instance_id=body.instance_id,
        box=mask_box(seen),
        amodal_box=_clipped_bounds(triangles, view),
        visible_pixels=visible,
        # Pixel centres on an edge may count for one and not for the other.
        visible_fraction=min(1.0, visible / max(whole, 1)),
    )


def _clipped_bounds(triangles: Array, view: CameraView) -> Box | None:
    if not len(triangles):
        return None
    x1, y1 = np.maximum(triangles.reshape(-1, 2).min(0), 0.0)
    x2, y2 = np.minimum(triangles.reshape(-1, 2).max(0), [view.width, view.height])
    return (float(x1), float(y1), float(x2), float(y2)) if x2 > x1 and y2 > y1 else None


def frame_ids(frame: Frame) -> NDArray[np.uint16]:
    """The ids of a frame that was drawn with them."""
    assert frame.ids is not None, "the frame was drawn without ids"
    return frame.ids


def mask(frame: Frame, instance_id: int) -> NDArray[np.bool_]:
    """The visible pixels of a body, (H, W)."""
    return frame_ids(frame) == instance_id


def mask_box(pixels: NDArray[np.bool_]) -> Box | None:
    """The tight half-open box of a mask (H, W); None if it is empty."""
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    if not len(rows):
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def visible_points(ids: NDArray[np.uint16], instance_id: int, count: int, rng: np.random.Generator) -> Array:
    """Centres (count, 2) of visible pixels of a body, drawn at random; pixels far from its outline are likelier.

    Raises:
        ValueError: if no pixel of the body is visible.
    """
    seen = np.pad((ids == instance_id).astype(np.uint8), 1)
    rows, columns = np.nonzero(seen[1:-1, 1:-1])
    if not len(rows):
        raise ValueError(f"no pixel of instance {instance_id} is visible")
    # The border of the picture counts as outline: what lies beyond is not known to be the body.
    depth = cv2.distanceTransform(seen, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1][rows, columns]
    weight = depth.astype(float) ** 2
    chosen = rng.choice(len(rows), count, p=weight / weight.sum())
    return np.stack([columns[chosen], rows[chosen]], 1).astype(float) + 0.5


def trace_2d(points_world: Array, view: CameraView, count: int) -> Array:
    """The path of a point in the picture: its first stretch within it, as `count` points evenly spaced along it.

    Args:
        points_world: (T, 3) positions in the order of time.
        view: the camera, still standing while the point moves.
        count: points returned.

    Returns:
        (count, 2) pixels; (0, 2) if the path is never in the picture.
    """
    return trace_with_depth(points_world, view, count)[:, :2]


def trace_with_depth(points_world: Array, view: CameraView, count: int) -> Array:
    """As `trace_2d`, with the depth along the optical axis, metres, in a third column: (count, 3) or (0, 3)."""
    stretch = _first_stretch(apply(inverse(view.T_world_camera), points_world), view)
    if not len(stretch):
        return np.zeros((0, 3))
    pixels = view.pixels(stretch)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(pixels, axis=0), axis=1))])
    at = np.linspace(0.0, along[-1], count)
    # Along a straight line it is the inverse of depth that grows evenly in the picture.
    inverse_depth = np.interp(at, along, 1.0 / stretch[:, 2])
    return np.stack([np.interp(at, along, pixels[:, 0]), np.interp(at, along, pixels[:, 1]), 1.0 / inverse_depth], 1)


def _first_stretch(points: Array, view: CameraView) -> Array:
    """The first unbroken part of a polyline (T, 3) in the camera's frame that is in the picture, cut at its border."""
    if view.distortion != NO_DISTORTION:
        return _first_stretch_through_lens(points, view)
    x, y, z = (points @ view.K.T).T
    # Distances, up to a factor, to the five planes that bound what the camera sees; positive inside.
    inside = np.stack([z - NEAR, x, view.width * z - x, y, view.height * z - y], 1)
    if len(points) == 1:
        return points if (inside >= 0).all() else points[:0]
    stretch: list[Array] = []
    for i in range(len(points) - 1):
        here, there = inside[i], inside[i + 1]
        entries = [a / (a - b) for a, b in zip(here, there, strict=True) if a < 0 <= b]
        exits = [a / (a - b) for a, b in zip(here, there, strict=True) if b < 0 <= a]
        enter, leave = max(entries, default=0.0), min(exits, default=1.0)
        if enter > leave or ((here < 0) & (there < 0)).any():
            if stretch:
                break
            continue
        stretch += [points[i] + share * (points[i + 1] - points[i]) for share in (enter, leave)]
        if leave < 1.0:
            break
    return np.array(stretch).reshape(-1, 3)


def _first_stretch_through_lens(points: Array, view: CameraView) -> Array:
    """The same where the picture's border is no plane: to `FINER` of each piece of the polyline."""
    at = np.linspace(0, len(points) - 1, FINER * (len(points) - 1) + 1)
    fine = np.stack([np.interp(at, np.arange(len(points)), points[:, axis]) for axis in range(3)], 1)
    seen = fine[:, 2] > NEAR
    pixels = view.pixels(np.where(seen[:, None], fine, [0.0, 0.0, 1.0]))
    seen &= ((pixels >= 0) & (pixels <= [view.width, view.height])).all(1)
    if not seen.any():
        return points[:0]
    start = int(np.argmax(seen))
    length = int(np.argmin(np.append(seen[start:], False)))
    return np.asarray(fine[start : start + length])
