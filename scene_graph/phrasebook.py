"""English words for relations, superlatives, verbs and prepositions, as tokens without articles.

Entries are written as a person would say them; `NEUTRAL` words are taken out of them as they are taken out of every
text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar

from scene_graph.description import ClauseKind, SuperlativeKind
from scene_graph.vocabulary import normalized

Tokens = tuple[str, ...]
V = TypeVar("V")

NEUTRAL = frozenset({"the", "a", "an", "that", "which", "is", "single", "only"})
"""Words without a claim of their own, wherever they stand."""


def tokens_of(text: str) -> Tokens:
    """Words of a text in lower case, without punctuation, possessive endings and neutral words."""
    plain = re.sub(r"['’]s\b|[^\w\s]", " ", normalized(text))
    return tuple(word for word in plain.split() if word not in NEUTRAL)


def _table(entries: Mapping[str, V]) -> dict[Tokens, V]:
    return {tokens_of(words): value for words, value in entries.items()}


def _phrases(entries: Iterable[str]) -> tuple[Tokens, ...]:
    return tuple(tokens_of(words) for words in entries)


CLAUSES: dict[Tokens, ClauseKind] = _table(
    {
        "in": "in",
        "inside": "in",
        "inside of": "in",
        "within": "in",
        "on": "on",
        "on top of": "on",
        "atop": "on",
        "near": "near",
        "near to": "near",
        "close to": "near",
        "next to": "near",
        "beside": "near",
        "left of": "left_of",
        "to the left of": "left_of",
        "on the left of": "left_of",
        "to the left side of": "left_of",
        "on the left side of": "left_of",
        "right of": "right_of",
        "to the right of": "right_of",
        "on the right of": "right_of",
        "to the right side of": "right_of",
        "on the right side of": "right_of",
        "in front of": "in_front_of",
        "behind": "behind",
        "in back of": "behind",
        "between": "between",
        "in between": "between",
    }
)

LEADING_SUPERLATIVES: dict[Tokens, SuperlativeKind] = _table(
    {
        "leftmost": "leftmost",
        "rightmost": "rightmost",
        "largest": "largest",
        "biggest": "largest",
        "smallest": "smallest",
        "tallest": "tallest",
        "closest": "closest to the robot base",
        "nearest": "closest to the robot base",
        "farthest": "farthest from the robot base",
        "furthest": "farthest from the robot base",
    }
)

_CLOSEST = ("closest to", "nearest to", "nearest")
_FARTHEST = ("farthest from", "furthest from", "farthest away from", "furthest away from")
_ROBOT = ("robot", "robot base", "robot's base", "robot arm", "base of the robot", "base")
_CENTER = [
    f"{center}{place}"
    for center in ("center", "middle", "centre")
    for place in ("", " of the table", " of the workspace", " of the scene", " of the tabletop")
]

TRAILING_SUPERLATIVES: dict[Tokens, SuperlativeKind] = _table(
    {
        "furthest to the left": "leftmost",
        "farthest to the left": "leftmost",
        "on the far left": "leftmost",
        "furthest to the right": "rightmost",
        "farthest to the right": "rightmost",
        "on the far right": "rightmost",
        **{f"{words} {place}": "closest to the robot base" for words in _CLOSEST for place in _ROBOT},
        **{f"{words} {place}": "farthest from the robot base" for words in _FARTHEST for place in _ROBOT},
        **{f"{words} {place}": "closest to the center" for words in _CLOSEST for place in _CENTER},
    }
)

ANCHORED_SUPERLATIVES: dict[Tokens, SuperlativeKind] = _table(
    {**dict.fromkeys(_CLOSEST, "closest"), **dict.fromkeys(_FARTHEST, "farthest")}
)

PARTICIPLES = _phrases(
    ("located", "placed", "positioned", "sitting", "standing", "lying", "resting", "situated", "found", "currently")
)
"""Words before a clause that say no more than the clause does."""

EVERYWHERE = _phrases(
    f"{preposition} the {place}" for preposition in ("on", "from") for place in ("table", "tabletop", "desk")
)
"""True of everything in a scene."""

MATERIAL_PREFIXES = _phrases(("made of", "made from", "made out of"))
ATTRIBUTE_PREFIXES = _phrases(("with", "of", "in"))
ATTRIBUTE_NOUNS = frozenset({"color", "colour", "shape", "size", "material"})

MANNERS = frozenset({"please", "kindly", "carefully", "gently", "slowly", "now"})
"""Words that say how to move, not what."""

REQUESTS = _phrases(("can you", "could you", "would you", "you should", "i want you to", "your task is to"))

MOVING_VERBS = _phrases(
    (
        "put",
        "put down",
        "place",
        "move",
        "set",
        "set down",
        "position",
        "stack",
        "drop",
        "transfer",
        "relocate",
        "bring",
        "lay",
        "lay down",
        "rest",
        "deposit",
        "shift",
        "carry",
        "take",
    )
)
PICKING_VERBS = _phrases(("pick", "pick up", "take", "grab", "grasp", "lift", "lift up", "get"))

Destination = Literal["in", "on", "near"]

DESTINATIONS: dict[Tokens, tuple[Destination, ...]] = _table(
    {
        **dict.fromkeys(("on", "onto", "on to", "upon", "atop", "on top of", "onto the top of"), ("on",)),
        **dict.fromkeys(("on to the top of", "to the top of", "on the surface of", "onto the surface of"), ("on",)),
        **dict.fromkeys(("down on", "down onto"), ("on",)),
        **dict.fromkeys(("in", "into", "in to", "inside", "inside of", "within", "down in", "down into"), ("in",)),
        **dict.fromkeys(("to", "over to"), ("in", "on")),
        **dict.fromkeys(("next to", "beside", "near", "down next to", "down beside", "down near"), ("near",)),
    }
)
"""Prepositions that introduce where a thing is to go, and what they may say of it."""
