"""Where the gripper, or the thing in it, will move in the picture until the present motion ends."""

from __future__ import annotations

import numpy as np

from assets_index.transforms import Array
from dataengine.questions.sight import PLAIN_KINDS, Sight
from dataengine.questions.wordings import GRIPPER_TRACE, OBJECT_TRACE
from dataengine.samples import GroundingSample
from renderers.annotations import trace_2d
from renderers.camera import project

SHORTEST = 0.05
"""A trace shorter than this share of the picture's width is not asked for."""


def write_traces(sight: Sight, count: int) -> list[GroundingSample]:
    """Ask for the gripper's path, and in turn for that of the thing it holds, where they lie wholly in the picture."""
    context = sight.context
    target = sight.refer(sight.subtask.target, PLAIN_KINDS) if sight.subtask.target in sight.clear else None
    gripper = _trace(sight, context.moment.gripper_path)
    carried = (
        None if context.moment.object_path is None or target is None else _trace(sight, context.moment.object_path)
    )
    samples = []
    for number in range(count):
        if carried is not None and target is not None and number % 2 == 0:
            samples.append(_object_sample(sight, target, carried))
        elif gripper is not None:
            samples.append(_gripper_sample(sight, target, gripper))
    return samples


def _object_sample(sight: Sight, target: str, trace: Array) -> GroundingSample:
    question = sight.choose(OBJECT_TRACE).format(it=target, instruction=sight.context.instruction.rstrip("."))
    return sight.located("trace", question, target, [sight.subtask.target], trace=trace)


def _gripper_sample(sight: Sight, target: str | None, trace: Array) -> GroundingSample:
    motion = sight.context.moment.motion
    wordings = GRIPPER_TRACE["reach" if motion == "grasp" and sight.subtask.part is not None else motion]
    if target is None:
        wordings = tuple(wording for wording in wordings if "{it}" not in wording)
    question = sight.choose(wordings).format(it=target, instruction=sight.context.instruction.rstrip("."))
    return sight.located("trace", question, "gripper", [], trace=trace)


def _trace(sight: Sight, path: Array) -> Array | None:
    """The path in pixels, evenly spaced; None if any of it is outside the picture, or if it hardly moves."""
    view = sight.context.frame.view
    if len(path) < 2:
        return None
    pixels, depth = project(path, view)
    within = (pixels >= 0.0) & (pixels < [view.width, view.height])
    if not (within.all() and (depth > 0.0).all()):
        return None
    length = np.linalg.norm(np.diff(pixels, axis=0), axis=1).sum()
    return trace_2d(path, view, sight.config.trace_points) if length >= SHORTEST * view.width else None
