"""How good an answer is. Coordinates in pixels of the stored picture; see the paper's 3.1 and its sources."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assets_index.asset import Point2
from assets_index.transforms import Array
from dataengine.questions.parsing import ParsedAnswer, parse_answer
from dataengine.samples import Box, GroundingSample

IOU_THRESHOLD = 0.5
TRACE_POINTS = 16
"""Both paths are resampled to so many points before they are compared."""

Scores = dict[str, float]


def score(
    answer: ParsedAnswer, sample: GroundingSample, ids: NDArray[np.uint16] | None, bodies: dict[str, int]
) -> Scores:
    """The metrics of one readable answer.

    Args:
        answer: in pixels of the stored picture.
        sample: the question with its true answer.
        ids: (H, W) instance ids of the picture; None if they are not known, which leaves points without accuracy.
        bodies: instance id by body name.
    """
    if sample.kind == "box":
        iou = box_iou(answer.boxes[0], sample.boxes[0])
        return {"iou_50": float(iou >= IOU_THRESHOLD), "mean_iou": iou}
    if sample.kind == "trace":
        mae, l2 = trace_errors(answer.trace, sample.trace)
        return {"mae": mae, "l2": l2}
    if sample.kind in ("relation", "count"):
        return {"exact": float(answer.text == true_text(sample))}
    distance = {"distance": nearest_distance(answer.points, sample.points)}
    if ids is None:
        return distance
    # Points of a region lie on whatever the proven places lie on: the table, or the container.
    on = _id_at(ids, sample.points[0]) if sample.kind == "region" else bodies[sample.bodies[0]]
    return {"accuracy": share_on(ids, on, answer.points), **distance}


def missed(sample: GroundingSample, ids: NDArray[np.uint16] | None) -> Scores:
    """The metrics of an answer that cannot be read: wrong, where right and wrong are what is counted."""
    points = () if ids is None else ("accuracy",)
    names = {"box": ("iou_50", "mean_iou"), "trace": (), "relation": ("exact",), "count": ("exact",)}
    return dict.fromkeys(names.get(sample.kind, points), 0.0)


def true_text(sample: GroundingSample) -> str:
    """The true answer to a relation or count question, in the form in which answers are read."""
    truth = parse_answer(sample.text, sample.kind)
    assert isinstance(truth, ParsedAnswer), "a stored answer can be read"
    return truth.text


def box_iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes x1, y1, x2, y2."""
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = a, b
    width, height = min(ax2, bx2) - max(ax1, bx1), min(ay2, by2) - max(ay1, by1)
    intersection = max(width, 0.0) * max(height, 0.0)
    union = (ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - intersection
    return intersection / union if union > 0 else 0.0


def share_on(ids: NDArray[np.uint16], instance_id: int | None, points: tuple[Point2, ...]) -> float:
    """Share of points that lie on an instance; a point outside the picture does not."""
    return float(np.mean([_id_at(ids, point) == instance_id for point in points]))


def _id_at(ids: NDArray[np.uint16], point: Point2) -> int | None:
    column, row = int(np.floor(point[0])), int(np.floor(point[1]))
    inside = 0 <= row < ids.shape[0] and 0 <= column < ids.shape[1]
    return int(ids[row, column]) if inside else None


def nearest_distance(points: ArrayLike, truth: ArrayLike) -> float:
    """Mean distance from each point to the nearest true one, pixels."""
    gaps = np.asarray(points, float)[:, None] - np.asarray(truth, float)[None]
    return float(np.linalg.norm(gaps, axis=-1).min(1).mean())


def trace_errors(path: ArrayLike, truth: ArrayLike) -> tuple[float, float]:
    """Mean absolute error per coordinate and mean distance of two paths (N, 2), (M, 2) resampled by arc length."""
    gap = resample_by_arc_length(path, TRACE_POINTS) - resample_by_arc_length(truth, TRACE_POINTS)
    return float(np.abs(gap).mean()), float(np.linalg.norm(gap, axis=1).mean())


def resample_by_arc_length(path: ArrayLike, count: int) -> Array:
    """`count` points at equal distances along a polyline (N, 2), ends included; shape (count, 2)."""
    points = np.asarray(path, float)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    targets = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(targets, along, points[:, axis]) for axis in range(2)], 1)
