"""LeRobot datasets of version 3, read without the package that writes them.

Numbers and single pictures lie in `data/*.parquet`, videos in `videos/*.mp4`, several episodes in each file;
`meta/info.json` describes the features and `meta/episodes/*.parquet` says where each episode lies. Source:
https://huggingface.co/docs/lerobot/lerobot-dataset-v3
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from assets_index.errors import EngineError
from dataengine.actions import ActionSpec
from dataengine.samples import ActionSample
from dataengine.storage.errors import UnreadableData
from trainer.data.images import Rgb
from trainer.data.sources.pictures import decode_picture
from trainer.data.sources.source import LeRobotMapping
from trainer.data.sources.video import VideoFrames
from trainer.errors import ActionSpecMismatch, MissingCamera, UnreadableItem

_OPEN_TABLES = 64
_OPEN_PICTURES = 4

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Numbers:
    """One data file: actions (N, A) and states (N, S) as the mapping makes them, and the task of each row."""

    actions: Floats
    states: Floats
    tasks: NDArray[np.int64]


class LeRobotEpisodes:
    """The episodes of a dataset, as `trainer.data.action_data.ActionData`. Can be pickled.

    Args:
        root: folder of the dataset.
        mapping: what its features mean.

    Raises:
        UnreadableData: if this is no dataset of version 3.
        ActionSpecMismatch: if its features or its rate cannot be what the mapping says.
        MissingCamera: if it has no such pictures.
        MissingPackage: if they are videos, and PyAV is not installed.
    """

    def __init__(self, root: Path, mapping: LeRobotMapping) -> None:
        self.name = str(root)
        self._root, self._mapping = root, mapping
        self._info = _read_info(root)
        self.action_spec: ActionSpec = mapping.spec
        self.cameras = tuple(mapping.cameras)
        _check(self._info["features"], float(self._info["fps"]), mapping, self.name)
        self._episodes = _read_episodes(root)
        self._first = self._episodes["dataset_from_index"]
        self._end = self._episodes["dataset_to_index"]
        self._file_first = _first_of_file(self._episodes)
        self._tasks = _read_tasks(root)
        self._tables: OrderedDict[Path, _Numbers] = OrderedDict()
        self._pictures: OrderedDict[tuple[Path, int, str], pa.ChunkedArray] = OrderedDict()
        dtypes = {self._info["features"][feature]["dtype"] for feature in mapping.cameras.values()}
        self._videos = VideoFrames() if "video" in dtypes else None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_tables": OrderedDict(), "_pictures": OrderedDict()}

    @property
    def action_count(self) -> int:
        """Number of frames; each is followed by an action."""
        return int(self._end[-1]) if len(self._end) else 0

    def action_indices(self, *, to_imitate: bool = False) -> NDArray[np.int64]:  # noqa: ARG002
        """All frames, ascending: nothing is known to have failed."""
        return np.arange(self.action_count)

    def not_to_imitate(self, row: int) -> tuple[tuple[int, int], ...]:  # noqa: ARG002
        """No steps."""
        return ()

    def action(self, i: int, chunk: int | None = None) -> ActionSample:
        """Frame i with `chunk` actions; behind the end of the episode they are 0, and the grippers' the last ones."""
        episode, local, table = self._locate(i)
        spec = self.action_spec
        length, left = chunk or spec.chunk, int(self._end[episode]) - i
        present = min(length, left)
        actions = np.zeros((length, len(spec.names)), np.float32)
        actions[:present] = table.actions[local : local + present]
        grippers = list(spec.gripper_indices)
        actions[present:, grippers] = table.actions[local + left - 1, grippers]
        return ActionSample(
            row=i,
            episode=episode,
            step=i - int(self._first[episode]),
            look=0,
            instructions=(self._tasks[int(table.tasks[local])],),
            state=table.states[local],
            actions=actions,
            padded=np.arange(length) >= present,
        )

    def action_columns(self, *, to_imitate: bool = False) -> Iterator[tuple[Floats, Floats]]:  # noqa: ARG002
        """File by file the actions (N, A) and states (N, S) of all frames."""
        for first in np.unique(self._file_first):
            _, _, table = self._locate(int(first))
            yield table.actions, table.states

    def rgb(self, camera: str, row: int) -> Rgb:
        """The picture (H, W, 3) of a camera at frame `row`; raises UnreadableItem."""
        feature = self._mapping.cameras[camera]
        episode = self._episode(row)
        if self._videos is not None and self._info["features"][feature]["dtype"] == "video":
            since = (row - int(self._first[episode])) / float(self._info["fps"])
            start = float(self._episodes[f"videos/{feature}/from_timestamp"][episode])
            return self._videos.frame(self._path("video_path", episode, f"videos/{feature}", feature), start + since)
        return self._stored_picture(feature, episode, row)

    def _locate(self, i: int) -> tuple[int, int, _Numbers]:
        """Episode, row in its file, and the file's numbers."""
        episode = self._episode(i)
        path = self._path("data_path", episode, "data")
        if path not in self._tables:
            self._tables[path] = self._read_numbers(path, episode)
            if len(self._tables) > _OPEN_TABLES:
                self._tables.popitem(last=False)
        self._tables.move_to_end(path)
        return episode, i - int(self._file_first[episode]), self._tables[path]

    def _episode(self, i: int) -> int:
        if not 0 <= i < self.action_count:
            raise IndexError(f"{i} of {self.action_count}")
        return int(np.searchsorted(self._end, i, side="right"))

    def _path(self, template: str, episode: int, prefix: str, video_key: str = "") -> Path:
        chunk, file = (int(self._episodes[f"{prefix}/{part}_index"][episode]) for part in ("chunk", "file"))
        return self._root / self._info[template].format(chunk_index=chunk, file_index=file, video_key=video_key)

    def _read_numbers(self, path: Path, episode: int) -> _Numbers:
        mapping = self._mapping
        table = _read_table(path, [mapping.action, mapping.state, "index", "task_index"])
        first = int(self._file_first[episode])
        if not np.array_equal(table["index"].to_numpy(), first + np.arange(len(table))):
            raise UnreadableData(f"{path}: its rows are not those from {first} on, as meta/episodes says")
        actions = _columns(table[mapping.action], mapping.columns, mapping.factors)
        states = _columns(table[mapping.state], mapping.state_columns, mapping.state_factors)
        grippers = list(self.action_spec.gripper_indices)
        closed, opened = mapping.gripper
        commands = np.clip((actions[:, grippers] - closed) / (opened - closed), 0.0, 1.0)
        if mapping.absolute:
            actions = actions - states
        actions[:, grippers] = commands
        return _Numbers(actions, states, table["task_index"].to_numpy())

    def _stored_picture(self, feature: str, episode: int, row: int) -> Rgb:
        """A picture that lies among the numbers; its row group stays in memory."""
        path = self._path("data_path", episode, "data")
        local = row - int(self._file_first[episode])
        ends = _row_group_ends(path)
        group = int(np.searchsorted(ends, local, side="right"))
        key = (path, group, feature)
        if key not in self._pictures:
            self._pictures[key] = _read_row_group(path, group, feature)
            if len(self._pictures) > _OPEN_PICTURES:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(key)
        stored = self._pictures[key][local - int(ends[group - 1] if group else 0)].as_py()
        if not stored or not stored["bytes"]:
            raise UnreadableItem(f"{path}: row {local} has no picture {feature!r}")
        return decode_picture(stored["bytes"], f"{path}: {feature!r} of row {local}")


