"""How fast random frames come out of shards, against bare JPEG decoding and against a LeRobotDataset.

`over_jpeg_decode` is the bare decoder's CPU time over the reader's: 1 means that finding and reading a frame costs
nothing. Both take their pictures in the same random order; rounds alternate, so that a busy machine slows both alike.
`over_lerobot` is the CPU time of a LeRobotDataset with videos, its usual form, over the reader's, on the same frames in
the same order; `over_lerobot_images` the same with single pictures. Its pins may not fit this environment:
`--lerobot-python` names an interpreter of another one (`pip install 'lerobot[dataset]'`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from _command_line import new_parser, show

from assets_index.transforms import Pose
from dataengine.storage.block import block_path
from dataengine.storage.clip import Clip, ClipMeta, Moment, ShardMeta
from dataengine.storage.shard_set import ShardSet
from dataengine.storage.shard_writer import write_shard
from renderers.camera import CameraSpec, CameraView, Intrinsics
from renderers.frame import Frame
from renderers.look import DomeLook, LightLook, Look, SurfaceLook

CAMERA = "front"


def pictures(rng: np.random.Generator, size: int, count: int) -> Iterator[np.ndarray]:
    """A film about as hard to compress as a rendered one: smooth shapes that pass by, with fine texture."""
    width = size + count
    coarse = cv2.resize(rng.integers(0, 256, (size // 16, width // 16, 3), np.uint8), (width, size))
    for first in range(count):
        grain = rng.normal(0.0, 2.5, (size, size, 1))
        yield np.clip(coarse[:, first : first + size] + grain, 0, 255).astype(np.uint8)


def write_run(run: Path, shards: int, rows: int, size: int) -> None:
    lens = Intrinsics.of_fov(size, size, 1.0)
    spec = CameraSpec(name=CAMERA, mount="world", pose=Pose(), intrinsics=lens)
    meta = ShardMeta(cameras=(spec,), renderer="noise", versions={})
    view = CameraView(CAMERA, size, size, lens.matrix, np.eye(4))
    surface = SurfaceLook(texture_id="none")
    look = Look(
        index=0,
        seed=0,
        dome=DomeLook(dome_id="none"),
        light=LightLook(direction=(0.0, 0.0, -1.0)),
        table=surface,
        floor=surface,
    )
    for shard in range(shards):
        rng = np.random.default_rng(shard)
        clip = ClipMeta(
            episode=shard, look=look, split="train", task="none", instructions=("none",), subtasks=(), bodies={}
        )
        film = enumerate(pictures(rng, size, rows))
        moments = (Moment(row, {CAMERA: Frame(view, frame)}) for row, frame in film)
        write_shard(block_path(run / "shards", shard), meta, [Clip(clip, None, moments)])


def measure(shards: ShardSet, draws: int, rounds: int) -> dict[str, float]:
    order = np.random.default_rng(0).integers(0, shards.frame_rows, draws)
    files = {int(row): np.frombuffer(shards.jpeg(CAMERA, int(row)), np.uint8) for row in np.unique(order)}
    reading, decoding, wall = [], [], []
    for _ in range(rounds):
        start, cpu = time.perf_counter(), time.process_time()
        for row in order:
            shards.rgb(CAMERA, int(row))
        reading.append(time.process_time() - cpu)
        wall.append(time.perf_counter() - start)
        cpu = time.process_time()
        for row in order:
            cv2.imdecode(files[int(row)], cv2.IMREAD_COLOR_RGB)
        decoding.append(time.process_time() - cpu)
    return {
        "frames_per_s": draws / min(wall),
        "over_jpeg_decode": min(decoding) / min(reading),
        "read_us": 1e6 * min(reading) / draws,
        "decode_us": 1e6 * min(decoding) / draws,
        "jpeg_bytes": float(np.mean([len(file) for file in files.values()])),
    }


def measure_lerobot(shards: ShardSet, python: str, frames: int, rounds: int) -> dict[str, object]:
    """CPU time a frame over the reader's, on the first `frames` frames in a random order."""
    order = np.random.default_rng(1).permutation(min(frames, shards.frame_rows))
    reading = []
    for _ in range(rounds):
        began = time.process_time()
        for row in order:
            shards.rgb(CAMERA, int(row))
        reading.append(time.process_time() - began)
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/frames.npy", np.stack([shards.rgb(CAMERA, row) for row in range(len(order))]))
        np.save(f"{folder}/order.npy", order)
        command = [
            python,
            Path(__file__).with_name("_lerobot.py"),
            f"{folder}/frames.npy",
            f"{folder}/order.npy",
            folder,
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    theirs, ours = json.loads(done.stdout.splitlines()[-1]), min(reading) / len(order)
    return {
        "over_lerobot": theirs["video"] / ours,
        "over_lerobot_images": theirs["image"] / ours,
        "lerobot": theirs["version"],
    }


def main() -> None:
    parser = new_parser(__doc__)
    parser.add_argument("--run", type=Path, help="a run with shards; by default some are made")
    parser.add_argument("--draws", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lerobot-python", help="interpreter that has lerobot; by default this one, if it has")
    parser.add_argument("--lerobot-frames", type=int, default=200)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    python = options.lerobot_python or (sys.executable if find_spec("lerobot") else None)
    with tempfile.TemporaryDirectory() as scratch:
        run = options.run or Path(scratch)
        if options.run is None:
            write_run(run, shards=4, rows=600, size=224)
        shards = ShardSet(run)
        result: dict[str, object] = {**measure(shards, options.draws, options.rounds)}
        if python is None:
            result |= {"over_lerobot": None, "why": "over_lerobot: lerobot is not installed; see --lerobot-python"}
        else:
            result |= measure_lerobot(shards, python, options.lerobot_frames, options.rounds)
    show(result, options.json)


if __name__ == "__main__":
    main()
