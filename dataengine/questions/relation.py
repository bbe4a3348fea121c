"""How things stand to one another, where it is clear on the table and as clear in the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dataengine.questions.picture import DIRECTIONS, OPPOSITE, bodies_agree
from dataengine.questions.sight import PLAIN_KINDS, Sight, without_article
from dataengine.questions.wordings import WHICH_IS_THERE, WHICH_OF_TWO, YES_OR_NO
from dataengine.samples import GroundingSample
from scene_graph.relations import Directional, In, On

TRIES = 12
"""Pairs of bodies that are looked at for a question."""
CONTENT_SHARE = 1 / 3
"""Share of the questions that are about the target and its container."""


@dataclass(frozen=True)
class _Containment:
    """Whether the target is in or on the container, and whether it is the only thing there."""

    relation: In | On
    holds: bool
    alone: bool


def write_relations(sight: Sight, count: int) -> list[GroundingSample]:
    """Ask yes-or-no questions and which-questions in turn; half of the directions asked about are to be denied.

    Whether the target is in or on its container is asked once at most.
    """
    directions, containment = _clear_directions(sight), _containment(sight)
    samples = []
    for number in range(count):
        if containment is not None and sight.rng.random() < CONTENT_SHARE:
            samples.append(_ask_containment(sight, containment))
            containment = None
            continue
        relation = next(directions, None)
        if relation is not None:
            samples.append(_which_of_two(sight, relation) if number % 2 else _yes_or_no(sight, relation))
    return [sample for sample in samples if sample is not None]


def _clear_directions(sight: Sight) -> Iterator[Directional]:
    """Relations of random pairs that hold by the margin asked for, on the table and in the picture."""
    names = sight.resting
    for _ in range(TRIES * sight.config.relation if len(names) > 1 else 0):
        first, second = sight.rng.choice(len(names), 2, replace=False)
        for direction in DIRECTIONS:
            relation = direction(subject=names[first], anchor=names[second])
            verdict = relation.holds(sight.scene)
            if verdict.margin >= sight.config.relation_margin and bodies_agree(relation, sight.standing):
                yield relation


def _yes_or_no(sight: Sight, relation: Directional) -> GroundingSample | None:
    subject, anchor = sight.refer(relation.subject, PLAIN_KINDS), sight.refer(relation.anchor, PLAIN_KINDS)
    if subject is None or anchor is None:
        return None
    denied = sight.rng.random() < 0.5
    # The opposite direction is surely wrong; a perpendicular one might be argued about.
    asked = OPPOSITE[type(relation)] if denied else type(relation)
    phrase = asked(subject=relation.subject, anchor=relation.anchor).phrase({relation.anchor: anchor})
    question = sight.choose(YES_OR_NO).format(it=subject, relation=phrase)
    bodies = [relation.subject, relation.anchor]
    return sight.said("relation", question, subject, bodies, "no" if denied else "yes")


def _which_of_two(sight: Sight, relation: Directional) -> GroundingSample | None:
    subject, anchor = sight.refer(relation.subject, PLAIN_KINDS), sight.refer(relation.anchor, PLAIN_KINDS)
    if subject is None or anchor is None:
        return None
    first, second = (subject, anchor) if sight.rng.random() < 0.5 else (anchor, subject)
    kind = type(relation).model_fields["kind"].default
    question = sight.choose(WHICH_OF_TWO[kind]).format(first=first, second=second)
    bodies = [relation.subject, relation.anchor]
    return sight.said("relation", question, subject, bodies, without_article(subject))


def _containment(sight: Sight) -> _Containment | None:
    """How the target stands to its container; None while that is not clear, as when it hangs above."""
    scene, task = sight.scene, sight.subtask
    if not {task.target, task.container} <= set(sight.resting):
        return None
    relation_type = In if scene[task.container].asset.cavity is not None else On
    inside = [
        name
        for name in scene.bodies
        if name != task.container and relation_type(subject=name, anchor=task.container).holds(scene).holds
    ]
    holds = task.target in inside
    if not holds and scene[task.target].footprint.distance(scene[task.container].footprint) == 0.0:
        return None
    return _Containment(relation_type(subject=task.target, anchor=task.container), holds, inside == [task.target])


def _ask_containment(sight: Sight, fact: _Containment) -> GroundingSample | None:
    target, container = fact.relation.subject, fact.relation.anchor
    subject, anchor = sight.refer(target, PLAIN_KINDS), sight.refer(container, PLAIN_KINDS)
    if subject is None or anchor is None:
        return None
    phrase = fact.relation.phrase({container: anchor})
    name = sight.name(target) if fact.alone else None
    if name is not None and sight.rng.random() < 0.5:
        question = sight.choose(WHICH_IS_THERE).format(relation=phrase)
        return sight.said("relation", question, name, [target, container], without_article(name))
    question = sight.choose(YES_OR_NO).format(it=subject, relation=phrase)
    return sight.said("relation", question, subject, [target, container], "yes" if fact.holds else "no")
