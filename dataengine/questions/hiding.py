"""What of a path or a grasp is hidden in a picture, and how to say so."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array
from renderers.annotations import frame_ids
from renderers.frame import Frame

HIDING = 0.012
"""What is so much nearer than a point, in metres, hides it; a contact lies on a surface that is only so well known."""


def hidden(points: Array, frame: Frame, through: Collection[int] = ()) -> NDArray[np.bool_]:
    """Which points are outside the picture, or behind something that is in it; shape (N,).

    Args:
        points: (N, 3) x, y in pixels, and depth along the optical axis, metres.
        frame: with depth and ids.
        through: instance ids that hide nothing.
    """
    assert frame.depth is not None, "the frame was drawn without depth"
    columns, rows = np.floor(points[:, :2]).astype(int).T
    height, width = frame.depth.shape
    inside = (points[:, 2] > 0) & (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    columns, rows = np.clip(columns, 0, width - 1), np.clip(rows, 0, height - 1)
    before = frame.depth[rows, columns] < points[:, 2] - HIDING
    return np.asarray(~inside | (before & ~np.isin(frame_ids(frame)[rows, columns], list(through))))


def hidden_stretch(flags: NDArray[np.bool_]) -> str | None:
    """Which part of a path is hidden, in words, from flags (N,) along it; None if it can be seen from end to end."""
    if not flags.any():
        return None
    if flags.all():
        return "the whole path"
    first, last = np.flatnonzero(~flags)[[0, -1]]
    if not flags[first:last].any() and (first == 0) != (last == len(flags) - 1):
        return "the end of the path" if first == 0 else "the beginning of the path"
    return "a part of the path"
