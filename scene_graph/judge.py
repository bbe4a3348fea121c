"""Whether a goal is reached: the relations' own verdicts, nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from assets_index.schema import Schema
from scene_graph.placed import PlacedScene
from scene_graph.relations import AnyRelation, Verdict
from scene_graph.validation import check_relations


class Judgement(Schema):
    """The verdict on each relation of a goal, in its order."""

    satisfied: bool
    verdicts: tuple[Verdict, ...]


def judge(goal: Sequence[AnyRelation], scene: PlacedScene) -> Judgement:
    """Judge a goal: satisfied if every relation holds.

    Raises:
        InvalidSceneGraph: if the goal names a body that is not in the scene.
    """
    check_relations(goal, scene.bodies.keys())
    verdicts = tuple(relation.holds(scene) for relation in goal)
    return Judgement(satisfied=all(verdict.holds for verdict in verdicts), verdicts=verdicts)
