"""Closed-loop trials: the scenes of verified episodes, under the looks in which their shards show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assets_index.index import AssetIndex
from dataengine.physics.simulation import Simulation
from dataengine.record import EpisodeRecord
from dataengine.record_scene import TABLE, Detail, RecordReplay, camera_mount, table_pose
from dataengine.replay import simulation_at_start
from dataengine.storage.block import block_paths
from dataengine.storage.records import RecordBlock
from dataengine.storage.shard_reader import ShardReader
from dataengine.storage.shard_set import shard_urls
from renderers.camera import CameraSpec, camera_view
from renderers.frame import Renderer
from renderers.look import Look
from trainer.data.images import Rgb
from trainer.errors import NoSamples


@dataclass(frozen=True)
class Trial:
    """A task to be done: a record that proves it can be, and the look and words in which it is given.

    Attributes:
        run: name of the folder that the record is from.
        cameras: by name.
    """

    run: str
    record: EpisodeRecord
    look: Look
    instruction: str
    cameras: dict[str, CameraSpec]


def trials_of(run: Path, limit: int | None = None) -> list[Trial]:
    """One trial per clip of a run, in the order of its shards.

    Raises:
        NoSamples: if the run has no clip of a recorded episode.
    """
    records = {record.meta.attempt: record for path in block_paths(run / "records") for record in RecordBlock(path)}
    trials = [trial for url in shard_urls(run) for trial in _trials_of_shard(run.name, ShardReader(url), records)]
    if not trials:
        raise NoSamples(f"{run} has no rendered episodes: trials need its records/ and shards/")
    return trials[:limit]


def _trials_of_shard(run: str, shard: ShardReader, records: dict[int, EpisodeRecord]) -> Iterator[Trial]:
    cameras = {spec.name: spec for spec in shard.meta.cameras}
    for number in range(shard.counts["clips"]):
        clip = shard.clip(number)
        if clip.episode in records:
            yield Trial(run, records[clip.episode], clip.look, clip.instructions[0], cameras)


class TrialScene:
    """A trial in progress: physics, and what the cameras and joint sensors see of it."""

    def __init__(self, trial: Trial, index: AssetIndex, renderer: Renderer, cameras: Sequence[str]) -> None:
        self.simulation: Simulation = simulation_at_start(trial.record, index)
        self._trial, self._renderer = trial, renderer
        self._cameras = [trial.cameras[name] for name in cameras]
        self._table = table_pose(index.asset(trial.record.meta.task.scene.table_id))
        detail = Detail.of_pictures(self._cameras[0].height)
        renderer.open(RecordReplay(trial.record, index, detail).scene, trial.look)

    def pictures(self) -> dict[str, Rgb]:
        """What each camera sees now, (H, W, 3)."""
        poses = {TABLE: self._table, **self.simulation.poses()}
        setup = [arm.mounted for arm in self.simulation.arms]
        views = {
            spec.name: camera_view(spec, self._trial.look, camera_mount(setup, spec, poses)) for spec in self._cameras
        }
        return {name: self._renderer.draw(poses, view).rgb for name, view in views.items()}

    def proprioception(self) -> NDArray[np.float64]:
        """Joint angles and the opening between each arm's fingers, as in the shards; (J + G,)."""
        state = self.simulation.state()
        return np.append(state.joint_position, state.finger_position.sum(1))
