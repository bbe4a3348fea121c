"""A noun phrase as data, and which bodies of a scene it fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Literal

import numpy as np

from assets_index.asset import Asset
from assets_index.schema import Schema
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.relations import Behind, Between, In, InFrontOf, LeftOf, Near, On, Relation, RightOf
from scene_graph.vocabulary import Fit, adjective_fits, longest_extent, noun_fits

ClauseKind = Literal["in", "on", "near", "left_of", "right_of", "in_front_of", "behind", "between"]
SuperlativeKind = Literal[
    "leftmost",
    "rightmost",
    "closest to the robot base",
    "farthest from the robot base",
    "closest to the center",
    "closest",
    "farthest",
    "largest",
    "smallest",
    "tallest",
]

SLACK = 0.02
"""Metres by which a statement must be false of every other body before an expression counts as picking one."""

PAIRWISE_RELATIONS: dict[ClauseKind, type[In | On | Near | LeftOf | RightOf | InFrontOf | Behind]] = {
    "in": In,
    "on": On,
    "near": Near,
    "left_of": LeftOf,
    "right_of": RightOf,
    "in_front_of": InFrontOf,
    "behind": Behind,
}


class Clause(Schema):
    """A spatial relation to what other noun phrases name: one, or two for "between"."""

    kind: ClauseKind
    anchors: tuple[Description, ...]


class Superlative(Schema):
    """The first by some measure; `anchor` for "closest" and "farthest"."""

    kind: SuperlativeKind
    anchor: Description | None = None


class Description(Schema):
    """A noun with everything that is said of it, e.g. "the small red tool to the left of the bowl".

    Attributes:
        noun: category, synonym, group, shape ("sphere") or a generic noun ("object").
        adjectives: attribute words and groups, all of which must be true.
        clauses: relations, all of which must hold.
        superlatives: applied last, in turn, to what is left.
    """

    noun: str
    adjectives: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()
    superlatives: tuple[Superlative, ...] = ()


def fitting(noun: str, adjectives: Sequence[str], assets: Sequence[Asset]) -> list[Fit]:
    """Of which assets the noun and all adjectives are true."""
    named = noun_fits(noun, assets)
    return [
        min([fit, *(adjective_fits(word, asset) for word in adjectives)])
        for fit, asset in zip(named, assets, strict=True)
    ]


def resolve_description(description: Description, scene: PlacedScene) -> frozenset[str]:
    """Names of the bodies that a description may mean.

    Empty if it is strictly true of none; otherwise all of which it is true within `SLACK`, or would be true if
    attributes that are not known were as it says. So one name means that no other body comes close.
    """
    if not _candidates(description, scene, 0.0):
        return frozenset()
    return _candidates(description, scene, SLACK)


def _candidates(description: Description, scene: PlacedScene, slack: float) -> frozenset[str]:
    assets = [body.asset for body in scene.named.values()]
    fits = fitting(description.noun, description.adjectives, assets)
    least = Fit.PERHAPS if slack > 0.0 else Fit.YES
    names = [name for name, fit in zip(scene.named, fits, strict=True) if fit >= least]
    for clause in description.clauses:
        anchors = [_candidates(anchor, scene, slack) for anchor in clause.anchors]
        names = [name for name in names if _clause_margin(clause.kind, name, anchors, scene) >= -slack]
    for superlative in description.superlatives:
        names = _first(superlative, names, scene, slack)
    return frozenset(names)


def _clause_margin(kind: ClauseKind, name: str, anchors: Sequence[frozenset[str]], scene: PlacedScene) -> float:
    """The best margin over all bodies that the anchors may mean; -inf if there are none beside the subject."""
    relations: list[Relation] = []
    for chosen in product(*(sorted(anchor - {name}) for anchor in anchors)):
        if kind == "between":
            if chosen[0] != chosen[1]:
                relations.append(Between(subject=name, first=chosen[0], second=chosen[1]))
        else:
            relations.append(PAIRWISE_RELATIONS[kind](subject=name, anchor=chosen[0]))
    return max((relation.holds(scene).margin for relation in relations), default=-np.inf)


_MEASURES: dict[str, Callable[[PlacedBody], float]] = {
    "leftmost": lambda body: -float(body.center[1]),
    "rightmost": lambda body: float(body.center[1]),
    "closest to the robot base": lambda body: float(np.linalg.norm(body.center)),
    "farthest from the robot base": lambda body: -float(np.linalg.norm(body.center)),
    "largest": lambda body: -longest_extent(body.asset),
    "smallest": lambda body: longest_extent(body.asset),
    "tallest": lambda body: -(body.top - body.bottom),
}


def _first(superlative: Superlative, names: Sequence[str], scene: PlacedScene, slack: float) -> list[str]:
    """Those whose measure is within the slack of the least."""
    if superlative.anchor is not None:
        anchors = _candidates(superlative.anchor, scene, slack)
        return sorted(
            {name for anchor in sorted(anchors) for name in _nearest(superlative, anchor, names, scene, slack)}
        )
    if superlative.kind == "closest to the center":
        center = _scene_center(scene)
        measures = {name: float(np.linalg.norm(scene[name].center - center)) for name in names}
    else:
        measures = {name: _MEASURES[superlative.kind](scene[name]) for name in names}
    return _least(measures, slack)


def _nearest(
    superlative: Superlative, anchor: str, names: Sequence[str], scene: PlacedScene, slack: float
) -> list[str]:
    sign = 1.0 if superlative.kind == "closest" else -1.0
    reference = scene[anchor].footprint
    return _least({n: sign * float(scene[n].footprint.distance(reference)) for n in names if n != anchor}, slack)


def _least(measures: dict[str, float], slack: float) -> list[str]:
    limit = min(measures.values(), default=0.0) + slack
    return [name for name, measure in measures.items() if measure <= limit]


def _scene_center(scene: PlacedScene) -> np.ndarray:
    """Middle of the rectangle around all bodies, (2,)."""
    bounds = np.array([body.footprint.bounds for body in scene.bodies.values()])
    return np.asarray((bounds[:, :2].min(0) + bounds[:, 2:].max(0)) / 2)
