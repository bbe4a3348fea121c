"""Where a thing is: boxes and points."""

from __future__ import annotations

from dataengine.questions.sight import Sight
from dataengine.questions.wordings import BOX, POINT
from dataengine.samples import GroundingSample
from renderers.annotations import visible_points


def write_boxes(sight: Sight, count: int) -> list[GroundingSample]:
    """Ask for the tight boxes of bodies that are clearly seen."""
    samples = []
    for name in sight.drawn(count):
        expression = sight.refer(name)
        if expression is not None:
            question = sight.choose(BOX).format(it=expression)
            samples.append(sight.located("box", question, expression, [name], boxes=[sight.box(name)]))
    return samples


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
