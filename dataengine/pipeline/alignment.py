"""Do the pictures of a shard show what its records say, where they say it, when they say it?

Everything is projected again from the record's poses and compared with the pixels that were stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array, apply
from dataengine.record_scene import ROBOT_ID, RecordReplay
from dataengine.storage.shard_reader import ShardReader
from renderers.annotations import Box, mask_box
from renderers.camera import CameraView, project
from renderers.scene import Poses, RenderBody, RenderScene
from renderers.silhouette import body_triangles, silhouette

FULLY_VISIBLE = 0.999
BORDER = 1.0
"""Boxes nearer than this to the picture's border are cut by it, pixels."""

GRIPPER_WINDOW = 24
"""Half size of the square around the projected TCP in which the gripper's pixels are compared, pixels."""

LAGS = range(-3, 4)

VISIBLE_CHANGE = 12
"""Change of a pixel's brightness, in steps of 255, that noise and compression do not make."""


@dataclass
class Alignment:
    """Errors in pixels; lags in control steps, 0 where a picture shows the state it should.

    Attributes:
        objects: distance between the centre of a fully visible body's stored box and that of its projection.
        gripper: distance between the centroids of the gripper's stored pixels and of its projection.
        lags: per clip, the shift at which changes in the pictures fit the movement in the record best; None where the
            clip is too short to tell.
    """

    objects: list[float] = field(default_factory=list)
    gripper: list[float] = field(default_factory=list)
    lags: list[int | None] = field(default_factory=list)


def measure_alignment(shard: ShardReader, replays: dict[int, RecordReplay], camera: str) -> Alignment:
    """Compare every annotated picture, and the sequence of all pictures, of one fixed camera with the records.

    Args:
        shard: the pictures.
        replays: by episode, of all clips in the shard.
        camera: name of a camera mounted in the world.
    """
    found = Alignment()
    for clip in range(int(shard.counts["clips"])):
        meta = shard.clip(clip)
        replay = replays[meta.episode]
        rows = shard.clip_rows(clip)
        for row in rows:
            if shard.bodies(camera, row):
                found.objects += object_errors(
                    shard, replay.scene, replay.poses(shard.key(camera, row).step), camera, row
                )
                found.gripper += _gripper_error(shard, replay, camera, row)
        found.lags.append(best_lag(shard, replay, camera, rows))
    return found


def best_lag(shard: ShardReader, replay: RecordReplay, camera: str, rows: range) -> int | None:
    """The shift of the pictures against the record, in control steps, at which both move together most.

    None if the clip is too short for every shift to be tried, or nothing moves in what is left.

    Needs no annotation: the pixels that change from each picture to the next are compared with those that the robot's
    projection sweeps from each state to the next. Where they are says when they are, however evenly the arm moves.
    """
    steps = [shard.key(camera, row).step for row in rows]
    changed = _changed_pixels(shard, camera, rows)
    swept = _swept_pixels(replay, shard.view(camera, rows[0]), range(replay.record.steps + 1))
    inner = [i for i, step in enumerate(steps[:-1]) if step + LAGS[0] >= 0 and step + LAGS[-1] < len(swept)]
    scores = [_overlap(changed[inner], swept[[steps[i] + lag for i in inner]]) for lag in LAGS]
    return LAGS[int(np.argmax(scores))] if max(scores) > 0.0 else None


def _changed_pixels(shard: ShardReader, camera: str, rows: range) -> NDArray[np.bool_]:
    """Pixels (R - 1, H, W) that change visibly from each row's picture to the next."""
    grays = (cv2.cvtColor(shard.rgb(camera, row), cv2.COLOR_RGB2GRAY) for row in rows)
    return np.array([cv2.absdiff(after, before) > VISIBLE_CHANGE for before, after in pairwise(grays)])


def _swept_pixels(replay: RecordReplay, view: CameraView, steps: range) -> NDArray[np.bool_]:
    """Pixels (T, H, W) that the robot's outline gains or loses from each step to the next."""
    outlines = (_robot_outline(replay, replay.poses(step), view) for step in steps)
    return np.array([before ^ after for before, after in pairwise(outlines)])