def _read_info(root: Path) -> dict[str, Any]:
    path = root / "meta" / "info.json"
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
        version, _ = info["codebase_version"], (info["fps"], info["features"], info["data_path"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableData(f"{path}: is not that of a LeRobot dataset: {type(error).__name__}: {error}") from error
    if not str(version).startswith("v3."):
        raise UnreadableData(f"{path}: version {version} cannot be read, only v3; LeRobot converts older ones")
    return info


@contextmanager
def _reading(path: Path, error_class: type[EngineError] = UnreadableData) -> Iterator[None]:
    """Raise `error_class`, naming the file, instead of what pyarrow raises."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise error_class(f"{path}: cannot be read: {' '.join(str(error).split())[:200]}") from error


def _read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    with _reading(path):
        return pq.read_table(path, columns=columns)


@lru_cache(maxsize=_OPEN_TABLES)
def _row_group_ends(path: Path) -> NDArray[np.int64]:
    """The row behind the last one of each row group."""
    with _reading(path):
        metadata = pq.read_metadata(path)
    return np.cumsum([metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)])


def _read_row_group(path: Path, group: int, feature: str) -> pa.ChunkedArray:
    """One column of it; raises UnreadableItem, since the rest of the file may be whole."""
    with _reading(path, UnreadableItem), pq.ParquetFile(path) as file:
        return file.read_row_group(group, columns=[feature])[feature]


def _read_episodes(root: Path) -> dict[str, NDArray[Any]]:
    """Columns of all episodes in their order, without statistics and words."""
    paths = sorted((root / "meta" / "episodes").glob("*/*.parquet"))
    if not paths:
        raise UnreadableData(f"{root}: no meta/episodes/*/*.parquet")
    with _reading(paths[0]):
        names = pq.read_schema(paths[0]).names
    wanted = [name for name in names if not name.startswith("stats/") and name != "tasks"]
    table = pa.concat_tables([_read_table(path, wanted) for path in paths]).sort_by("episode_index")
    columns = {name: table[name].to_numpy() for name in wanted}
    first, end = columns["dataset_from_index"], columns["dataset_to_index"]
    if len(first) and (first[0] != 0 or not np.array_equal(first[1:], end[:-1])):
        raise UnreadableData(f"{root}: the episodes in meta/episodes do not follow each other")
    return columns


def _first_of_file(episodes: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
    """The first frame of the data file that each episode lies in."""
    files = np.stack([episodes["data/chunk_index"], episodes["data/file_index"]], 1)
    _, number = np.unique(files, axis=0, return_inverse=True)
    first = np.full(len(files), np.iinfo(np.int64).max)
    np.minimum.at(first, number, episodes["dataset_from_index"])
    return first[number]


def _read_tasks(root: Path) -> dict[int, str]:
    """Tasks in words by their index; the words are the table's index, whatever that is called."""
    table = _read_table(root / "meta" / "tasks.parquet")
    words = next(name for name in table.column_names if name != "task_index")
    return dict(zip(table["task_index"].to_pylist(), table[words].to_pylist(), strict=True))


def _check(features: dict[str, Any], rate: float, mapping: LeRobotMapping, name: str) -> None:
    spec = mapping.spec
    if rate != spec.rate:
        raise ActionSpecMismatch(f"{name}: it has {rate:g} frames a second, `lerobot.spec.rate` is {spec.rate:g}")
    for feature, columns, factors, what in (
        (mapping.action, mapping.columns, mapping.factors, "actions"),
        (mapping.state, mapping.state_columns, mapping.state_factors, "states"),
    ):
        size = _size(features, feature, name)
        taken = tuple(range(size)) if columns is None else columns
        if not all(0 <= column < size for column in taken):
            raise ActionSpecMismatch(f"{name}: {feature!r} has {size} entries, not those numbered {list(taken)}")
        for count in (len(taken), len(taken) if factors is None else len(factors)):
            if count != len(spec.names):
                raise ActionSpecMismatch(
                    f"{name}: {count} entries or factors of {feature!r} are to be {what}, which have "
                    f"{len(spec.names)}: {', '.join(spec.names)}"
                )
    if mapping.gripper[0] == mapping.gripper[1]:
        raise ActionSpecMismatch(f"{name}: `lerobot.gripper` says the same for closed and open")
    for camera, feature in mapping.cameras.items():
        if features.get(feature, {}).get("dtype") not in ("video", "image"):
            pictures = [key for key, entry in features.items() if entry["dtype"] in ("video", "image")]
            raise MissingCamera(
                f"{name}: no pictures {feature!r} for camera {camera!r}; there are {', '.join(pictures)}"
            )


def _size(features: dict[str, Any], feature: str, name: str) -> int:
    if feature not in features or len(features[feature]["shape"]) != 1:
        raise ActionSpecMismatch(f"{name}: no list of numbers {feature!r}; there are {', '.join(features)}")
    return int(features[feature]["shape"][0])


def _columns(values: pa.ChunkedArray, columns: tuple[int, ...] | None, factors: tuple[float, ...] | None) -> Floats:
    """The chosen entries (N, D) of a column of lists."""
    flat = values.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    rows = flat.reshape(len(values), -1).astype(np.float32)
    chosen = rows if columns is None else rows[:, columns]
    return chosen if factors is None else chosen * np.array(factors, np.float32)
