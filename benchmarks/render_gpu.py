"""How many pictures a GPU draws. `python benchmarks/render_gpu.py --json`, from the repository alone.

Frames a second of Filament and of MuJoCo's classic renderer, RGB read back to memory, at 224 x 224 and 640 x 480, on
the standard scene of `benchmarks/render.py` under one sampled look. One picture at a time leaves a GPU idle, so as many
processes as `--processes` names draw at once, each with a scene of its own; the best number of them is given with what
it reached. The target is 1,500 frames a second of Filament at 224 x 224.

Where a backend's device is no GPU, its figures are null and `why` says what it is: it was not run. `--software` runs it
all the same, to try the script itself.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

# MuJoCo's own renderer on a GPU that drives no display; it is read when mujoco is imported.
os.environ.setdefault("MUJOCO_GL", "egl")

import numpy as np
from _command_line import library_index, new_parser, show
from render import build_setting, standard_look

from renderers.backends import Backend, open_renderer
from renderers.camera import camera_view
from renderers.camera_presets import front_camera
from renderers.classic import ClassicRenderer
from renderers.errors import RendererUnavailable
from renderers.vulkan import NoVulkan, vulkan_devices

SIZES = {"224": (224, 224), "640x480": (640, 480)}
SOFTWARE = ("llvmpipe", "softpipe", "swrast")
TARGET = 1500.0
WARM_UP = 10
START_S = 300.0
"""Longest wait until every process has its scene open, seconds."""


@dataclass(frozen=True)
class Device:
    """What a backend draws on; `name` says why not where there is none."""

    name: str
    is_gpu: bool


def filament_device() -> Device:
    """The Vulkan device that Filament takes."""
    try:
        devices = vulkan_devices()
    except NoVulkan as error:
        return Device(str(error), is_gpu=False)
    order = ("discrete", "integrated")
    gpus = sorted((device for device in devices if device.is_gpu), key=lambda device: order.index(device.kind))
    best = (gpus or devices or [None])[0]
    return Device("no Vulkan device", is_gpu=False) if best is None else Device(best.name, best.is_gpu)


def classic_device() -> Device:
    """The OpenGL device that MuJoCo's renderer gets by EGL or OSMesa."""
    try:
        renderer = ClassicRenderer(16, 16)
    except RendererUnavailable as error:
        return Device(str(error), is_gpu=False)
    name = renderer.device
    renderer.close()
    return Device(name, is_gpu=not any(word in name for word in SOFTWARE))


def draw(
    backend: Backend, size: str, seed: int, assets: Path | None, seconds: float, together: Barrier, result: Connection
) -> None:
    """Open the scene, wait for the others, draw for so long, and send the frames drawn and the seconds they took."""
    width, height = SIZES[size]
    setting = build_setting(library_index(assets), seed)
    look = standard_look(setting, seed)
    view = camera_view(front_camera(width, height), look, np.eye(4))
    renderer = open_renderer(backend, width=width, height=height)
    renderer.open(setting.scene, look)
    for frame in range(WARM_UP):
        renderer.draw(setting.poses(frame), view)
    together.wait(START_S)
    began, frames = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        renderer.draw(setting.poses(frames), view)
        frames += 1
    result.send((frames, time.perf_counter() - began))
    renderer.close()


def frames_per_second(
    backend: Backend, size: str, processes: int, seed: int, assets: Path | None, seconds: float
) -> float:
    """Of all processes together."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(processes)
    started = []
    for _ in range(processes):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=draw, args=(backend, size, seed, assets, seconds, together, theirs))
        process.start()
        theirs.close()
        started.append((process, ours))
    # A process that ends without a word closes its end: EOFError names the failure here, its traceback is above.
    reports = [ours.recv() for _, ours in started]
    for process, _ in started:
        process.join()
    return float(sum(frames / spent for frames, spent in reports))


def measure(
    backend: Backend, device: Device, processes: list[int], seed: int, assets: Path | None, seconds: float
) -> dict[str, object]:
    """Frames a second of one backend at each size with the best number of processes."""
    figures: dict[str, object] = {"device": device.name}
    for size in SIZES:
        reached = {count: frames_per_second(backend, size, count, seed, assets, seconds) for count in processes}
        best = max(reached, key=lambda count: reached[count])
        figures |= {f"fps_{size}": reached[best], f"processes_{size}": best}
    return figures


def not_run(device: Device) -> dict[str, object]:
    """The figures of a backend without a GPU."""
    return {"why": f"not run: {device.name} is no GPU", **{f"fps_{size}": None for size in SIZES}}


def main() -> None:
    """Parse the arguments, measure what there is a GPU for, print."""
    parser = new_parser(__doc__, seeded=True)
    parser.add_argument("--seconds", type=float, default=5.0, help="of drawing, for each figure")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 4, 8], help="that draw at once")
    parser.add_argument("--software", action="store_true", help="run without a GPU, to try this script")
    arguments = parser.parse_args()
    result: dict[str, object] = {"target_filament_fps_224": TARGET}
    devices: Mapping[Backend, Device] = {"filament": filament_device(), "classic": classic_device()}
    for backend, device in devices.items():
        if device.is_gpu or arguments.software:
            common = (arguments.seed, arguments.assets, arguments.seconds)
            library_index(arguments.assets)
            result[backend] = measure(backend, device, arguments.processes, *common)
        else:
            result[backend] = not_run(device)
    show(result, arguments.json)


if __name__ == "__main__":
    main()
