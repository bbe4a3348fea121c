"""Random access to frames of a `LeRobotDataset`, as another interpreter may have it: needs lerobot and NumPy alone.

Arguments: a file of frames (N, H, W, 3), one of the rows to read, a scratch folder. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

EPISODE, RATE = 100, 20


def write_dataset(root: Path, frames: np.ndarray, dtype: str) -> None:
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    numbers = {"dtype": "float32", "shape": (8,), "names": None}
    picture = {"dtype": dtype, "shape": frames.shape[1:], "names": ["height", "width", "channels"]}
    features = {"observation.images.front": picture, "observation.state": numbers, "action": numbers}
    dataset = LeRobotDataset.create("benchmark/frames", RATE, features, root=root, use_videos=dtype == "video")
    zeros = np.zeros(8, np.float32)
    for first in range(0, len(frames), EPISODE):
        for frame in frames[first : first + EPISODE]:
            item = {"observation.images.front": frame, "observation.state": zeros, "action": zeros}
            dataset.add_frame({**item, "task": "none"})
        dataset.save_episode()
    dataset.finalize()


def seconds_per_frame(root: Path, order: np.ndarray, rounds: int = 3) -> float:
    """CPU time, of all threads."""
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    dataset = LeRobotDataset("benchmark/frames", root=root)
    seconds = []
    for _ in range(rounds):
        began = time.process_time()
        for row in order:
            dataset[int(row)]["observation.images.front"]
        seconds.append(time.process_time() - began)
    return min(seconds) / len(order)


def decoder() -> str:
    """What lerobot reads videos with: torchcodec if it finds FFmpeg's libraries, or else PyAV, which brings its own."""
    try:
        from torchcodec.decoders import VideoDecoder  # noqa: F401
    except (ImportError, OSError, RuntimeError):
        return "pyav"
    return "torchcodec"


def main() -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    frames, order, scratch = np.load(sys.argv[1]), np.load(sys.argv[2]), Path(sys.argv[3])
    result: dict[str, object] = {"version": f"{version('lerobot')}, videos by {decoder()}"}
    for dtype in ("video", "image"):
        write_dataset(scratch / dtype, frames, dtype)
        result[dtype] = seconds_per_frame(scratch / dtype, order)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
