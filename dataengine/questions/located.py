"""Where a thing is: boxes and points."""

from __future__ import annotations

import numpy as np

from dataengine.questions.sight import Sight
from dataengine.questions.wordings import BOX, POINT, VISIBLE_BOX, WHOLE_BOX, Wordings
from dataengine.samples import Box, GroundingSample
from renderers.annotations import BodyAnnotation, visible_points

UNHIDDEN = 0.98
"""A body of which so much is seen is not called partly hidden: its outline is sure to a pixel only."""
SAME_BOX = 2.0
"""Pixels that the box of what is seen may differ from that of the whole on any side, and the two are one answer."""


def write_boxes(sight: Sight, count: int) -> list[GroundingSample]:
    """Ask for boxes of bodies that are clearly seen.

    Where the box of what can be seen is not that of the whole, the question says which of them is meant.
    """
    samples = []
    for name in sight.drawn(count):
        expression = sight.refer(name)
        if expression is not None:
            wordings, box = _box_wordings(sight, sight.annotations[name])
            question = sight.choose(wordings).format(it=expression)
            samples.append(sight.located("box", question, expression, [name], boxes=[box]))
    return samples


def _box_wordings(sight: Sight, seen: BodyAnnotation) -> tuple[Wordings, Box]:
    tight, whole = sight.box(seen.name), seen.amodal_box
    if whole is None or seen.visible_fraction >= UNHIDDEN or np.abs(np.subtract(tight, whole)).max() <= SAME_BOX:
        return BOX, tight
    view = sight.context.frame.view
    # Of a body that is cut by the picture's border, nobody can tell how far the whole reaches along it.
    inside = min(whole) > 0.0 and whole[2] < view.width and whole[3] < view.height
    return (WHOLE_BOX, whole) if inside and sight.rng.random() < 0.5 else (VISIBLE_BOX, tight)


def write_points(sight: Sight, count: int) -> list[GroundingSample]:
    """Ask for a point on the visible part of bodies that are clearly seen."""
    samples = []
    for name in sight.drawn(count):
        expression = sight.refer(name)
        if expression is not None:
            points = visible_points(sight.ids, sight.annotations[name].instance_id, 1, sight.rng)
            question = sight.choose(POINT).format(it=expression)
            samples.append(sight.located("point", question, expression, [name], points=points))
    return samples
