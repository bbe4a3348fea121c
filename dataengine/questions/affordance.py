"""Where a thing is to be grasped, as long as it is not."""

from __future__ import annotations

import numpy as np

from dataengine.questions.hiding import hidden
from dataengine.questions.sight import PLAIN_KINDS, Sight
from dataengine.questions.wordings import GRASP_POINT, HIDDEN_CONTACTS, VISIBLE_CONTACTS
from dataengine.samples import GroundingSample
from renderers.camera import project


def write_affordances(sight: Sight, count: int) -> list[GroundingSample]:
    """Ask for the grasp point and for both contact points of the grasp that the episode uses.

    Every point has to lie on the target in the picture; contacts on its far side are asked for as such.
    """
    grasp, target = sight.context.moment.grasp, sight.subtask.target
    expression = sight.refer(target, PLAIN_KINDS) if target in sight.clear else None
    if grasp is None or expression is None:
        return []
    center = grasp.contacts.mean(axis=0, keepdims=True)
    samples = []
    for number in range(count):
        marks = center if number % 2 == 0 else grasp.contacts
        pixels, depth = project(marks, sight.context.frame.view)
        if not sight.lies_on(target, pixels):
            continue
        behind = hidden(np.column_stack([pixels, depth]), sight.context.frame).any()
        wordings = GRASP_POINT if number % 2 == 0 else HIDDEN_CONTACTS if behind else VISIBLE_CONTACTS
        question = sight.choose(wordings).format(it=expression, gripper=sight.context.moment.gripper)
        samples.append(sight.located("affordance", question, expression, [target], points=pixels))
    return samples
