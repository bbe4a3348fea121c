"""Referring expressions: noun phrases that pick exactly one body of a scene.

Every expression is a `Description` first and words second, and is handed out only after it has been resolved against
the scene and picked its body and no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Literal, TypeVar, get_args

import numpy as np

from assets_index.asset import Asset
from assets_index.schema import Schema
from scene_graph.description import (
    PAIRWISE_RELATIONS,
    Clause,
    ClauseKind,
    Description,
    Superlative,
    SuperlativeKind,
    fitting,
    resolve_description,
)
from scene_graph.errors import AmbiguousReference
from scene_graph.placed import PlacedScene
from scene_graph.relations import Between
from scene_graph.vocabulary import GROUP_NOUNS, Fit

ReferenceKind = Literal["category", "attribute", "spatial"]
ALL_KINDS: tuple[ReferenceKind, ...] = get_args(ReferenceKind)

_ADJECTIVE_ORDER = ("size", "shape", "color", "material")
_NAMING_ORDER = ("color", "material", "size", "shape")
_SUPERLATIVES: tuple[SuperlativeKind, ...] = (
    "leftmost",
    "rightmost",
    "closest to the robot base",
    "farthest from the robot base",
    "closest to the center",
)
_ANCHOR_TRIES = 6  # anchors beyond these would only make the search longer, not the words better

T = TypeVar("T")


class Expression(Schema):
    """Words that pick one body, and what they mean."""

    text: str
    kind: ReferenceKind
    description: Description


def refer(
    scene: PlacedScene, name: str, rng: np.random.Generator, kinds: Sequence[ReferenceKind] = ALL_KINDS
) -> Expression:
    """An expression for a body, of one of the kinds, drawn at random.

    "category" is the plain noun ("the mug"), "attribute" adds or uses only attributes ("the small red tool"), "spatial"
    uses relations to other bodies or a place ("the can to the left of the bowl", "the leftmost can").

    Raises:
        AmbiguousReference: if no expression of these kinds picks the body and no other.
    """
    for kind in _shuffled(kinds, rng):
        for description in _CANDIDATES[kind](scene, name, rng):
            if resolve_description(description, scene) == {name}:
                return Expression(text=noun_phrase(description), kind=kind, description=description)
    raise AmbiguousReference(f"no {' or '.join(kinds)} expression picks {name!r} and nothing else")


def name_among(asset: Asset, others: Sequence[Asset]) -> Description | None:
    """The shortest description by category and attributes that fits `asset` alone; the colour comes first.

    None if there is no such description. Of `others`, every asset in the scene, those with the same id count as itself.
    """
    known = _telling(asset, _NAMING_ORDER)
    for count in range(min(1, len(known)), len(known) + 1):
        for fields in combinations(known, count):
            description = Description(noun=asset.category, adjectives=_adjectives(asset, fields))
            fits = fitting(description.noun, description.adjectives, others)
            if all(other.id == asset.id for other, fit in zip(others, fits, strict=True) if fit > Fit.NO):
                return description
    return None


def noun_phrase(description: Description) -> str:
    """A description in words, with its article."""
    before = [s.kind for s in description.superlatives if not _follows_noun(s.kind)]
    after = [_superlative_words(s) for s in description.superlatives if _follows_noun(s.kind)]
    clauses = [_clause_words(clause) for clause in description.clauses]
    return " ".join(["the", *before, *description.adjectives, description.noun, *clauses, *after])


def _follows_noun(kind: SuperlativeKind) -> bool:
    return kind.startswith(("closest", "farthest"))


def _superlative_words(superlative: Superlative) -> str:
    if superlative.anchor is None:
        return superlative.kind
    preposition = "to" if superlative.kind == "closest" else "from"
    return f"{superlative.kind} {preposition} {noun_phrase(superlative.anchor)}"


def _clause_words(clause: Clause) -> str:
    """The relation's own phrase, with the anchors' noun phrases in place of names."""
    phrases = {str(number): noun_phrase(anchor) for number, anchor in enumerate(clause.anchors)}
    if clause.kind == "between":
        return Between(subject="", first="0", second="1").phrase(phrases)
    return PAIRWISE_RELATIONS[clause.kind](subject="", anchor="0").phrase(phrases)


def _category_candidates(scene: PlacedScene, name: str, rng: np.random.Generator) -> Iterator[Description]:
    asset = scene[name].asset
    for noun in (asset.category, *_shuffled(asset.synonyms, rng)):
        yield Description(noun=noun)


def _attribute_candidates(scene: PlacedScene, name: str, rng: np.random.Generator) -> Iterator[Description]:
    """Fewest adjectives first; the category's own noun is one choice among others."""
    asset = scene[name].asset
    known = _telling(asset, _ADJECTIVE_ORDER)
    nouns = (asset.category, *_general_nouns(asset))
    for count in range(1, len(known) + 1):
        choices = [(fields, noun) for fields in combinations(known, count) for noun in nouns]
        for fields, noun in _shuffled(choices, rng):
            yield Description(noun=noun, adjectives=_adjectives(asset, fields))


