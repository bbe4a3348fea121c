"""Draw over a picture what a question asks for and its answer, or all that is known of what is in it."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dataengine.samples import Box, GroundingSample
from dataengine.storage.clip import BodyInFrame, Guide
from dataengine.storage.frames import Room

BOX_COLOR = (60, 220, 90)
WHOLE_BOX_COLOR = (90, 200, 255)
POINT_COLOR = (255, 70, 70)
GRASP_COLOR = (255, 150, 30)
ROOM_TINTS = {Room.FREE: (40, 220, 90), Room.TAKEN: (230, 60, 50)}
ROOM_OPACITY = 0.3
TRACE_START = np.array([255, 230, 60])
TRACE_END = np.array([230, 40, 200])
# cv2 takes fixed-point coordinates with this many fractional bits.
SHIFT = 4
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_sample(rgb: NDArray[np.uint8], sample: GroundingSample, scale: int = 2) -> NDArray[np.uint8]:
    """The picture enlarged `scale` times with the sample's boxes, points and trace; (H * scale, W * scale, 3) uint8."""
    picture = _enlarged(rgb, scale)
    for box in sample.boxes:
        _draw_box(picture, box, scale, BOX_COLOR, 2)
    _draw_trace(picture, sample.trace, scale)
    for x, y in sample.points:
        cv2.circle(picture, _fixed(x, y, scale), 4 << SHIFT, POINT_COLOR, -1, cv2.LINE_AA, SHIFT)
        cv2.circle(picture, _fixed(x, y, scale), 5 << SHIFT, (255, 255, 255), 1, cv2.LINE_AA, SHIFT)
    return picture


def draw_labels(
    rgb: NDArray[np.uint8],
    bodies: Sequence[BodyInFrame],
    names: Mapping[int, str],
    guide: Guide | None = None,
    rooms: NDArray[np.uint8] | None = None,
    scale: int = 2,
) -> NDArray[np.uint8]:
    """The picture enlarged `scale` times with its annotations; (H * scale, W * scale, 3) uint8.

    Green boxes hold what is seen, with the body's name and the share that is seen; blue ones the whole. The grasp is
    orange, with thick edges for the pads. Lines are thin, and contacts are rings, where they are hidden.

    Args:
        rgb: (H, W, 3) uint8.
        bodies: what is in the picture.
        names: of bodies, by instance id.
        guide: what the hand is about to do.
        rooms: `Room` of each pixel, (H, W): green where the target can be put, red where it cannot.
        scale: by how much the picture is enlarged.
    """
    picture = _enlarged(rgb if rooms is None else _tinted(rgb, rooms), scale)
    for body in bodies:
        if body.amodal_box is not None:
            _draw_box(picture, body.amodal_box, scale, WHOLE_BOX_COLOR, 1)
    for body in bodies:
        if body.box is not None:
            _draw_box(picture, body.box, scale, BOX_COLOR, 1)
            corner = round(body.box[0] * scale), max(9, round(body.box[1] * scale) - 3)
            name = f"{names[body.instance_id]} {body.visible_fraction:.0%}"
            cv2.putText(picture, name, corner, FONT, 0.35, (255, 255, 255), 1, cv2.LINE_AA)
    if guide is not None:
        _draw_guide(picture, guide, scale)
    return picture


def _draw_guide(picture: NDArray[np.uint8], guide: Guide, scale: int) -> None:
    for trace in (guide.gripper_trace, guide.object_trace):
        _draw_trace(picture, trace[:, :2].tolist(), scale, hidden=trace[:, 2] > 0)
    corners = [_fixed(x, y, scale) for x, y, _ in guide.grasp_rectangle]
    for number, (start, end) in enumerate(zip(corners, [*corners[1:], *corners[:1]], strict=True)):
        cv2.line(picture, start, end, GRASP_COLOR, 2 if number % 2 == 0 else 1, cv2.LINE_AA, SHIFT)
    for x, y, is_hidden in guide.contacts:
        cv2.circle(picture, _fixed(x, y, scale), 3 << SHIFT, GRASP_COLOR, 1 if is_hidden else -1, cv2.LINE_AA, SHIFT)


def _tinted(rgb: NDArray[np.uint8], rooms: NDArray[np.uint8]) -> NDArray[np.uint8]:
    picture = rgb.astype(float)
    for room, tint in ROOM_TINTS.items():
        picture[rooms == room] += ROOM_OPACITY * (np.array(tint) - picture[rooms == room])
    return np.rint(picture).astype(np.uint8)


def _enlarged(rgb: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))


def _draw_box(picture: NDArray[np.uint8], box: Box, scale: int, color: tuple[int, int, int], width: int) -> None:
    x1, y1, x2, y2 = box
    cv2.rectangle(picture, _fixed(x1, y1, scale), _fixed(x2, y2, scale), color, width, cv2.LINE_AA, SHIFT)


def captioned(picture: NDArray[np.uint8], text: str, lines: int = 3) -> NDArray[np.uint8]:
    """The picture with wrapped text on a white strip below it."""
    width = picture.shape[1]
    line_height = 15
    strip = np.full((line_height * lines + 6, width, 3), 255, np.uint8)
    for number, line in enumerate(textwrap.wrap(text, max(10, width // 7))[:lines]):
        origin = (4, line_height * (number + 1) - 2)
        cv2.putText(strip, line, origin, FONT, 0.4, (30, 30, 30), 1, cv2.LINE_AA)
    return np.concatenate([picture, strip])


def sheet(pictures: Sequence[NDArray[np.uint8]], columns: int) -> NDArray[np.uint8]:
    """Pictures of one size in rows of `columns`; the last row is filled with white."""
    blank = np.full_like(pictures[0], 255)
    padded = [*pictures, *[blank] * (-len(pictures) % columns)]
    rows = [np.concatenate(padded[i : i + columns], axis=1) for i in range(0, len(padded), columns)]
    return np.concatenate(rows)


def _draw_trace(
    picture: NDArray[np.uint8],
    trace: Sequence[Sequence[float]],
    scale: int,
    hidden: NDArray[np.bool_] | None = None,
) -> None:
    segments = max(1, len(trace) - 1)
    for number, ((x1, y1), (x2, y2)) in enumerate(itertools.pairwise(trace)):
        color = TRACE_START + (TRACE_END - TRACE_START) * number / segments
        width = 1 if hidden is not None and hidden[number : number + 2].any() else 2
        ends = _fixed(x1, y1, scale), _fixed(x2, y2, scale)
        cv2.line(picture, *ends, tuple(float(c) for c in color), width, cv2.LINE_AA, SHIFT)


def _fixed(x: float, y: float, scale: int) -> tuple[int, int]:
    # Our pixel centres lie at integer + 0.5, OpenCV's at integers.
    return round((x * scale - 0.5) * (1 << SHIFT)), round((y * scale - 0.5) * (1 << SHIFT))