def _robot_outline(replay: RecordReplay, poses: Poses, view: CameraView) -> NDArray[np.bool_]:
    """Pixels within the convex hull of any link: a hundred times faster than its silhouette, and it moves alike."""
    outline = np.zeros((view.height, view.width), np.uint8)
    for link in _links(replay):
        corners = np.concatenate([part.vertices for part in link.parts])
        pixels, depth = project(apply(poses[link.name], corners), view)
        if depth.min() > 0:
            hull = cv2.convexHull(np.clip(pixels, -1e4, 1e4).astype(np.float32))
            cv2.fillConvexPoly(outline, np.rint(hull - 0.5).astype(np.int32), 1)
    return outline.astype(bool)


def _overlap(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Cosine between two sets of pixels; 0 if one is empty."""
    sizes = np.count_nonzero(a) * np.count_nonzero(b)
    return float(np.count_nonzero(a & b) / np.sqrt(sizes)) if sizes else 0.0


def object_errors(shard: ShardReader, scene: RenderScene, poses: Poses, camera: str, row: int) -> list[float]:
    """Errors of the stored boxes of one picture, pixels: of each body that is fully visible, away from the border."""
    view = shard.view(camera, row)
    errors = []
    for stored in shard.bodies(camera, row):
        bodies = [body for body in scene.bodies if body.instance_id == stored.instance_id]
        if not bodies or stored.box is None or stored.visible_fraction < FULLY_VISIBLE:
            continue
        # The outline that pixel centres can show: a fork's thin tines end where they fall between them.
        triangles = np.concatenate([body_triangles(body, poses[body.name], view) for body in bodies])
        expected = mask_box(silhouette(triangles, view.width, view.height))
        if expected is not None and _inside(expected, view):
            errors.append(float(np.linalg.norm(_center(stored.box) - _center(expected))))
    return errors


def _gripper_error(shard: ShardReader, replay: RecordReplay, camera: str, row: int) -> list[float]:
    """The error of one picture; nothing if the gripper is not in it or mostly hidden."""
    view, step, ids = shard.view(camera, row), shard.key(camera, row).step, shard.ids(camera, row)
    (x, y), depth = project(replay.record.working_tcp_pose[step, :3], view)
    if ids is None or depth <= 0 or not (0 <= x < view.width and 0 <= y < view.height):
        return []
    window = np.zeros(ids.shape, bool)
    window[_span(y, view.height), _span(x, view.width)] = True
    expected = _robot_mask(replay, replay.poses(step), view) & window
    # What stands before the robot hides the same pixels in both.
    expected &= (ids <= ROBOT_ID) | (ids == 0)
    seen = (ids == ROBOT_ID) & window
    if min(expected.sum(), seen.sum()) < 50:
        return []
    return [float(np.linalg.norm(_centroid(seen) - _centroid(expected)))]


def _robot_mask(replay: RecordReplay, poses: Poses, view: CameraView) -> NDArray[np.bool_]:
    triangles = np.concatenate([body_triangles(link, poses[link.name], view) for link in _links(replay)])
    return silhouette(triangles, view.width, view.height)


def _links(replay: RecordReplay) -> list[RenderBody]:
    return [body for body in replay.scene.bodies if body.instance_id == ROBOT_ID]


def _inside(box: Box, view: CameraView) -> bool:
    x1, y1, x2, y2 = box
    return min(x1, y1) >= BORDER and x2 <= view.width - BORDER and y2 <= view.height - BORDER


def _center(box: Box) -> Array:
    x1, y1, x2, y2 = box
    return np.array([x1 + x2, y1 + y2]) / 2


def _span(center: float, size: int) -> slice:
    return slice(max(0, int(center) - GRIPPER_WINDOW), min(size, int(center) + GRIPPER_WINDOW))


def _centroid(mask: NDArray[np.bool_]) -> Array:
    return np.argwhere(mask).mean(0)
