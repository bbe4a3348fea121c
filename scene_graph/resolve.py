"""Which bodies words mean: resolving our own expressions, and English that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from scene_graph.description import resolve_description
from scene_graph.noun_phrases import Lexicon, readings
from scene_graph.phrasebook import (
    DESTINATIONS,
    MANNERS,
    MOVING_VERBS,
    PICKING_VERBS,
    REQUESTS,
    Destination,
    Tokens,
    tokens_of,
)
from scene_graph.placed import PlacedScene
from scene_graph.reference import Expression

_Division: TypeAlias = tuple[Tokens, Tokens, tuple[Destination, ...]]
"""Words for what is moved and for its place, and what the preposition between them may say."""

MAX_WORDS = 40
"""A longer text is taken as unreadable: an instruction has no need of it, and readings multiply with length."""


def resolve(expression: Expression, scene: PlacedScene) -> frozenset[str]:
    """Names of the bodies that an expression may mean: those of which it is true or nearly so; empty if of none."""
    return resolve_description(expression.description, scene)


def resolve_text(text: str, scene: PlacedScene) -> frozenset[str]:
    """Names of the bodies that an English noun phrase may mean, over all its readings.

    Empty if the phrase says anything that the scene's words and the grammar of `noun_phrases` do not hold.
    """
    tokens = tokens_of(text)
    return _resolve_tokens(tokens, scene, Lexicon.of(scene)) if len(tokens) <= MAX_WORDS else frozenset()


class Instruction(NamedTuple):
    """What an English instruction may mean.

    Attributes:
        moved, places: names of the bodies to be moved and of those they go to, over all readings.
        destinations: what every reading says of being there.
    """

    moved: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    destinations: frozenset[Destination] = frozenset()


def read_instruction(text: str, scene: PlacedScene) -> Instruction:
    """What an English instruction may mean, over all its readings.

    Understood are "put X on Y" and "pick up X and put it on Y" with their usual verbs and prepositions. All is empty if
    no reading makes sense of every word and finds something for X and Y.
    """
    tokens = tokens_of(text)
    if len(tokens) > MAX_WORDS:
        return Instruction()
    found, lexicon = [], Lexicon.of(scene)
    for target, container, destinations in _divisions(_without_politeness(tokens)):
        moved = _resolve_tokens(target, scene, lexicon)
        places = _resolve_tokens(container, scene, lexicon) if moved else frozenset()
        if moved and places:
            found.append(Instruction(moved, places, frozenset(destinations)))
    if not found:
        return Instruction()
    return Instruction(
        frozenset.union(*(reading.moved for reading in found)),
        frozenset.union(*(reading.places for reading in found)),
        frozenset.intersection(*(reading.destinations for reading in found)),
    )


def resolve_instruction(text: str, scene: PlacedScene) -> tuple[frozenset[str], frozenset[str]]:
    """Names of the bodies that an English instruction moves, and of the places they go to; see `read_instruction`."""
    instruction = read_instruction(text, scene)
    return instruction.moved, instruction.places


def _resolve_tokens(tokens: Tokens, scene: PlacedScene, lexicon: Lexicon) -> frozenset[str]:
    meanings = (resolve_description(reading, scene) for reading in set(readings(tokens, lexicon)))
    return frozenset().union(*meanings)


def _without_politeness(tokens: Tokens) -> Tokens:
    tokens = tuple(word for word in tokens if word not in MANNERS)
    for request in REQUESTS:
        if tokens[: len(request)] == request:
            return tokens[len(request) :]
    return tokens


def _divisions(tokens: Tokens) -> Iterator[_Division]:
    """Every way to divide an instruction into what is moved and where it goes."""
    for verb in MOVING_VERBS:
        if tokens[: len(verb)] == verb:
            yield from _around_destination(tokens[len(verb) :])
    for verb in PICKING_VERBS:
        if tokens[: len(verb)] == verb:
            for second in MOVING_VERBS:
                yield from _around(tokens[len(verb) :], ("and", *second, "it"))


def _around(tokens: Tokens, link: Tokens) -> Iterator[_Division]:
    """Divide "X and put it on Y" at the link."""
    for start in range(1, len(tokens) - len(link)):
        if tokens[start : start + len(link)] == link:
            for nothing, container, destinations in _around_destination(tokens[start + len(link) :], least=0):
                if not nothing:
                    yield tokens[:start], container, destinations


def _around_destination(tokens: Tokens, least: int = 1) -> Iterator[_Division]:
    """Divide "X on Y" at every preposition, with at least `least` words before it."""
    for start in range(least, len(tokens)):
        for preposition, destinations in DESTINATIONS.items():
            end = start + len(preposition)
            if tokens[start:end] == preposition and end < len(tokens):
                yield tokens[:start], tokens[end:], destinations
