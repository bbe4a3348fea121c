"""Whether a goal is reached: the relations' own verdicts, nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.schema import Schema
from scene_graph.placed import PlacedScene
from scene_graph.relations import AnyRelation, Verdict
from scene_graph.task import Goal
from scene_graph.validation import check_relations


class Judgement(Schema):
    """The verdict on each relation of a goal, in its order.

    Attributes:
        alternative: which of a goal's alternatives the verdicts are of: the one that holds by most, or fails by least.
    """

    satisfied: bool
    verdicts: tuple[Verdict, ...]
    alternative: int = 0


def judge(relations: Sequence[AnyRelation], scene: PlacedScene) -> Judgement:
    """Judge relations: satisfied if every one of them holds.

    Raises:
        InvalidSceneGraph: if a relation speaks of what is not in the scene.
    """
    check_relations(relations, scene.bodies.keys(), scene.landmarks.keys())
    verdicts = tuple(relation.holds(scene) for relation in relations)
    return Judgement(satisfied=all(verdict.holds for verdict in verdicts), verdicts=verdicts)


def judge_goal(goal: Goal, scene: PlacedScene) -> Judgement:
    """Judge a goal in one scene: satisfied if all relations of one alternative hold. How long is not asked here.

    Raises:
        InvalidSceneGraph: if the goal names a body that is not in the scene.
    """
    judgements = [
        judge(relations, scene).model_copy(update={"alternative": number})
        for number, relations in enumerate(goal.any_of)
    ]
    return max(judgements, key=lambda each: (each.satisfied, min((v.margin for v in each.verdicts), default=np.inf)))
