"""Checking a run against itself: bytes, goals, projections, timing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assets_index.index import AssetIndex
from assets_index.schema import Schema
from dataengine.failure import FailedEpisode
from dataengine.pipeline.alignment import Alignment, measure_alignment, object_errors
from dataengine.pipeline.config import RunConfig
from dataengine.pipeline.ground import drawn_scene, laid_out
from dataengine.pipeline.render import SHARDS_PER_LOOK
from dataengine.pipeline.report import Report
from dataengine.pipeline.run import run_config, run_content
from dataengine.record import EpisodeRecord
from dataengine.record_scene import Detail, RecordReplay
from dataengine.rejection import Rejection
from dataengine.replay import recorded_bodies
from dataengine.runner.folder import BLOCK_FOLDERS
from dataengine.storage.block import block_number, block_path, block_paths, verify_checksums
from dataengine.storage.errors import CorruptBlock
from dataengine.storage.failures import FOLDER as FAILURES
from dataengine.storage.failures import FailureBlock
from dataengine.storage.ledger import LedgerRow, ledger_row
from dataengine.storage.records import RecordBlock
from dataengine.storage.shard_reader import ShardReader
from dataengine.verification import measure

PIXEL_TOLERANCE = 1.0
"""Greatest error, in pixels, of all but one in a hundred projections of a run that passes."""


class PixelError(Schema):
    """Distances between what is stored and what is projected, pixels."""

    count: int
    median: float
    p99: float
    max: float

    @classmethod
    def of(cls, errors: list[float]) -> PixelError | None:
        """The summary; None of no errors."""
        if not errors:
            return None
        return cls(
            count=len(errors),
            median=float(np.median(errors)),
            p99=float(np.percentile(errors, 99)),
            max=max(errors),
        )


class VerificationReport(Report):
    """What `dataengine verify` found.

    Attributes:
        blocks: records and shards whose bytes were checked; damaged: one line each.
        episodes: records that were measured again; failures: failed attempts that were kept.
        disagreeing: attempts that came out different, or failures that are not what the ledger says; in a run of
            layouts, those that cannot be found again.
        objects, gripper: re-projection in the first fixed camera; None if there are no pictures of one.
        clips: sequences of pictures whose shift against the record could be told; short_clips: others.
        frame_offset: the shift in control steps that fits most of them; shifted_clips: how many fit another than 0.
    """

    blocks: int
    damaged: tuple[str, ...]
    episodes: int
    failures: int
    disagreeing: tuple[int, ...]
    objects: PixelError | None
    gripper: PixelError | None
    clips: int
    short_clips: int
    frame_offset: int | None
    shifted_clips: int

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        errors = [error.p99 for error in (self.objects, self.gripper) if error is not None]
        return (
            not self.damaged
            and not self.disagreeing
            and self.frame_offset in (0, None)
            and all(error <= PIXEL_TOLERANCE for error in errors)
        )

    def lines(self) -> list[str]:
        """What was found, for a person."""
        lines = [
            f"{self.blocks} blocks, {len(self.damaged)} damaged",
            *self.damaged,
            f"{self.episodes} episodes measured again, {self.failures} failures compared with the ledger, "
            f"{len(self.disagreeing)} disagree",
        ]
        for name, error in (("objects", self.objects), ("gripper", self.gripper)):
            if error is not None:
                figures = f"median {error.median:.2f}, 99 % {error.p99:.2f}, greatest {error.max:.2f} pixels"
                lines.append(f"{name} projected again: {figures} over {error.count}")
        if self.frame_offset is not None:
            lines.append(f"frame offset {self.frame_offset}; {self.shifted_clips} of {self.clips} clips fit another")
        if self.short_clips:
            lines.append(f"{self.short_clips} clips are too short to tell their frame offset")
        return lines


def verify_run(run: Path, index: AssetIndex, on_block: Callable[[int, int], None] | None = None) -> VerificationReport:
    """Check every block of a run.

    Args:
        run: folder of the run.
        index: holds the run's assets.
        on_block: called with the number of blocks done and of all.

    Raises:
        NoRun: if the folder is not a run.
        MissingAsset: if the index lacks an asset of the run.
    """
    config, content = run_config(run), run_content(run)
    blocks = [path for folder in BLOCK_FOLDERS for path in block_paths(run / folder)]
    damaged: dict[Path, str] = {}
    disagreeing: list[int] = []
    episodes = failures = 0
    found = Alignment()
    for done, path in enumerate(blocks, 1):
        try:
            verify_checksums(path)
        except CorruptBlock as error:
            damaged[path] = str(error)
        else:
            if path.parent.name == "records":
                records = RecordBlock(path)
                episodes += len(records)
                disagreeing += [record.meta.attempt for record in records if not measures_the_same(record, index)]
            elif path.parent.name == FAILURES:
                kept = FailureBlock(path)
                failures += len(kept)
                disagreeing += [each.meta.attempt for each in kept if not is_in_ledger(each, rows_of(path))]
            elif content == "layouts":
                lost, errors = _layouts_again(path, config, index)
                disagreeing += lost
                found.objects += errors
            elif records_of(path) not in damaged:
                _extend(found, _align(path, index))
        if on_block is not None:
            on_block(done, len(blocks))
    lags = [lag for lag in found.lags if lag is not None]
    return VerificationReport(
        blocks=len(blocks),
        damaged=tuple(damaged.values()),
        episodes=episodes,
        failures=failures,
        disagreeing=tuple(disagreeing),
        objects=PixelError.of(found.objects),
        gripper=PixelError.of(found.gripper),
        clips=len(lags),
        short_clips=len(found.lags) - len(lags),
        frame_offset=max(set(lags), key=lags.count) if lags else None,
        shifted_clips=sum(lag != 0 for lag in lags),
    )


def measures_the_same(record: EpisodeRecord, index: AssetIndex) -> bool:
    """Whether the goal holds, and every measure of the episode comes out as it was recorded."""
    meta = record.meta
    again = measure(record, meta.task, recorded_bodies(record, index), meta.subtasks, meta.settle_steps)
    return again == meta.verification and all(verdict.holds for verdict in again.goal)


def is_in_ledger(failure: FailedEpisode, rows: Sequence[LedgerRow]) -> bool:
    """Whether the ledger has the attempt as failed in the same way, and its trajectory is whole."""
    meta, trajectory = failure.meta, failure.trajectory
    whole = len(trajectory.object_pose) == failure.steps + 1 and all(
        done.end <= failure.steps for done in meta.subtasks
    )
    return whole and ledger_row(meta.rejection) in rows


def rows_of(failures: Path) -> list[LedgerRow]:
    """What the ledger says of the attempts of a block of failures; nothing if there are no records of them."""
    path = block_path(failures.parent.parent / "records", block_number(failures))
    return RecordBlock(path).ledger if path.exists() else []


def records_of(shard: Path) -> Path:
    """The record block that a shard shows."""
    return block_path(shard.parent.parent / "records", block_number(shard) % SHARDS_PER_LOOK)


def _layouts_again(path: Path, config: RunConfig, index: AssetIndex) -> tuple[list[int], list[float]]:
    """Make the layouts of a shard again: those that came out as none, and errors of the boxes in their pictures."""
    shard = ShardReader(path)
    camera = shard.meta.cameras[0].name
    lost, errors = [], []
    clips = range(shard.counts["clips"])
    for number, looks in itertools.groupby(clips, key=lambda clip: shard.clip(clip).episode):
        layout = laid_out(number, config, index)
        if isinstance(layout, Rejection):
            lost.append(number)
            continue
        scene, poses = drawn_scene(layout, config, index)
        for clip in looks:
            for row in shard.clip_rows(clip):
                errors += object_errors(shard, scene, poses, camera, row)
    return lost, errors


def _align(path: Path, index: AssetIndex) -> Alignment:
    shard = ShardReader(path)
    detail = Detail.of_pictures(shard.meta.cameras[0].height)
    replays = {record.meta.attempt: RecordReplay(record, index, detail) for record in RecordBlock(records_of(path))}
    fixed = [camera.name for camera in shard.meta.cameras if camera.mount == "world"]
    return measure_alignment(shard, replays, fixed[0]) if fixed else Alignment()


def _extend(found: Alignment, more: Alignment) -> None:
    found.objects += more.objects
    found.gripper += more.gripper
    found.lags += more.lags
