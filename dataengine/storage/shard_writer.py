"""Writing clips into a shard; `docs/format.md` describes the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
import zarr

from dataengine.samples import FrameKey, GroundingSample
from dataengine.storage.action_table import write_actions
from dataengine.storage.block import new_block
from dataengine.storage.body_table import write_bodies
from dataengine.storage.clip import (
    FORMAT,
    FORMAT_VERSION,
    BodyInFrame,
    Clip,
    ClipMeta,
    Guide,
    Moment,
    Motion,
    ShardMeta,
)
from dataengine.storage.columns import offsets, write_column, write_text
from dataengine.storage.frames import Channel, Layer, PictureWriter
from dataengine.storage.guide_table import write_guides
from dataengine.storage.jpeg import JpegCodec
from dataengine.storage.question_table import count_by_kind, write_questions
from renderers.camera import CameraView

_FRAME_CHANNELS: tuple[Channel, ...] = ("rgb", "ids", "depth")
_LAYERS: tuple[Layer, ...] = get_args(Layer)


def write_shard(path: Path, meta: ShardMeta, clips: Iterable[Clip]) -> None:
    """Write a shard as one block: all of it, or nothing.

    Frames are encoded as they come; no more than one moment is held in memory.

    Raises:
        BlockNotWritten: if the disk takes no more.
    """
    with new_block(path) as folder:
        shard = _OpenShard(folder, meta)
        try:
            for clip in clips:
                shard.add(clip)
            shard.close()
        finally:
            shard.abandon()


@dataclass
class _CameraRows:
    """What is kept of one camera until the end."""

    pictures: dict[Channel, PictureWriter]
    views: list[CameraView] = field(default_factory=list)
    bodies: list[tuple[BodyInFrame, ...]] = field(default_factory=list)
    guides: list[Guide | None] = field(default_factory=list)

    def append(self, moment: Moment, camera: str) -> None:
        frame = moment.frames[camera]
        layers = moment.layers.get(camera, {})
        for channel in _FRAME_CHANNELS:
            self.pictures[channel].append(getattr(frame, channel))
        for layer in _LAYERS:
            self.pictures[layer].append(layers.get(layer))
        self.views.append(frame.view)
        self.bodies.append(tuple(moment.bodies.get(camera, ())))
        self.guides.append(moment.guides.get(camera))


class _OpenShard:
    def __init__(self, folder: Path, meta: ShardMeta) -> None:
        jpeg = JpegCodec(quality=meta.jpeg_quality, subsampling=meta.jpeg_subsampling)
        self._group = zarr.create_group(folder)
        self._meta = meta
        self._cameras = {
            spec.name: _CameraRows(
                {name: PictureWriter(folder, name, spec.name, jpeg) for name in (*_FRAME_CHANNELS, *_LAYERS)}
            )
            for spec in meta.cameras
        }
        self._steps: list[int] = []
        self._clip_rows: list[int] = []
        self._clips: list[ClipMeta] = []
        self._motions: list[Motion | None] = []
        self._questions: list[GroundingSample] = []
        self._question_rows: list[int] = []

    def add(self, clip: Clip) -> None:
        """Append one clip with all its moments."""
        first = len(self._steps)
        for moment in clip.moments:
            self._add_moment(moment, clip.meta)
        self._clip_rows.append(len(self._steps) - first)
        self._clips.append(clip.meta)
        self._motions.append(clip.motion)

    def _add_moment(self, moment: Moment, clip: ClipMeta) -> None:
        if moment.frames.keys() != self._cameras.keys():
            raise ValueError(f"a moment needs frames of {sorted(self._cameras)}, got {sorted(moment.frames)}")
        for camera, rows in self._cameras.items():
            rows.append(moment, camera)
        for question in moment.questions:
            key = FrameKey(episode=clip.episode, step=moment.step, look=clip.look.index, camera=question.frame.camera)
            if question.frame != key or key.camera not in self._cameras:
                raise ValueError(f"a question about {question.frame} was given with the frames of {key}")
        self._questions.extend(moment.questions)
        self._question_rows.extend([len(self._steps)] * len(moment.questions))
        self._steps.append(moment.step)

    def close(self) -> None:
        """Write everything that was kept, and the counts."""
        for camera, rows in self._cameras.items():
            for writer in rows.pictures.values():
                writer.close(self._group)
            self._write_views(camera, rows.views)
            write_bodies(self._group.create_group(f"bodies/{camera}"), rows.bodies)
            write_guides(self._group.create_group(f"guides/{camera}"), rows.guides)
        self._write_index()
        self._write_clips()
        questions = self._group.create_group("questions")
        write_questions(questions, self._questions, self._question_rows, tuple(self._cameras))
        self._group.attrs.update(self._attributes())

    def abandon(self) -> None:
        """Let go of open files."""
        for rows in self._cameras.values():
            for writer in rows.pictures.values():
                writer.abandon()

    def _write_views(self, camera: str, views: list[CameraView]) -> None:
        group = self._group.create_group(f"cameras/{camera}")
        write_column(group, "K", np.array([view.K for view in views]).reshape(-1, 3, 3))
        write_column(group, "T_world_camera", np.array([view.T_world_camera for view in views]).reshape(-1, 4, 4))

    def _write_index(self) -> None:
        group = self._group.create_group("index")
        clip = np.repeat(np.arange(len(self._clips)), self._clip_rows)
        write_column(group, "clip", clip, np.int32)
        write_column(group, "episode", np.array([meta.episode for meta in self._clips], np.int64)[clip])
        write_column(group, "look", np.array([meta.look.index for meta in self._clips], np.int32)[clip])
        write_column(group, "step", self._steps, np.int32)

    def _write_clips(self) -> None:
        clips = self._group.create_group("clips")
        write_column(clips, "row_offset", offsets(self._clip_rows))
        write_text(clips, "meta", [meta.model_dump_json() for meta in self._clips])
        write_actions(self._group.create_group("actions"), self._motions)

    def _attributes(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "meta": self._meta.model_dump(mode="json"),
            "counts": {
                "clips": len(self._clips),
                "frame_rows": len(self._steps),
                "frames": len(self._steps) * len(self._cameras),
                "grounding_samples": len(self._questions),
                "action_samples": self._count_actions(),
                "questions_by_kind": count_by_kind(self._questions),
            },
        }

    def _count_actions(self) -> int:
        steps = np.repeat([0 if motion is None else motion.steps for motion in self._motions], self._clip_rows)
        return int(np.count_nonzero(np.asarray(self._steps) < steps))
