"""Items that cannot be read: each is named and counted, another one takes its place, and too many end the run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset

from dataengine.questions.resizing import ImpossibleSize
from dataengine.storage.errors import CorruptBlock
from trainer.errors import DamagedItem, TooMuchDamage, UnreadableItem

_REPLACEMENTS = 16
_FAR = 1 << 40


@dataclass(frozen=True)
class Damage:
    """An item that could not be read.

    Attributes:
        source: which data it belongs to, and `size`, how many items these have.
        item: its number in the source. reason: what is wrong, naming the file.
    """

    source: str
    size: int
    item: int
    reason: str


@contextmanager
def naming_damage(source: str, size: int, item: int) -> Iterator[None]:
    """Say which item of which source could not be read.

    Raises:
        DamagedItem: instead of what readers raise.
    """
    try:
        yield
    except (CorruptBlock, ImpossibleSize, UnreadableItem) as error:
        reason = " ".join(f"{error}".split())
        raise DamagedItem(f"{source}: item {item}: {reason}", Damage(source, size, item, reason)) from error


@dataclass(frozen=True)
class Drawn:
    """An item, and those that should have stood in its place."""

    item: Any
    damage: tuple[Damage, ...] = ()


class Replacing(Dataset[Drawn]):
    """A stream with other items of its own in the place of damaged ones; still a pure function of the position."""

    def __init__(self, stream: Dataset[Any]) -> None:
        self._stream = stream

    def __getitem__(self, position: int) -> Drawn:
        damage: list[Damage] = []
        for attempt in range(_REPLACEMENTS):
            try:
                # Far behind whatever training reaches: an item of another epoch, in an order of its own.
                return Drawn(self._stream[position + attempt * _FAR], tuple(damage))
            except DamagedItem as error:
                damage.append(error.damage)
        last = damage[-1]
        raise TooMuchDamage(
            f"{last.source}: {_REPLACEMENTS} damaged items one after the other, the last: {last.reason}"
        )


@dataclass(frozen=True)
class DrawnBatch:
    """A batch, and the items that should have been in it."""

    batch: Any
    damage: tuple[Damage, ...] = ()

    def pin_memory(self) -> DrawnBatch:
        """The same in page-locked memory."""
        return DrawnBatch(self.batch.pin_memory(), self.damage)


@dataclass(frozen=True)
class CollateDrawn:
    """Makes a batch of what `Replacing` gives; can be pickled if `collate` can."""

    collate: Callable[[list[Any]], Any]

    def __call__(self, drawn: list[Drawn]) -> DrawnBatch:
        """The batch, with the damage of all its items."""
        damage = tuple(damage for one in drawn for damage in one.damage)
        return DrawnBatch(self.collate([one.item for one in drawn]), damage)


class DamageLog:
    """Counts what was damaged, in a file with one line for each item.

    Args:
        path: the file. If a run is resumed, what it wrote there counts; otherwise the file begins anew.
        most: the share of a source's items that may be damaged.
    """

    def __init__(self, path: Path, most: float, *, resume: bool = False) -> None:
        self._path, self._most = path, most
        self._items: dict[str, set[int]] = defaultdict(set)
        if not resume:
            path.unlink(missing_ok=True)
        elif path.exists():
            # Without a last line that was cut off by a kill, to which the next one would be added.
            text = path.read_text(encoding="utf-8")
            whole = text[: text.rfind("\n") + 1]
            path.write_text(whole, encoding="utf-8")
            for line in whole.splitlines():
                damage = Damage(**json.loads(line))
                self._items[damage.source].add(damage.item)

    def add_all(self, damage: Sequence[Damage]) -> None:
        """Count every item, as `add`."""
        for one in damage:
            self.add(one)

    def add(self, damage: Damage) -> None:
        """Count an item, once.

        Raises:
            TooMuchDamage: if too large a share of its source is damaged by now.
        """
        items = self._items[damage.source]
        if damage.item in items:
            return
        items.add(damage.item)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(damage)) + "\n")
        if len(items) > self._most * damage.size:
            raise TooMuchDamage(
                f"{damage.source}: {len(items)} of {damage.size} items are damaged, max_damaged is {self._most:g}; "
                f"{self._path} lists them, the last: {damage.reason}"
            )
