"""All shards of a run, or of several, as one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Split
from dataengine.actions import ActionSpec
from dataengine.samples import ActionSample, FrameKey, GroundingSample, QuestionKind
from dataengine.storage.block import block_order
from dataengine.storage.body_table import StoredBody
from dataengine.storage.clip import ClipMeta, Guide
from dataengine.storage.columns import offsets
from dataengine.storage.errors import UnreadableData
from dataengine.storage.group import locate
from dataengine.storage.shard_reader import ShardReader
from renderers.camera import CameraView

OPEN_SHARDS = 256


class ShardSet:
    """Shards one after the other; rows and samples are counted through all of them.

    Can be pickled; a worker process opens the shards it reads anew.

    Args:
        source: a run (a folder or URL that holds `shards/`), one shard, or a sequence of these.

    Raises:
        UnreadableData: if there is no shard, or the shards' cameras or actions differ.

    Attributes:
        urls: of the shards. name: what they are called together, for messages.
        cameras: their names. action_spec: what the numbers of an action mean.
    """

    def __init__(self, source: str | Path | Sequence[str | Path]) -> None:
        sources = [source] if isinstance(source, str | Path) else source
        self.urls: tuple[str, ...] = tuple(url for item in sources for url in shard_urls(item))
        if not self.urls:
            raise UnreadableData(f"{source}: there are no shards here; `dataengine render` writes them")
        self._open: OrderedDict[int, ShardReader] = OrderedDict()
        shards = [self._shard(i) for i in range(len(self.urls))]
        self.cameras = shards[0].cameras
        self.action_spec: ActionSpec = shards[0].action_spec
        for shard in shards:
            if (shard.cameras, shard.action_spec) != (self.cameras, self.action_spec):
                raise UnreadableData(f"{shard.url}: cameras or actions differ from those of {shards[0].url}")
        self.name = self.urls[0] if len(self.urls) == 1 else f"{self.urls[0]} and {len(self.urls) - 1} more shards"
        self._row_offset = offsets(shard.frame_rows for shard in shards)
        self._grounding_offset = offsets(shard.grounding_count for shard in shards)
        self._action_offset = offsets(shard.action_count for shard in shards)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_open": OrderedDict()}

    @property
    def frame_rows(self) -> int:
        """Number of rows; every row has a picture of every camera."""
        return int(self._row_offset[-1])

    @property
    def grounding_count(self) -> int:
        """Number of grounding samples."""
        return int(self._grounding_offset[-1])

    @property
    def action_count(self) -> int:
        """Number of action samples."""
        return int(self._action_offset[-1])

    def grounding_indices(
        self, split: Split | None = None, kinds: Collection[QuestionKind] | None = None
    ) -> NDArray[np.int64]:
        """Indices of the grounding samples of a split and of some kinds, ascending."""
        parts = []
        for number, first in enumerate(self._grounding_offset[:-1]):
            shard = self._shard(number)
            keep = np.ones(shard.grounding_count, bool)
            if kinds is not None:
                wanted = [index for index, kind in enumerate(shard.questions.kinds) if kind in kinds]
                keep &= np.isin(shard.questions.kind, wanted)
            if split is not None:
                keep &= shard.rows_of_split(split)[shard.questions.row]
            parts.append(first + np.flatnonzero(keep))
        return np.concatenate(parts)

    def action_indices(self, split: Split | None = None, *, to_imitate: bool = False) -> NDArray[np.int64]:
        """Indices of the action samples of a split, ascending; `to_imitate` leaves out failures and disturbances."""
        parts = []
        for number, first in enumerate(self._action_offset[:-1]):
            shard = self._shard(number)
            keep = shard.to_imitate if to_imitate else np.ones(shard.action_count, bool)
            if split is not None:
                keep = keep & shard.rows_of_split(split)[shard.action_rows]
            parts.append(first + np.flatnonzero(keep))
        return np.concatenate(parts)

    def grounding(self, i: int) -> GroundingSample:
        """Grounding sample i."""
        shard, local, _ = self._locate(self._grounding_offset, i)
        return shard.grounding(local)

    def grounding_row(self, i: int) -> int:
        """Frame row of grounding sample i."""
        shard, local, number = self._locate(self._grounding_offset, i)
        return int(self._row_offset[number]) + shard.grounding_row(local)

    def grounding_picture(self, i: int) -> NDArray[np.uint8]:
        """The picture (H, W, 3) that grounding sample i is about."""
        return self.rgb(self.grounding(i).frame.camera, self.grounding_row(i))

    def grounding_proof(self, i: int) -> tuple[NDArray[np.uint16] | None, dict[str, int]]:
        """What proves grounding sample i: the instance ids (H, W) of its picture, and which of them each body has."""
        row = self.grounding_row(i)
        return self.ids(self.grounding(i).frame.camera, row), self.clip(row).bodies

    def action(self, i: int, chunk: int | None = None) -> ActionSample:
        """Action sample i with `chunk` actions (by default as many as the action specification says)."""
        shard, local, number = self._locate(self._action_offset, i)
        sample = shard.action(local, chunk)
        return replace(sample, row=int(self._row_offset[number]) + sample.row)

    def action_columns(self, *, to_imitate: bool = False) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Shard by shard the first action of every action sample, (N, A), and its state, (N, S)."""
        for number in range(len(self.urls)):
            if self._shard(number).action_count:
                yield self._shard(number).action_columns(to_imitate=to_imitate)

    def jpeg(self, camera: str, row: int) -> bytes:
        """The JPEG file of a frame, as stored."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.jpeg(camera, local)

    def rgb(self, camera: str, row: int) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 sRGB."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.rgb(camera, local)

    def ids(self, camera: str, row: int) -> NDArray[np.uint16] | None:
        """(H, W) instance ids, or None if they were not stored for this frame."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.ids(camera, local)

    def depth(self, camera: str, row: int) -> NDArray[np.float32] | None:
        """(H, W) metres, or None if it was not stored for this frame."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.depth(camera, local)

    def view(self, camera: str, row: int) -> CameraView:
        """The camera of a frame."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.view(camera, local)

    def bodies(self, camera: str, row: int) -> tuple[StoredBody, ...]:
        """Annotated bodies of a frame; empty if it was not annotated."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.bodies(camera, local)

    def guide(self, camera: str, row: int) -> Guide | None:
        """What the hand is about to do in a frame; None if it was not annotated."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.guide(camera, local)

    def free_space(self, camera: str, row: int) -> NDArray[np.uint8] | None:
        """(H, W) `Room` of each pixel, or None if it was not stored for this frame."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.free_space(camera, local)

    def key(self, camera: str, row: int) -> FrameKey:
        """Which picture a row of a camera is."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.key(camera, local)

    def clip(self, row: int) -> ClipMeta:
        """The clip to which a frame row belongs."""
        shard, local, _ = self._locate(self._row_offset, row)
        return shard.clip(shard.clip_of(local))

    def not_to_imitate(self, row: int) -> tuple[tuple[int, int], ...]:
        """The steps (first, end) of a row's clip that belong to failed tries and disturbances."""
        return self.clip(row).not_to_imitate

    def _locate(self, offset: NDArray[np.int64], i: int) -> tuple[ShardReader, int, int]:
        if not 0 <= i < offset[-1]:
            raise IndexError(f"{i} of {offset[-1]}")
        number = int(np.searchsorted(offset, i, side="right")) - 1
        return self._shard(number), int(i - offset[number]), number

    def _shard(self, number: int) -> ShardReader:
        """The reader of a shard; the one that was not used for longest makes room."""
        if number not in self._open:
            self._open[number] = ShardReader(self.urls[number])
            if len(self._open) > OPEN_SHARDS:
                self._open.popitem(last=False)
        self._open.move_to_end(number)
        return self._open[number]


def shard_urls(source: str | Path) -> list[str]:
    """The shards of a run in order, or the shard itself."""
    url = str(source).rstrip("/")
    if url.endswith(".zarr"):
        return [url]
    filesystem, path = locate(url)
    folder = f"{path}/shards"
    if not filesystem.isdir(folder):
        return []
    names = (entry.rstrip("/").rsplit("/", 1)[-1] for entry in filesystem.ls(folder, detail=False))
    return [f"{url}/shards/{name}" for name in sorted(names, key=block_order) if name.endswith(".zarr")]
