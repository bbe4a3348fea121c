"""Which moving part of a fixture a task is about: drawn once an asset has been chosen, for parts differ between assets.

In a task file `part: any` stands for the part that is drawn, the same in every step and relation, and `part: others` in
a relation for each of the asset's other parts. Words may have {part}, its name, and {sum}, an addition whose result is
the number that is written on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from assets_index.articulation import MovingPart
from assets_index.asset import Asset
from scene_graph.errors import ImpossibleTask
from scene_graph.relations import AnyRelation, InsideDrawer
from scene_graph.relations.articulation import MovedFar, PartState
from scene_graph.tasks.plot import Plot

ANY, OTHERS = "any", "others"

FARTHER = 0.15
"""How much farther a part may have been moved at the start than it must have been, as a share of its travel."""


def with_drawn_parts(
    plot: Plot, assets: Mapping[str, Asset], rng: np.random.Generator
) -> tuple[Plot, Mapping[str, str]]:
    """The plot with every `any` and `others` resolved, and the words for the part that was drawn.

    Raises:
        ImpossibleTask: if a part is asked of an asset that has none.
    """
    drawn = _drawn(plot, assets, rng)
    if not drawn:
        return plot, {}
    moves = tuple(
        replace(
            move,
            step=move.step.model_copy(update={"part": drawn[move.target].name}) if move.step.part == ANY else move.step,
            goal=_resolved(move.goal, assets, drawn),
        )
        for move in plot.moves
    )
    goals = tuple(_resolved(goal, assets, drawn) for goal in plot.goals)
    start = _resolved(plot.start, assets, drawn)
    return replace(plot, moves=moves, start=start, goals=goals), _words(next(iter(drawn.values())), rng)


def _drawn(plot: Plot, assets: Mapping[str, Asset], rng: np.random.Generator) -> dict[str, MovingPart]:
    """A part of each thing of which any is asked, by the thing's name."""
    drawn: dict[str, MovingPart] = {}
    for move in plot.moves:
        if move.step.part == ANY and move.target not in drawn:
            drawn[move.target] = _parts(assets[move.target])[int(rng.integers(len(_parts(assets[move.target]))))]
    return drawn


def _parts(asset: Asset) -> tuple[MovingPart, ...]:
    if asset.articulation is None:
        raise ImpossibleTask(f"{asset.name}: has no moving part; ask for kind: fixture")
    return asset.articulation.parts


def _resolved(
    relations: tuple[AnyRelation, ...], assets: Mapping[str, Asset], drawn: Mapping[str, MovingPart]
) -> tuple[AnyRelation, ...]:
    return tuple(each for relation in relations for each in _each(relation, assets, drawn))


def _each(
    relation: AnyRelation, assets: Mapping[str, Asset], drawn: Mapping[str, MovingPart]
) -> tuple[AnyRelation, ...]:
    """The relation for the part that was drawn, or for each of the others."""
    if not isinstance(relation, PartState | InsideDrawer) or relation.part not in (ANY, OTHERS):
        return (relation,)
    owner = relation.anchor if isinstance(relation, InsideDrawer) else relation.subject
    own = drawn[owner].name
    names = [own] if relation.part == ANY else [part.name for part in _parts(assets[owner]) if part.name != own]
    return tuple(relation.model_copy(update={"part": name}) for name in names)


def joints_at_start(
    relations: Iterable[AnyRelation], assets: Mapping[str, Asset], rng: np.random.Generator
) -> dict[str, dict[str, float]]:
    """Values of the joints, by body and part, with which parts are moved as far as relations at the start want them."""
    joints: dict[str, dict[str, float]] = {}
    for relation in relations:
        if isinstance(relation, MovedFar):
            (part,) = (part for part in _parts(assets[relation.subject]) if part.name == relation.part)
            share = rng.uniform(relation.share, min(relation.share + FARTHER, 1.0))
            joints.setdefault(relation.subject, {})[part.name] = float(share) * part.travel
    return joints


def _words(part: MovingPart, rng: np.random.Generator) -> dict[str, str]:
    words = {"part": part.name}
    if part.label is not None and part.label.isdecimal() and int(part.label) > 1:
        first = int(rng.integers(1, int(part.label)))
        words["sum"] = f"{first} + {int(part.label) - first}"
    return words
