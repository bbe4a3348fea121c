"""What the hand is about to do, as it lies in one picture: where it grasps, and which way it and the target go."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from assets_index.transforms import Array
from dataengine.questions.context import QuestionContext, WorldGrasp
from dataengine.storage.clip import Guide
from renderers.annotations import frame_ids, trace_with_depth
from renderers.camera import project
from renderers.frame import Frame

HIDING = 0.012
"""What is so much nearer than a point, in metres, hides it; a contact lies on a surface that is only so well known."""

NOWHERE: Array = np.zeros((0, 3))
"""Of a grasp or a path that there is not."""


def guide_of(context: QuestionContext, robot_id: int, trace_points: int) -> Guide:
    """The guide of one picture.

    Args:
        context: with a frame that has depth and ids.
        robot_id: value of the robot's pixels.
        trace_points: points of each trace.
    """
    moment, frame = context.moment, context.frame
    moving = {
        robot_id,
        *(body.instance_id for body in context.annotation.bodies if body.name == context.subtask.target),
    }
    gripper, target = (
        NOWHERE
        if path is None or len(path) < 2
        else _with_hidden(trace_with_depth(path, frame.view, trace_points), frame, moving)
        for path in (moment.gripper_path, moment.object_path)
    )
    contacts, rectangle = NOWHERE, NOWHERE
    if moment.grasp is not None:
        contacts = _in_picture(moment.grasp.contacts, frame)
        rectangle = _in_picture(grasp_rectangle(moment.grasp), frame)
    return Guide(contacts=contacts, grasp_rectangle=rectangle, gripper_trace=gripper, object_trace=target)


def grasp_rectangle(grasp: WorldGrasp) -> Array:
    """Corners (4, 3) in the world: from contact to contact, as broad as the pads; 0-1 and 2-3 are the pads' edges."""
    across = 0.5 * grasp.pad_breadth * grasp.tcp[:3, 0]
    first, second = grasp.contacts
    return np.array([first - across, first + across, second + across, second - across])


def _in_picture(points: Array, frame: Frame) -> Array:
    pixels, depth = project(points, frame.view)
    return _with_hidden(np.column_stack([pixels, depth]), frame, ())


def _with_hidden(points: Array, frame: Frame, through: Collection[int]) -> Array:
    """Points (N, 3) with 1 in the place of their depth where they are hidden or outside the picture, else 0.

    Args:
        points: x, y and depth along the optical axis, metres.
        frame: with depth and ids.
        through: instance ids that hide nothing.
    """
    assert frame.depth is not None, "the frame was drawn without depth"
    columns, rows = np.floor(points[:, :2]).astype(int).T
    height, width = frame.depth.shape
    inside = (points[:, 2] > 0) & (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    columns, rows = np.clip(columns, 0, width - 1), np.clip(rows, 0, height - 1)
    before = frame.depth[rows, columns] < points[:, 2] - HIDING
    hidden = ~inside | (before & ~np.isin(frame_ids(frame)[rows, columns], list(through)))
    return np.column_stack([points[:, :2], hidden])
