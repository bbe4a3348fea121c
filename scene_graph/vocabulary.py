"""Which words are true of an asset: its nouns, and adjectives by its attributes.

The words of the assets themselves come first (categories, synonyms, groups, attribute values); the tables here only add
other words for the same attributes. A word that is in neither is true of nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np

from assets_index.asset import Asset
from assets_index.words import COLORS, MATERIALS, SHAPES, SIZES

Predicate = Callable[[Asset], bool]

GENERIC_NOUNS = frozenset({"object", "item", "thing", "one", "piece"})
ROLE_NOUNS = {"container": "container", "receptacle": "container"}
GROUP_NOUNS = frozenset({"fruit", "vegetable", "tool", "toy", "snack"})
"""Groups that can be said of one thing ("the fruit"); others need a noun after them ("the household object")."""

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
_CUBE_RATIO = 0.8


def _has_shape(*shapes: str, role: str | None = None) -> Predicate:
    return lambda asset: asset.attributes.shape in shapes and role in (None, asset.role)


def _is_cubic(asset: Asset) -> bool:
    return asset.attributes.shape == "box-shaped" and min(asset.extents) > _CUBE_RATIO * max(asset.extents)


SHAPE_WORDS: dict[str, Predicate] = {
    "rounded": _has_shape("round"),
    "spherical": _has_shape("round", role="object"),
    "ball shaped": _has_shape("round", role="object"),
    "circular": _has_shape("round", role="container"),
    "disc shaped": _has_shape("round", role="container"),
    "elliptical": _has_shape("oval"),
    "tubular": _has_shape("cylindrical"),
    "boxy": _has_shape("box-shaped"),
    "rectangular": _has_shape("rectangular", "box-shaped"),
    "cubic": _is_cubic,
    "cube shaped": _is_cubic,
    "long": _has_shape("elongated"),
}
"""Adjectives of shape beside the attribute values themselves."""

SHAPE_NOUNS: dict[str, Predicate] = {
    "sphere": _has_shape("round", role="object"),
    "ball": _has_shape("round", role="object"),
    "cylinder": _has_shape("cylindrical"),
    "cube": _is_cubic,
    "box": _has_shape("box-shaped"),
    "disc": _has_shape("round", role="container"),
}
"""Nouns that name a shape; heard only where no body of the scene is called so by its category."""

KNOWN_NOUNS = frozenset({*GENERIC_NOUNS, *ROLE_NOUNS, *SHAPE_NOUNS})
KNOWN_ADJECTIVES = frozenset(
    {*COLORS, *MATERIALS, *SHAPES, *SIZES, *COLOR_WORDS, *MATERIAL_WORDS, *SIZE_WORDS, *SHAPE_WORDS}
)


@lru_cache(maxsize=4096)
def normalized(word: str) -> str:
    """A word or phrase as it is compared: lower case, hyphens and underscores as spaces."""
    return " ".join(word.lower().replace("-", " ").replace("_", " ").split())


def names_of(asset: Asset) -> frozenset[str]:
    """Nouns that the asset goes by: category and synonyms."""
    return frozenset(normalized(word) for word in (asset.category, *asset.synonyms))


def attribute_words(asset: Asset) -> frozenset[str]:
    """The asset's own attribute values."""
    values = asset.attributes.model_dump().values()
    return frozenset(normalized(value) for value in values if value is not None)


def noun_fits(noun: str, assets: Iterable[Asset]) -> list[bool]:
    """Of which assets a noun is true, given all that are in the scene.

    A noun is heard as a category, synonym or group; only if it names none of them, as a shape ("the red sphere").
    """
    assets, noun = list(assets), normalized(noun)
    if noun in GENERIC_NOUNS:
        return [True] * len(assets)
    if noun in ROLE_NOUNS:
        return [asset.role == ROLE_NOUNS[noun] or noun in names_of(asset) for asset in assets]
    named = [noun in names_of(asset) or noun == normalized(asset.group) for asset in assets]
    if any(named) or noun not in SHAPE_NOUNS:
        return named
    return [SHAPE_NOUNS[noun](asset) for asset in assets]


def adjective_fits(adjective: str, asset: Asset) -> bool:
    """Whether an adjective is true of an asset; an attribute that is not known makes none true."""
    word = normalized(adjective)
    if word in attribute_words(asset) or word == normalized(asset.group):
        return True
    attributes = asset.attributes
    if word in SHAPE_WORDS:
        return SHAPE_WORDS[word](asset)
    return (
        (word in COLOR_WORDS and COLOR_WORDS[word] == attributes.color)
        or (word in MATERIAL_WORDS and MATERIAL_WORDS[word] == attributes.material)
        or (word in SIZE_WORDS and SIZE_WORDS[word] == attributes.size)
    )


def longest_extent(asset: Asset) -> float:
    """The measure behind "largest" and "smallest", metres."""
    return float(np.max(asset.extents))
