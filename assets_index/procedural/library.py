"""The procedural library: every category, and building what an index lacks of it."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

from assets_index.asset import Source
from assets_index.builder import BuiltAsset
from assets_index.index import AssetIndex
from assets_index.procedural import (
    fruit,
    household,
    packages,
    price_tags,
    round_containers,
    sandwich,
    square_containers,
    tables,
    tableware,
    tools,
    toys,
    vegetables,
    vessels,
)
from assets_index.procedural.articulated import buttons, cupboards, drawers
from assets_index.procedural.recipe import Recipe
from assets_index.seeding import Stage, generator

LIBRARY_VERSION = 7
"""Raised whenever a generator changes what it makes; assets of other versions leave the index."""

Generator = Callable[[np.random.Generator], Recipe]
Progress = Callable[[int, int], None]

GENERATORS: dict[str, Generator] = {
    "carton": packages.carton,
    "cereal box": packages.cereal_box,
    "milk carton": packages.milk_carton,
    "book": packages.book,
    "can": vessels.can,
    "bottle": vessels.bottle,
    "jar": vessels.jar,
    "candle": vessels.candle,
    "mug": tableware.mug,
    "cup": tableware.cup,
    "spoon": tableware.spoon,
    "apple": fruit.apple,
    "orange": fruit.orange,
    "lemon": fruit.lemon,
    "pear": fruit.pear,
    "banana": fruit.banana,
    "tomato": vegetables.tomato,
    "bell pepper": vegetables.bell_pepper,
    "carrot": vegetables.carrot,
    "cucumber": vegetables.cucumber,
    "eggplant": vegetables.eggplant,
    "potato": vegetables.potato,
    "screwdriver": tools.screwdriver,
    "hammer": tools.hammer,
    "wrench": tools.wrench,
    "marker": tools.marker,
    "block": toys.block,
    "dice": toys.dice,
    "ball": toys.ball,
    "toy car": toys.toy_car,
    "rubber duck": toys.rubber_duck,
    "bread slice": sandwich.bread_slice,
    "lettuce leaf": sandwich.lettuce_leaf,
    "ham slice": sandwich.ham_slice,
    "salami slice": sandwich.salami_slice,
    "burger patty": sandwich.burger_patty,
    "cheese slice": sandwich.cheese_slice,
    "price tag": price_tags.price_tag,
    "sponge": household.sponge,
    "soap": household.soap,
    "bowl": round_containers.bowl,
    "plate": round_containers.plate,
    "pot": round_containers.pot,
    "basket": square_containers.basket,
    "bin": square_containers.bin_,
    "tray": square_containers.tray,
    "box": square_containers.cardboard_box,
    "crate": square_containers.crate,
    "drawer cabinet": drawers.drawer_cabinet,
    "cupboard": cupboards.cupboard,
    "button panel": buttons.button_panel,
    "dining table": tables.dining_table,
    "desk": tables.desk,
    "workbench": tables.workbench,
    "round table": tables.round_table,
}
"""The generator of each category; its order is the order of building and has no other meaning."""


def library_source(category: str, number: int, seed: int) -> Source:
    """The source of the `number`-th thing of a category."""
    return Source(
        kind="procedural",
        reference=f"{category}/{number}?seed={seed}&version={LIBRARY_VERSION}",
        creator="st4vla-dataengine",
        license="Apache-2.0",
    )


def build(category: str, number: int, seed: int = 0) -> BuiltAsset:
    """Build one thing; the same on every machine."""
    rng = generator(seed, Stage.ASSET, zlib.crc32(category.encode()), number)
    return GENERATORS[category](rng).build(category, library_source(category, number, seed))


def ensure_library(index: AssetIndex, per_category: int = 12, seed: int = 0, progress: Progress | None = None) -> None:
    """Build what the index lacks of the library; assets of an older library version are removed from it.

    Args:
        index: where to build it.
        per_category: things a category, tables included.
        seed: another seed is another library.
        progress: called with the number of things done and the number of all.
    """
    suffix = f"version={LIBRARY_VERSION}"
    for asset in index.find(source="procedural"):
        if not asset.source.reference.endswith(suffix):
            index.remove(asset.id)
    wanted = [(category, number) for category in GENERATORS for number in range(per_category)]
    for done, (category, number) in enumerate(wanted):
        if progress:
            progress(done, len(wanted))
        if index.by_source(library_source(category, number, seed)) is None:
            index.add(*build(category, number, seed))
    if progress:
        progress(len(wanted), len(wanted))
