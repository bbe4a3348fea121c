"""Reading English noun phrases as descriptions.

A small grammar over the words that can be true of a scene: `modifier* noun (clause | superlative | attribute)*`. A
word outside it makes the phrase unreadable, so that nothing a person said is ever ignored. A phrase can have several
readings ("the can left of the box near the mug"); all of them are given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from scene_graph.description import Clause, ClauseKind, Description, Superlative
from scene_graph.phrasebook import (
    ANCHORED_SUPERLATIVES,
    ATTRIBUTE_NOUNS,
    ATTRIBUTE_PREFIXES,
    CLAUSES,
    EVERYWHERE,
    LEADING_SUPERLATIVES,
    MATERIAL_PREFIXES,
    PARTICIPLES,
    TRAILING_SUPERLATIVES,
    Tokens,
    tokens_of,
)
from scene_graph.placed import PlacedScene
from scene_graph.vocabulary import KNOWN_ADJECTIVES, KNOWN_NOUNS, attribute_words, names_of, normalized

Part: TypeAlias = str | Clause | Superlative
"""What is said of a noun; a string is an adjective."""


@dataclass(frozen=True)
class Lexicon:
    """The nouns and adjectives that a phrase may use; other words make it unreadable."""

    nouns: frozenset[Tokens]
    adjectives: frozenset[Tokens]

    @classmethod
    def of(cls, scene: PlacedScene) -> Lexicon:
        """The words of a scene's assets and the general ones."""
        nouns, adjectives = set(KNOWN_NOUNS), set(KNOWN_ADJECTIVES)
        for body in scene.named.values():
            group = normalized(body.asset.group)
            nouns |= {*names_of(body.asset), group}
            adjectives |= {*attribute_words(body.asset), group}
        return cls(frozenset(map(tokens_of, nouns)), frozenset(map(tokens_of, adjectives)))


def readings(tokens: Tokens, lexicon: Lexicon) -> Iterator[Description]:
    """Every way to read all of the tokens as one noun phrase."""
    for end in range(1, len(tokens) + 1):
        for noun, before in _cores(tokens[:end], lexicon):
            for after in _afterwards(tokens[end:], lexicon):
                parts = (*before, *after)
                yield Description(
                    noun=noun,
                    adjectives=tuple(part for part in parts if isinstance(part, str)),
                    clauses=tuple(part for part in parts if isinstance(part, Clause)),
                    superlatives=tuple(part for part in parts if isinstance(part, Superlative)),
                )


def _cores(tokens: Tokens, lexicon: Lexicon) -> Iterator[tuple[str, tuple[Part, ...]]]:
    """A noun and what stands before it."""
    for start in range(len(tokens)):
        if tokens[start:] in lexicon.nouns:
            for before in _modifiers(tokens[:start], lexicon):
                yield " ".join(tokens[start:]), before


def _modifiers(tokens: Tokens, lexicon: Lexicon) -> Iterator[tuple[Part, ...]]:
    """Adjectives and superlatives in a row, with or without "and" between them."""
    if not tokens:
        yield ()
        return
    for end in range(1, len(tokens) + 1):
        words, rest = tokens[:end], tokens[end:]
        if rest[:1] == ("and",) and len(rest) > 1:
            rest = rest[1:]
        heads: list[Part] = [" ".join(words)] if words in lexicon.adjectives else []
        heads += [Superlative(kind=LEADING_SUPERLATIVES[words])] if words in LEADING_SUPERLATIVES else []
        for head in heads:
            for others in _modifiers(rest, lexicon):
                yield (head, *others)


def _afterwards(tokens: Tokens, lexicon: Lexicon) -> Iterator[tuple[Part, ...]]:
    """Everything that can follow a noun."""
    if not tokens:
        yield ()
        return
    for part, length in _first_parts(tokens, lexicon):
        for others in _afterwards(tokens[length:], lexicon):
            yield (*part, *others)


def _first_parts(tokens: Tokens, lexicon: Lexicon) -> Iterator[tuple[tuple[Part, ...], int]]:
    """What the tokens can begin with, and how many of them it takes."""
    for words in (*EVERYWHERE, *PARTICIPLES):
        if _begins(tokens, words) and (words in EVERYWHERE or len(tokens) > len(words)):
            yield (), len(words)
    for words, kind in TRAILING_SUPERLATIVES.items():
        if _begins(tokens, words):
            yield (Superlative(kind=kind),), len(words)
    for words, kind in ANCHORED_SUPERLATIVES.items():
        if _begins(tokens, words):
            for anchor, length in _anchors(tokens, len(words), lexicon):
                yield (Superlative(kind=kind, anchor=anchor),), length
    for words, relation in CLAUSES.items():
        if _begins(tokens, words):
            for clause, length in _clauses(relation, tokens, len(words), lexicon):
                yield (clause,), length
    for word, length in _attributes(tokens, lexicon):
        yield (word,), length


def _begins(tokens: Tokens, words: Tokens) -> bool:
    return tokens[: len(words)] == words


def _anchors(tokens: Tokens, start: int, lexicon: Lexicon) -> Iterator[tuple[Description, int]]:
    for end in range(start + 1, len(tokens) + 1):
        for anchor in readings(tokens[start:end], lexicon):
            yield anchor, end


def _clauses(kind: ClauseKind, tokens: Tokens, start: int, lexicon: Lexicon) -> Iterator[tuple[Clause, int]]:
    for first, middle in _anchors(tokens, start, lexicon):
        if kind != "between":
            yield Clause(kind=kind, anchors=(first,)), middle
        elif tokens[middle : middle + 1] == ("and",):
            for second, end in _anchors(tokens, middle + 1, lexicon):
                yield Clause(kind=kind, anchors=(first, second)), end


def _attributes(tokens: Tokens, lexicon: Lexicon) -> Iterator[tuple[str, int]]:
    """E.g. "made of wood", "with a round shape"."""
    for words in MATERIAL_PREFIXES:
        for end in range(len(words) + 1, len(tokens) + 1):
            if _begins(tokens, words) and tokens[len(words) : end] in lexicon.adjectives:
                yield " ".join(tokens[len(words) : end]), end
    for end in range(2, len(tokens)):
        if tokens[:1] in ATTRIBUTE_PREFIXES and tokens[1:end] in lexicon.adjectives and tokens[end] in ATTRIBUTE_NOUNS:
            yield " ".join(tokens[1:end]), end + 1