def _spatial_candidates(scene: PlacedScene, name: str, rng: np.random.Generator) -> Iterator[Description]:
    nouns = list(_shuffled(_plain_phrases(scene[name].asset), rng))
    makers = (_superlative_candidates, _relation_candidates)
    for maker in _shuffled(makers, rng):
        for noun in nouns:
            yield from maker(scene, name, noun, rng)


def _superlative_candidates(
    scene: PlacedScene, name: str, noun: Description, rng: np.random.Generator
) -> Iterator[Description]:
    """Only where the noun alone leaves a choice: nobody says "the leftmost mug" of the only one."""
    if len(resolve_description(noun, scene)) < 2:
        return
    for kind in _shuffled(_SUPERLATIVES, rng):
        yield noun.model_copy(update={"superlatives": (Superlative(kind=kind),)})
    for anchor in _anchor_phrases(scene, name, rng):
        yield noun.model_copy(update={"superlatives": (Superlative(kind="closest", anchor=anchor),)})


def _relation_candidates(
    scene: PlacedScene, name: str, noun: Description, rng: np.random.Generator
) -> Iterator[Description]:
    anchors = list(_anchor_phrases(scene, name, rng))
    choices: list[tuple[ClauseKind, tuple[Description, ...]]] = [
        (kind, (anchor,)) for kind in PAIRWISE_RELATIONS for anchor in anchors
    ]
    choices += [("between", pair) for pair in combinations(anchors, 2)]
    for kind, chosen in _shuffled(choices, rng):
        yield noun.model_copy(update={"clauses": (Clause(kind=kind, anchors=chosen),)})


def _anchor_phrases(scene: PlacedScene, name: str, rng: np.random.Generator) -> Iterator[Description]:
    """Short descriptions of other bodies, each of which picks one."""
    others = [other for other in scene.bodies if other != name]
    for other in list(_shuffled(others, rng))[:_ANCHOR_TRIES]:
        assets = [body.asset for body in scene.bodies.values()]
        plain = Description(noun=scene[other].asset.category)
        if resolve_description(plain, scene) == {other}:
            yield plain
            continue
        named = name_among(scene[other].asset, assets)
        if named is not None and resolve_description(named, scene) == {other}:
            yield named


def _plain_phrases(asset: Asset) -> list[Description]:
    colored = _adjectives(asset, _telling(asset, ("color",)))
    nouns = (asset.category, *_general_nouns(asset))
    return [Description(noun=noun, adjectives=words) for noun in nouns for words in sorted({(), colored})]


def _general_nouns(asset: Asset) -> tuple[str, ...]:
    return (asset.group, "object") if asset.group in GROUP_NOUNS else ("object",)


def _telling(asset: Asset, fields: Sequence[str]) -> list[str]:
    """Those of the attributes that tell something: nobody says "medium", or "the rubber rubber duck"."""
    known = {None, "medium", *asset.category.split()}
    return [field for field in fields if getattr(asset.attributes, field) not in known]


def _adjectives(asset: Asset, fields: Sequence[str]) -> tuple[str, ...]:
    """Attribute values in the order in which English has them."""
    return tuple(str(getattr(asset.attributes, field)) for field in _ADJECTIVE_ORDER if field in fields)


def _shuffled(choices: Sequence[T], rng: np.random.Generator) -> Iterator[T]:
    return (choices[i] for i in rng.permutation(len(choices)))


_CANDIDATES = {
    "category": _category_candidates,
    "attribute": _attribute_candidates,
    "spatial": _spatial_candidates,
}
