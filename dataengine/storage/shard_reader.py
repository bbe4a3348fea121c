"""Reading one shard: frames as JPEG bytes or pixels, questions, actions.

Nothing here needs a simulator, a renderer or torch. Tables are read when first asked for, frames one by one.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Split
from dataengine.actions import ActionSpec
from dataengine.samples import ActionSample, FrameKey, GroundingSample
from dataengine.storage.action_table import ActionTable
from dataengine.storage.body_table import BodyTable, StoredBody
from dataengine.storage.clip import FORMAT, FORMAT_VERSION, ClipMeta, Guide, Motion, ShardMeta
from dataengine.storage.columns import Offsets, TextColumn, read_column
from dataengine.storage.errors import CorruptBlock, damage_named
from dataengine.storage.frames import Channel, decode_lossless, restore_depth, restore_normals
from dataengine.storage.group import locate, open_group, subgroup
from dataengine.storage.guide_table import GuideTable
from dataengine.storage.jpeg import decode_jpeg
from dataengine.storage.question_table import QuestionTable
from dataengine.storage.sharded import ChunkReader
from renderers.camera import CameraView
from renderers.masks import RunLengths, run_lengths
from renderers.scene import BACKGROUND_ID


class ShardReader:
    """One shard. Rows, samples and clips are counted from 0.

    Args:
        url: a local path or any fsspec URL.

    Raises:
        UnreadableData: if there is no shard of this format.

    Attributes:
        meta: cameras, action specification, renderer, versions.
        counts: `clips`, `frame_rows`, `frames`, `grounding_samples`, `action_samples`, `questions_by_kind`.
        frame_rows: number of rows; every row has a picture of every camera.
        grounding_count: number of grounding samples.
        action_count: number of action samples: rows that a command follows.
    """

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        self._filesystem, self._path = locate(self.url)
        self._group = open_group(self.url, FORMAT, FORMAT_VERSION)
        with damage_named(f"{self.url}/zarr.json"):
            self.meta = ShardMeta.model_validate(self._group.attrs["meta"])
            self.counts: dict[str, Any] = dict(self._group.attrs["counts"])  # type: ignore[arg-type]
            self.frame_rows = int(self.counts["frame_rows"])
            self.grounding_count = int(self.counts["grounding_samples"])
            self.action_count = int(self.counts["action_samples"])
        self._chunks: dict[str, ChunkReader | None] = {}
        self._bodies: dict[str, BodyTable] = {}
        self._guides: dict[str, GuideTable] = {}
        self._views: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}

    def __reduce__(self) -> tuple[type[ShardReader], tuple[str]]:
        return ShardReader, (self.url,)

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of the cameras."""
        return tuple(spec.name for spec in self.meta.cameras)

    @property
    def action_spec(self) -> ActionSpec:
        """What the numbers of an action mean."""
        return self.meta.action

    def read_tables(self) -> None:
        """Read now what is otherwise read when first asked for, except pictures and what is known of bodies.

        Raises:
            CorruptBlock: if a table is damaged.
        """
        _ = self.questions.row, self._clips, self._clip_offset, self.action_rows
        if self.action_count:
            self.action(0)

    def jpeg(self, camera: str, row: int) -> bytes:
        """The JPEG file of a frame, as stored."""
        pictures = self._pictures("rgb", camera)
        data = None if pictures is None else pictures.read(row)
        if data is None:
            raise CorruptBlock(f"{self.url}: frame {row} of camera {camera} is missing")
        return data

    def rgb(self, camera: str, row: int) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 sRGB."""
        data = self.jpeg(camera, row)
        with damage_named(f"{self.url}: frame {row} of camera {camera}"):
            return decode_jpeg(data)

    def normals(self, camera: str, row: int) -> NDArray[np.float32] | None:
        """(H, W, 3) unit vectors in the camera's frame, NaN where there is none, or None if they were not stored."""
        units = self._lossless("normals", camera, row)
        return None if units is None else restore_normals(units)

    def free_space(self, camera: str, row: int) -> NDArray[np.uint8] | None:
        """(H, W) `dataengine.storage.frames.Room` of each pixel, or None if it was not stored for this frame."""
        return self._lossless("free_space", camera, row)

    def masks(self, camera: str, row: int) -> dict[int, RunLengths]:
        """The mask of every instance that is seen in a frame, as COCO writes them; empty if its ids were not stored."""
        ids = self.ids(camera, row)
        if ids is None:
            return {}
        return {int(number): run_lengths(ids == number) for number in np.unique(ids) if number != BACKGROUND_ID}

    def ids(self, camera: str, row: int) -> NDArray[np.uint16] | None:
        """(H, W) instance ids, or None if they were not stored for this frame."""
        return self._lossless("ids", camera, row)

    def depth(self, camera: str, row: int) -> NDArray[np.float32] | None:
        """(H, W) metres, inf where nothing was hit, or None if it was not stored for this frame."""
        units = self._lossless("depth", camera, row)
        return None if units is None else restore_depth(units)

    def view(self, camera: str, row: int) -> CameraView:
        """The camera of a frame."""
        spec = next(spec for spec in self.meta.cameras if spec.name == camera)
        if camera not in self._views:
            group = subgroup(self._group, f"cameras/{camera}")
            self._views[camera] = read_column(group, "K"), read_column(group, "T_world_camera")
        K, T_world_camera = self._views[camera]
        return CameraView(camera, spec.width, spec.height, K[row], T_world_camera[row], spec.intrinsics.distortion)

    def bodies(self, camera: str, row: int) -> tuple[StoredBody, ...]:
        """Annotated bodies of a frame; empty if it was not annotated."""
        if camera not in self._bodies:
            self._bodies[camera] = BodyTable(subgroup(self._group, f"bodies/{camera}"))
        return self._bodies[camera].bodies(row)

    def guide(self, camera: str, row: int) -> Guide | None:
        """What the hand is about to do in a frame; None if it was not annotated."""
        if camera not in self._guides:
            self._guides[camera] = GuideTable(subgroup(self._group, f"guides/{camera}"))
        return self._guides[camera].guide(row)

    def key(self, camera: str, row: int) -> FrameKey:
        """Which picture a row of a camera is."""
        episode, step, look = self._moment(row)
        return FrameKey(episode=episode, step=step, look=look, camera=camera)

    def row(self, key: FrameKey) -> int:
        """The inverse of `key`; KeyError if the shard has no such frame."""
        return self._rows[key.episode, key.step, key.look]

    def grounding(self, i: int) -> GroundingSample:
        """Grounding sample i."""
        return self.questions.sample(i, *self._moment(self.grounding_row(i)))

    def grounding_row(self, i: int) -> int:
        """Frame row of grounding sample i."""
        return int(self.questions.row[i])

    def action(self, i: int, chunk: int | None = None) -> ActionSample:
        """Action sample i with `chunk` actions (by default as many as the action specification says)."""
        row = int(self.action_rows[i])
        episode, step, look = self._moment(row)
        clip, length, spec = self.clip_of(row), chunk or self.action_spec.chunk, self.action_spec
        actions, padded = self._actions.chunk(clip, step, length, spec.gripper_indices)
        return ActionSample(
            row=row,
            episode=episode,
            step=step,
            look=look,
            instructions=self.clip(clip).instructions,
            state=self._actions.state(clip, step),
            actions=actions,
            padded=padded,
        )

    def action_columns(self, *, to_imitate: bool = False) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The first action of every action sample, (N, A), and its state, (N, S); see `to_imitate`."""
        rows = self.action_rows[self.to_imitate] if to_imitate else self.action_rows
        return self._actions.columns(self._index["clip"][rows], self._index["step"][rows])

    def clip(self, i: int) -> ClipMeta:
        """Which episode under which look clip i is."""
        return self._clips[i]

    def clip_rows(self, i: int) -> range:
        """Frame rows of clip i."""
        return range(int(self._clip_offset[i]), int(self._clip_offset[i + 1]))

    def clip_of(self, row: int) -> int:
        """The clip to which a frame row belongs."""
        return int(self._index["clip"][row])

    def motion(self, i: int) -> Motion | None:
        """The trajectory of clip i, or None if it serves questions only."""
        return self._actions.motion(i)

    def rows_of_split(self, split: Split) -> NDArray[np.bool_]:
        """Whether each frame row belongs to a split, (rows,)."""
        of_clip = np.array([clip.split == split for clip in self._clips], bool)
        return of_clip[self._index["clip"]]

    @cached_property
    def action_rows(self) -> NDArray[np.int64]:
        """Frame row of each action sample."""
        return np.flatnonzero(self._index["step"] < self._actions.steps[self._index["clip"]])

    @cached_property
    def to_imitate(self) -> NDArray[np.bool_]:
        """Whether each action sample begins outside of failed tries and disturbances."""
        clip, step = self._index["clip"][self.action_rows], self._index["step"][self.action_rows]
        kept = np.ones(len(step), bool)
        for number, meta in enumerate(self._clips):
            for first, end in meta.not_to_imitate:
                kept &= (clip != number) | (step < first) | (step >= end)
        return kept

    @cached_property
    def questions(self) -> QuestionTable:
        """The table of grounding samples."""
        return QuestionTable(subgroup(self._group, "questions"))

    def _pictures(self, channel: Channel, camera: str) -> ChunkReader | None:
        name = f"frames/{channel}/{camera}"
        if name not in self._chunks:
            self._chunks[name] = self._open_pictures(name)
        return self._chunks[name]

    def _open_pictures(self, name: str) -> ChunkReader | None:
        with damage_named(f"{self.url}/{name}"):
            array = self._group.get(name)
            if array is None:
                return None
            return ChunkReader(self._filesystem, f"{self._path}/{name}", array.metadata.to_dict())

    def _lossless(self, channel: Channel, camera: str, row: int) -> NDArray[Any] | None:
        pictures = self._pictures(channel, camera)
        data = None if pictures is None else pictures.read(row)
        if pictures is None or data is None:
            return None
        with damage_named(f"{self.url}: {channel} of frame {row} of camera {camera}"):
            return decode_lossless(data, channel, pictures.shape[1:])

    def _moment(self, row: int) -> tuple[int, int, int]:
        index = self._index
        return int(index["episode"][row]), int(index["step"][row]), int(index["look"][row])

    @cached_property
    def _index(self) -> dict[str, NDArray[Any]]:
        group = subgroup(self._group, "index")
        return {name: read_column(group, name) for name in ("clip", "episode", "step", "look")}

    @cached_property
    def _rows(self) -> dict[tuple[int, int, int], int]:
        return {self._moment(row): row for row in range(self.frame_rows)}

    @cached_property
    def _clips(self) -> list[ClipMeta]:
        rows = TextColumn.read(subgroup(self._group, "clips"), "meta")
        with damage_named(f"{self.url}/clips/meta"):
            return [ClipMeta.model_validate_json(row) for row in rows]

    @cached_property
    def _clip_offset(self) -> Offsets:
        return read_column(subgroup(self._group, "clips"), "row_offset")

    @cached_property
    def _actions(self) -> ActionTable:
        return ActionTable(subgroup(self._group, "actions"))
