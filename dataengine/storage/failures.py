"""Blocks of failed attempts that were kept whole: negative data, never mixed with what was accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import zarr

from dataengine.execution import Trajectory
from dataengine.failure import FailedEpisode, FailureMeta
from dataengine.storage.block import block_paths, new_block
from dataengine.storage.episode_block import EpisodeBlock
from dataengine.storage.episodes import write_episodes
from dataengine.storage.errors import damage_named

FORMAT = "dataengine.failures"
FORMAT_VERSION = 2
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


class FailureBlock(EpisodeBlock[FailedEpisode]):
    """The failed attempts of one block, loaded when asked for.

    Attributes:
        counts: `failures`, `steps`.
    """

    FORMAT, FORMAT_VERSION, COUNTED = FORMAT, FORMAT_VERSION, "failures"

    def _episode(self, i: int) -> FailedEpisode:
        with damage_named(f"{self.url}/episodes/meta"):
            meta = FailureMeta.model_validate_json(self._episodes.meta(i))
        return FailedEpisode(meta, Trajectory(**self._episodes.arrays(i, len(meta.bodies))))


def run_failures(run: Path) -> Iterator[FailedEpisode]:
    """All failed attempts that a run has kept, in the order of attempts, a block at a time."""
    for path in block_paths(run / FOLDER):
        yield from FailureBlock(path)
