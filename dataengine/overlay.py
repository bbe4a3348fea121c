"""Draw what a question asks for, and its answer, over the picture it is asked about."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dataengine.samples import GroundingSample

BOX_COLOR = (60, 220, 90)
POINT_COLOR = (255, 70, 70)
TRACE_START = np.array([255, 230, 60])
TRACE_END = np.array([230, 40, 200])
# cv2 takes fixed-point coordinates with this many fractional bits.
SHIFT = 4
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_sample(rgb: NDArray[np.uint8], sample: GroundingSample, scale: int = 2) -> NDArray[np.uint8]:
    """The picture enlarged `scale` times with the sample's boxes, points and trace; (H * scale, W * scale, 3) uint8."""
    picture = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    for x1, y1, x2, y2 in sample.boxes:
        cv2.rectangle(picture, _fixed(x1, y1, scale), _fixed(x2, y2, scale), BOX_COLOR, 2, cv2.LINE_AA, SHIFT)
    _draw_trace(picture, sample.trace, scale)
    for x, y in sample.points:
        cv2.circle(picture, _fixed(x, y, scale), 4 << SHIFT, POINT_COLOR, -1, cv2.LINE_AA, SHIFT)
        cv2.circle(picture, _fixed(x, y, scale), 5 << SHIFT, (255, 255, 255), 1, cv2.LINE_AA, SHIFT)
    return picture


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


def _draw_trace(picture: NDArray[np.uint8], trace: Sequence[tuple[float, float]], scale: int) -> None:
    segments = max(1, len(trace) - 1)
    for number, (start, end) in enumerate(itertools.pairwise(trace)):
        color = TRACE_START + (TRACE_END - TRACE_START) * number / segments
        ends = _fixed(*start, scale), _fixed(*end, scale)
        cv2.line(picture, *ends, tuple(float(c) for c in color), 2, cv2.LINE_AA, SHIFT)


def _fixed(x: float, y: float, scale: int) -> tuple[int, int]:
    # Our pixel centres lie at integer + 0.5, OpenCV's at integers.
    return round((x * scale - 0.5) * (1 << SHIFT)), round((y * scale - 0.5) * (1 << SHIFT))
