"""In which pixels of the table the target could be put, and in which it could not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dataengine.questions.context import QuestionContext
from dataengine.questions.picture import on_plane, shows_table_top
from dataengine.questions.room import Footprint
from dataengine.storage.frames import Room
from renderers.annotations import frame_ids


def free_space(context: QuestionContext, clearance: float) -> NDArray[np.uint8]:
    """A `Room` for every pixel, (H, W).

    Args:
        context: one picture; where the target is now counts as free.
        clearance: left between things where there is room, metres.
    """
    frame, ids = context.frame, frame_ids(context.frame)
    assert frame.depth is not None, "the frame was drawn without depth"
    rooms = np.full(ids.shape, Room.UNKNOWN, np.uint8)
    rows, columns = np.nonzero(ids == context.table_id)
    pixels = np.column_stack([columns, rows]) + 0.5
    top = shows_table_top(pixels, frame.depth[rows, columns], frame.view)
    rows, columns, points = rows[top], columns[top], on_plane(pixels[top], frame.view)
    footprint = Footprint(context.moment.scene[context.subtask.target], context.moment.scene, clearance)
    rooms[rows, columns] = np.where(
        footprint.fits_table(points, context.workspace),
        Room.FREE,
        np.where(footprint.collides(points), Room.TAKEN, Room.UNKNOWN),
    )
    return rooms
