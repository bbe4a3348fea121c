"""Where the gripper, or the thing in it, will move in the picture until the present motion ends."""

from __future__ import annotations

import numpy as np

from assets_index.transforms import Array
from dataengine.questions.guide import marked_trace
from dataengine.questions.hiding import hidden_stretch
from dataengine.questions.sight import PLAIN_KINDS, Sight
from dataengine.questions.wordings import GRIPPER_TRACE, HIDDEN_STRETCH, OBJECT_TRACE
from dataengine.samples import GroundingSample
from renderers.camera import project

SHORTEST = 0.05
"""A trace shorter than this share of the picture's width is not asked for."""


def write_traces(sight: Sight, count: int) -> list[GroundingSample]:
    """Ask for the path of the thing that is held and for the gripper's, where they lie wholly in the picture.

    Each is asked for once, and the question says which part of it is hidden.
    """
    context = sight.context
    target = sight.refer(sight.subtask.target, PLAIN_KINDS) if sight.subtask.target in sight.clear else None
    gripper = _trace(sight, context.moment.gripper_path)
    carried = (
        None if context.moment.object_path is None or target is None else _trace(sight, context.moment.object_path)
    )
    samples = []
    if carried is not None and target is not None:
        question = _worded(sight, OBJECT_TRACE, target, carried)
        samples.append(sight.located("trace", question, target, [sight.subtask.target], trace=carried[:, :2]))
    if gripper is not None:
        question = _worded(sight, _gripper_wordings(sight, target), target, gripper)
        samples.append(sight.located("trace", question, context.moment.gripper, [], trace=gripper[:, :2]))
    return [samples[i] for i in sight.rng.permutation(len(samples))[:count]]


def _gripper_wordings(sight: Sight, target: str | None) -> tuple[str, ...]:
    motion = sight.context.moment.motion
    wordings = GRIPPER_TRACE["reach" if motion == "grasp" and sight.subtask.part is not None else motion]
    return wordings if target is not None else tuple(each for each in wordings if "{it}" not in each)


def _worded(sight: Sight, wordings: tuple[str, ...], target: str | None, trace: Array) -> str:
    context, stretch = sight.context, hidden_stretch(trace[:, 2] > 0)
    instruction = context.instruction.rstrip(".")
    question = sight.choose(wordings).format(it=target, gripper=context.moment.gripper, instruction=instruction)
    return question if stretch is None else f"{question} {HIDDEN_STRETCH.format(stretch=stretch)}"


def _trace(sight: Sight, path: Array) -> Array | None:
    """The path as `marked_trace` has it; None if any of it is outside the picture, or if it hardly moves."""
    view = sight.context.frame.view
    if len(path) < 2:
        return None
    pixels, depth = project(path, view)
    within = (pixels >= 0.0) & (pixels < [view.width, view.height])
    if not (within.all() and (depth > 0.0).all()):
        return None
    length = np.linalg.norm(np.diff(pixels, axis=0), axis=1).sum()
    return marked_trace(path, sight.context, sight.config.trace_points) if length >= SHORTEST * view.width else None
