"""Which words are true of an asset: its nouns, and adjectives by its attributes.

The words of the assets themselves come first (categories, synonyms, groups, attribute values); the tables here only add
other words for the same attributes. A word that is in neither is true of nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np

from assets_index.asset import Asset, Role
from assets_index.words import COLORS, MATERIALS, SHAPES, SIZES
from scene_graph.landmarks import LANDMARK_GROUP


class Fit(IntEnum):
    """Whether a word is true of an asset: a lemon without a shape word may be called round, or not."""

    NO = 0
    PERHAPS = 1
    YES = 2


@lru_cache(maxsize=4096)
def normalized(word: str) -> str:
    """A word or phrase as it is compared: lower case, hyphens and underscores as spaces."""
    return " ".join(word.lower().replace("-", " ").replace("_", " ").split())


GENERIC_NOUNS = frozenset({"object", "item", "thing", "one", "piece"})
ROLE_NOUNS = {"container": "container", "receptacle": "container"}
GROUP_NOUNS = frozenset({"fruit", "vegetable", "tool", "toy", "snack"})
"""Groups that can be said of one thing ("the fruit"); others need a noun after them ("the household object")."""

GROWN_GROUPS = frozenset({"fruit", "vegetable"})

COLOR_WORDS = {"grey": "gray"}
MATERIAL_WORDS = {
    "wood": "wooden",
    "metallic": "metal",
    "woven": "wicker",
    "cloth": "fabric",
    "stoneware": "ceramic",
}
SIZE_WORDS = {
    "little": "small",
    "tiny": "small",
    "medium sized": "medium",
    "mid sized": "medium",
    "big": "large",
}
CUBE_RATIO = 0.8
"""Least ratio of the shortest to the longest edge of what may be called a cube."""


@dataclass(frozen=True)
class ShapeWord:
    """What a word of shape means: one of some values of the shape attribute, perhaps only for one role or for cubes."""

    values: tuple[str, ...]
    role: Role | None = None
    cubic: bool = False

    def fits(self, asset: Asset) -> Fit:
        """Whether it is true of the asset."""
        if self.role not in (None, asset.role) or (self.cubic and min(asset.extents) < CUBE_RATIO * max(asset.extents)):
            return Fit.NO
        return Fit.PERHAPS if asset.attributes.shape is None else _fit(asset.attributes.shape in self.values)


_BALL = ShapeWord(("round",), role="object")
_DISC = ShapeWord(("round",), role="container")
_CUBE = ShapeWord(("box-shaped",), cubic=True)

SHAPE_WORDS: dict[str, ShapeWord] = {
    **{normalized(word): ShapeWord((word,)) for word in SHAPES},
    "rounded": ShapeWord(("round",)),
    "spherical": _BALL,
    "ball shaped": _BALL,
    "circular": _DISC,
    "disc shaped": _DISC,
    "elliptical": ShapeWord(("oval",)),
    "tubular": ShapeWord(("cylindrical",)),
    "boxy": ShapeWord(("box-shaped",)),
    "rectangular": ShapeWord(("rectangular", "box-shaped")),
    "cubic": _CUBE,
    "cube shaped": _CUBE,
    "long": ShapeWord(("elongated",)),
}
"""Adjectives of shape."""

SHAPE_NOUNS: dict[str, ShapeWord] = {
    "sphere": _BALL,
    "ball": _BALL,
    "disc": _DISC,
    "cube": _CUBE,
    "box": ShapeWord(("box-shaped",)),
    "cylinder": ShapeWord(("cylindrical",)),
}
"""Nouns that name a shape; heard only where no body of the scene is called so by its category."""

_VALUES: dict[str, dict[str, str]] = {
    "color": {**{word: word for word in COLORS}, **COLOR_WORDS},
    "material": {**{word: word for word in MATERIALS}, **MATERIAL_WORDS},
    "size": {**{word: word for word in SIZES}, **SIZE_WORDS},
}
"""Attribute value that each other adjective stands for, by attribute."""

KNOWN_NOUNS = frozenset({*GENERIC_NOUNS, *ROLE_NOUNS, *SHAPE_NOUNS})
KNOWN_ADJECTIVES = frozenset({*SHAPE_WORDS, *(word for words in _VALUES.values() for word in words)})


def names_of(asset: Asset) -> frozenset[str]:
    """Nouns that the asset goes by: category and synonyms."""
    return frozenset(normalized(word) for word in (asset.category, *asset.synonyms))


def attribute_words(asset: Asset) -> frozenset[str]:
    """The asset's own attribute values."""
    attributes = asset.attributes
    values = (attributes.color, attributes.material, attributes.shape, attributes.size)
    return frozenset(normalized(value) for value in values if value is not None)


def noun_fits(noun: str, assets: Sequence[Asset]) -> list[Fit]:
    """Of which assets a noun is true, given all that are in the scene.

    A noun is heard as a category, synonym or group; only if it names none of them, as a shape ("the red sphere").
    """
    noun = normalized(noun)
    if noun in GENERIC_NOUNS:
        return [_fit(asset.group != LANDMARK_GROUP) for asset in assets]
    if noun in ROLE_NOUNS:
        return [_fit(asset.role == ROLE_NOUNS[noun] or noun in names_of(asset)) for asset in assets]
    named = [noun in names_of(asset) or noun == normalized(asset.group) for asset in assets]
    if any(named) or noun not in SHAPE_NOUNS:
        return [_fit(is_named) for is_named in named]
    return [SHAPE_NOUNS[noun].fits(asset) for asset in assets]


def adjective_fits(adjective: str, asset: Asset) -> Fit:
    """Whether an adjective is true of an asset; where the attribute it speaks of is not known, perhaps."""
    word = normalized(adjective)
    if word in attribute_words(asset) or word == normalized(asset.group):
        return Fit.YES
    if word in SHAPE_WORDS:
        return SHAPE_WORDS[word].fits(asset)
    for field, words in _VALUES.items():
        if word in words:
            value = getattr(asset.attributes, field)
            return _fit(value == words[word]) if _is_known(field, asset) else Fit.PERHAPS
    return Fit.NO


def longest_extent(asset: Asset) -> float:
    """The measure behind "largest" and "smallest", metres."""
    return float(np.max(asset.extents))


def _fit(is_true: bool) -> Fit:
    return Fit.YES if is_true else Fit.NO


def _is_known(field: str, asset: Asset) -> bool:
    """Whether a missing attribute means that no word for it is true: what grew is made of nothing one would name."""
    return getattr(asset.attributes, field) is not None or (field == "material" and asset.group in GROWN_GROUPS)
