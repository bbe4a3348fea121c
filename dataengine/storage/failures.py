"""Blocks of failed attempts that were kept whole: negative data, never mixed with what was accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import zarr

from dataengine.execution import Trajectory
from dataengine.failure import FailedEpisode, FailureMeta
from dataengine.storage.block import block_paths, new_block
from dataengine.storage.episodes import EpisodeColumns, write_episodes
from dataengine.storage.errors import damage_named
from dataengine.storage.group import open_group, subgroup

FORMAT = "dataengine.failures"
FORMAT_VERSION = 1
FOLDER = "failures"


def write_failures(path: Path, failures: Sequence[FailedEpisode]) -> None:
    """Write failed attempts, in their order, as one block.

    Raises:
        BlockNotWritten: if the disk takes no more.
    """
    with new_block(path) as folder:
        group = zarr.create_group(folder)
        metas = [failure.meta.model_dump_json() for failure in failures]
        write_episodes(group.create_group("episodes"), metas, [failure.trajectory for failure in failures])
        counts = {"failures": len(failures), "steps": sum(failure.steps for failure in failures)}
        group.attrs.update({"format": FORMAT, "format_version": FORMAT_VERSION, "counts": counts})


class FailureBlock(Sequence[FailedEpisode]):
    """The failed attempts of one block, loaded when asked for.

    Args:
        url: a local path or any fsspec URL.

    Raises:
        UnreadableData: if there is no block of failures of this format.

    Attributes:
        counts: `failures`, `steps`.
    """

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        self._group = open_group(self.url, FORMAT, FORMAT_VERSION)
        with damage_named(f"{self.url}/zarr.json"):
            self.counts: dict[str, int] = dict(self._group.attrs["counts"])  # type: ignore[arg-type]
            self._length = int(self.counts["failures"])

    def __reduce__(self) -> tuple[type[FailureBlock], tuple[str]]:
        return FailureBlock, (self.url,)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(f"failure {i} of {len(self)} in {self.url}")
        i %= len(self)
        with damage_named(f"{self.url}/episodes/meta"):
            meta = FailureMeta.model_validate_json(self._episodes.meta(i))
        return FailedEpisode(meta, Trajectory(**self._episodes.arrays(i, len(meta.bodies))))

    @cached_property
    def _episodes(self) -> EpisodeColumns:
        return EpisodeColumns(subgroup(self._group, "episodes"))


def run_failures(run: Path) -> Iterator[FailedEpisode]:
    """All failed attempts that a run has kept, in the order of attempts, a block at a time."""
    for path in block_paths(run / FOLDER):
        yield from FailureBlock(path)
