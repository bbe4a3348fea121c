"""What stands in for Isaac Sim in tests: it records every call, and draws discs where the labelled things are.

`FAKE_ISAAC_LOG` names the file of calls, `FAKE_ISAAC_FAULT` what goes wrong: "crash", "raise", "hang", "short" (the
last picture is missing) or "late" (pictures show the frame before).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pxr import Gf, Usd, UsdGeom, UsdSemantics

from tests.renderers.isaac.synthetic import params_of, write_capture

FAULT = os.environ.get("FAKE_ISAAC_FAULT", "")


def log(name: str, *arguments: Any, **keywords: Any) -> None:
    with Path(os.environ["FAKE_ISAAC_LOG"]).open("a") as file:
        file.write(json.dumps([name, arguments, keywords], default=lambda thing: type(thing).__name__) + "\n")


class Kit:
    stage: Usd.Stage | None = None
    seconds = 0.0
    writers: list[Any] = []


class Recorded:
    """Something whose methods do nothing but be recorded."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, method: str) -> Any:
        return lambda *arguments, **keywords: log(f"{self._name}.{method}", *arguments, **keywords)


class Writer(Recorded):
    def initialize(self, **keywords: Any) -> None:
        log("writer.initialize", **keywords)
        self.folder, self.written = Path(keywords["backend"].folder), 0

    def attach(self, product: Any) -> None:
        log("writer.attach", product.prim)
        self.product = product
        Kit.writers.append(self)

    def detach(self) -> None:
        log("writer.detach")
        Kit.writers.remove(self)

    def draw(self) -> None:
        draw(self.folder, self.written, self.product.prim, self.product.size)
        self.written += 1


def go_wrong() -> None:
    if FAULT == "crash":
        print("[Error] [carb.graphics] VkResult: ERROR_DEVICE_LOST", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if FAULT == "raise":
        raise RuntimeError("no RTX device was found")
    if FAULT == "hang":
        time.sleep(60)


def draw(folder: Path, number: int, camera: str, size: tuple[int, int]) -> None:
    """A picture of the stage at the timeline's time: a disc at the middle of each labelled thing."""
    assert Kit.stage is not None
    frame = round(Kit.seconds * Kit.stage.GetTimeCodesPerSecond())
    if FAULT == "short" and frame == Kit.stage.GetEndTimeCode():
        return
    when = Usd.TimeCode(frame - (FAULT == "late"))
    width, height = size
    frustum = UsdGeom.Camera(Kit.stage.GetPrimAtPath(camera)).GetCamera(when).frustum
    view, projection = frustum.ComputeViewMatrix(), frustum.ComputeProjectionMatrix()
    boxes = UsdGeom.BBoxCache(when, [UsdGeom.Tokens.default_])
    things = [prim for prim in Kit.stage.Traverse() if prim.HasAPI(UsdSemantics.LabelsAPI)]
    ids, depth = np.zeros((height, width), np.uint8), np.full((height, width), np.inf, np.float32)
    for each, prim in enumerate(things, start=1):
        middle = Gf.Vec3d(boxes.ComputeWorldBound(prim).ComputeCentroid())
        x, y, _ = projection.Transform(view.Transform(middle))
        disc = np.zeros((height, width), np.uint8)
        cv2.circle(disc, (int((1 + x) / 2 * width), int((1 - y) / 2 * height)), 3, 1, -1)
        ids[disc > 0], depth[disc > 0] = each, -view.Transform(middle)[2]
    paths = {each: str(prim.GetPath()) for each, prim in enumerate(things, start=1)}
    write_capture(
        folder, number, ids=ids, depth=depth, paths=paths, params=params_of(np.array(projection), np.array(view))
    )
