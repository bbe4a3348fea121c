"""Small LeRobot datasets of version 3.0, written as their format says: files of several episodes, videos and pictures.

The number of every frame can be read off its picture.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

RATE = 10
SIDE = 64
VIDEO, PICTURE = "observation.images.front", "observation.images.wrist"
TASKS = ("pick up the cup", "open the drawer")
CHUNK_FILE = "chunk-{chunk_index:03d}/file-{file_index:03d}"


def numbered_picture(number: int) -> np.ndarray:
    """(64, 64, 3) uint8: eight bits of a number as stripes."""
    picture = np.full((SIDE, SIDE, 3), 30, np.uint8)
    for bit in range(8):
        if number >> bit & 1:
            picture[:, 8 * bit : 8 * bit + 8] = (220, 200, 210)
    return picture


def number_in(picture: np.ndarray) -> int:
    """The number that `numbered_picture` drew."""
    return sum(1 << bit for bit in range(8) if picture[8:56, 8 * bit + 2 : 8 * bit + 6].mean() > 127)


def numbers(total: int) -> tuple[np.ndarray, np.ndarray]:
    """Actions (N, 7) and states (N, 8) of all frames."""
    rng = np.random.default_rng(0)
    actions, states = rng.normal(size=(total, 7)), rng.normal(size=(total, 8))
    actions[:, 6] = np.where(np.arange(total) % 4 < 2, -1.0, 1.0)
    return actions.astype(np.float32), states.astype(np.float32)


def write_lerobot(root: Path, files: tuple[tuple[int, ...], ...] = ((7, 5), (6,)), codec: str = "mpeg4") -> Path:
    """A dataset with so many frames in each episode of each file."""
    actions, states = numbers(sum(map(sum, files)))
    episodes: list[dict[str, object]] = []
    first = 0
    for number, lengths in enumerate(files):
        place = CHUNK_FILE.format(chunk_index=0, file_index=number)
        start_of_file = first
        for length in lengths:
            episode, end = len(episodes), first + length
            seconds = [(frame - start_of_file) / RATE for frame in (first, end)]
            episodes.append(
                {
                    "episode_index": episode,
                    "tasks": [TASKS[episode % 2]],
                    "length": length,
                    "data/chunk_index": 0,
                    "data/file_index": number,
                    "dataset_from_index": first,
                    "dataset_to_index": end,
                    f"videos/{VIDEO}/chunk_index": 0,
                    f"videos/{VIDEO}/file_index": number,
                    f"videos/{VIDEO}/from_timestamp": seconds[0],
                    f"videos/{VIDEO}/to_timestamp": seconds[1],
                    "stats/action/min": actions[first:end].min(0).tolist(),
                    "meta/episodes/chunk_index": 0,
                    "meta/episodes/file_index": 0,
                }
            )
            first = end
        _write_data(root / "data" / f"{place}.parquet", start_of_file, lengths, len(episodes), actions, states)
        _write_video(root / "videos" / VIDEO / f"{place}.mp4", range(start_of_file, first), codec)
    _write_table(root / "meta" / "episodes" / "chunk-000" / "file-000.parquet", pa.Table.from_pylist(episodes))
    tasks = pa.table({"task_index": [0, 1], "task": list(TASKS)})
    _write_table(root / "meta" / "tasks.parquet", tasks)
    (root / "meta" / "info.json").write_text(json.dumps(_info(len(episodes), first, codec), indent=4))
    return root


def _info(episodes: int, frames: int, codec: str) -> dict[str, object]:
    picture = {"shape": [SIDE, SIDE, 3], "names": ["height", "width", "channels"]}
    video = {"video.height": SIDE, "video.width": SIDE, "video.codec": codec, "video.pix_fmt": "yuv420p"}
    video |= {"video.fps": RATE, "video.channels": 3, "video.is_depth_map": False, "has_audio": False}
    features = {
        "action": {"dtype": "float32", "shape": [7], "names": ["x", "y", "z", "roll", "pitch", "yaw", "gripper"]},
        "observation.state": {"dtype": "float32", "shape": [8], "names": ["state"]},
        VIDEO: {"dtype": "video", **picture, "info": video},
        PICTURE: {"dtype": "image", **picture},
        "timestamp": {"dtype": "float32", "shape": [1], "names": None},
        **{
            name: {"dtype": "int64", "shape": [1], "names": None}
            for name in ("frame_index", "episode_index", "index", "task_index")
        },
    }
    return {
        "codebase_version": "v3.0",
        "robot_type": "panda",
        "total_episodes": episodes,
        "total_frames": frames,
        "total_tasks": 2,
        "chunks_size": 1000,
        "data_files_size_in_mb": 100,
        "video_files_size_in_mb": 200,
        "fps": RATE,
        "splits": {"train": f"0:{episodes}"},
        "data_path": f"data/{CHUNK_FILE}.parquet",
        "video_path": f"videos/{{video_key}}/{CHUNK_FILE}.mp4",
        "features": features,
    }


def _write_data(
    path: Path, first: int, lengths: tuple[int, ...], episodes: int, actions: np.ndarray, states: np.ndarray
) -> None:
    """One row group for each episode, as LeRobot's writer makes them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = None
    for episode, length in enumerate(lengths, episodes - len(lengths)):
        rows = range(first, first + length)
        pictures = [cv2.imencode(".png", numbered_picture(row)[..., ::-1])[1].tobytes() for row in rows]
        table = pa.table(
            {
                "action": pa.FixedSizeListArray.from_arrays(actions[first : first + length].ravel(), 7),
                "observation.state": pa.FixedSizeListArray.from_arrays(states[first : first + length].ravel(), 8),
                PICTURE: [{"bytes": data, "path": f"frame-{i:06d}.png"} for i, data in enumerate(pictures)],
                "timestamp": pa.array([i / RATE for i in range(length)], pa.float32()),
                "frame_index": list(range(length)),
                "episode_index": [episode] * length,
                "index": list(rows),
                "task_index": [episode % 2] * length,
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
        first += length
    assert writer is not None
    writer.close()


def _write_table(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def _write_video(path: Path, frames: range, codec: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = SIDE, SIDE, "yuv420p", 4
        stream.codec_context.time_base = Fraction(1, RATE)
        for number in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered_picture(number), format="rgb24")))
        container.mux(stream.encode())
