"""What the hand is about to do, as it lies in one picture: where it grasps, and which way it and the target go."""

from __future__ import annotations

import numpy as np

from assets_index.transforms import Array
from dataengine.questions.context import QuestionContext, WorldGrasp
from dataengine.questions.hiding import hidden
from dataengine.storage.clip import Guide
from renderers.annotations import trace_with_depth
from renderers.camera import project

NOWHERE: Array = np.zeros((0, 3))
"""Of a grasp or a path that there is not."""


def guide_of(context: QuestionContext, trace_points: int) -> Guide:
    """The guide of one picture.

    Args:
        context: with a frame that has depth and ids.
        trace_points: points of each trace.
    """
    moment = context.moment
    gripper, target = (
        NOWHERE if path is None or len(path) < 2 else marked_trace(path, context, trace_points)
        for path in (moment.gripper_path, moment.object_path)
    )
    contacts, rectangle = NOWHERE, NOWHERE
    if moment.grasp is not None:
        contacts = _in_picture(moment.grasp.contacts, context)
        rectangle = _in_picture(grasp_rectangle(moment.grasp), context)
    return Guide(contacts=contacts, grasp_rectangle=rectangle, gripper_trace=gripper, object_trace=target)


def marked_trace(path: Array, context: QuestionContext, count: int) -> Array:
    """A path (M, 3) in the world as `count` points in the picture: x, y, and 1 where it is hidden, else 0; (count, 3).

    Neither the robot nor the target hides a path: both will have moved. (0, 3) if it is never in the picture.
    """
    trace = trace_with_depth(path, context.frame.view, count)
    moving = {context.robot_id, context.annotation[context.subtask.target].instance_id}
    return np.column_stack([trace[:, :2], hidden(trace, context.frame, moving)])


def grasp_rectangle(grasp: WorldGrasp) -> Array:
    """Corners (4, 3) in the world: from contact to contact, as broad as the pads; 0-1 and 2-3 are the pads' edges."""
    across = 0.5 * grasp.pad_breadth * grasp.tcp[:3, 0]
    first, second = grasp.contacts
    return np.array([first - across, first + across, second + across, second - across])


def _in_picture(points: Array, context: QuestionContext) -> Array:
    pixels, depth = project(points, context.frame.view)
    return np.column_stack([pixels, hidden(np.column_stack([pixels, depth]), context.frame)])
