"""What blocks of accepted and of failed episodes share: one episode after another, loaded when asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from dataengine.storage.episodes import EpisodeColumns
from dataengine.storage.errors import damage_named
from dataengine.storage.group import open_group, subgroup

EpisodeT = TypeVar("EpisodeT")


class EpisodeBlock(Sequence[EpisodeT]):
    """The episodes of one block.

    Args:
        url: a local path or any fsspec URL.

    Raises:
        UnreadableData: if there is no block of this format.

    Attributes:
        counts: how much there is of what.
    """

    FORMAT: ClassVar[str]
    FORMAT_VERSION: ClassVar[int]
    COUNTED: ClassVar[str]
    """The count that is the number of episodes."""

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        self._group = open_group(self.url, self.FORMAT, self.FORMAT_VERSION)
        with damage_named(f"{self.url}/zarr.json"):
            self.counts: dict[str, int] = dict(self._group.attrs["counts"])  # type: ignore[arg-type]
            self._length = int(self.counts[self.COUNTED])

    def __reduce__(self) -> tuple[type[EpisodeBlock[EpisodeT]], tuple[str]]:
        return type(self), (self.url,)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(f"episode {i} of {len(self)} in {self.url}")
        return self._episode(i % len(self))

    @abstractmethod
    def _episode(self, i: int) -> EpisodeT: ...

    @cached_property
    def _episodes(self) -> EpisodeColumns:
        return EpisodeColumns(subgroup(self._group, "episodes"))
