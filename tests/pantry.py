"""A small index that has enough of the right things for every task that comes with the package."""

from __future__ import annotations

from pathlib import Path

from assets_index.index import AssetIndex
from assets_index.procedural.library import build

STOCK = {
    "desk": 1, "plate": 3, "bin": 3, "basket": 3, "bowl": 3, "bread slice": 7, "lettuce leaf": 3, "ham slice": 3,
    "salami slice": 3, "burger patty": 3, "cheese slice": 3, "price tag": 6, "block": 6, "can": 5, "dice": 3, "book": 2,
    "drawer cabinet": 4, "cupboard": 2, "button panel": 3, "sponge": 3, "apple": 3, "tomato": 3, "ball": 2, "marker": 3,
}  # fmt: skip


def stocked(root: Path) -> AssetIndex:
    """The index under `root`, filled where anything is missing."""
    index = AssetIndex.open(root)
    for category, count in STOCK.items():
        for number in range(count):
            index.add(*build(category, number))
    return index
