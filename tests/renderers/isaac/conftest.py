"""A film of a scene, and an interpreter that stands in for Isaac Sim's."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assets_index.transforms import rotation_z
from renderers.camera import CameraView, Intrinsics, look_at
from renderers.isaac.process import INTERPRETER, LICENCE
from renderers.shot import Shot
from tests.renderers.shapes import at, clutter, front

ROOT = Path(__file__).parents[3]
FRAMES = 4
DISTORTION = (-0.2, 0.05, 0.0, 0.0, 0.0)

Calls = Callable[[], list[tuple[str, list[Any], dict[str, Any]]]]


@pytest.fixture(scope="session")
def shots() -> list[Shot]:
    """A thing that moves, seen by a camera at rest and by a moving one with a real lens."""
    _, poses = clutter()
    K = Intrinsics.of_fov(112, 112, 0.9).matrix
    made = []
    for frame in range(FRAMES):
        moved = at(0.42, 0.1 - 0.02 * frame, 0.06)
        moved[:3, :3] = rotation_z(0.3 * frame)
        pose = look_at((0.2, 0.03 * frame, 0.6), (0.5, 0.0, 0.0)).matrix
        views = (front(112, 112), CameraView("wrist cam", 112, 112, K, pose, DISTORTION))
        made.append(Shot({**poses, "thing0": moved}, views, depth=frame % 2 == 0, ids=True))
    return made


@pytest.fixture
def fake_isaac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Make ISAAC_PYTHON an interpreter in which Isaac Sim's modules record what is done with them; its record."""
    log = tmp_path / "calls.jsonl"
    interpreter = tmp_path / "python.sh"
    interpreter.write_text(
        "#!/bin/sh\n"
        f'env > "{tmp_path}/environment"\n'
        f'export PYTHONPATH="{ROOT}/tests/renderers/isaac/fake:{ROOT}" FAKE_ISAAC_LOG="{log}"\n'
        f'"{sys.executable}" "$@"\n'
    )
    interpreter.chmod(0o755)
    monkeypatch.setenv(INTERPRETER, str(interpreter))
    monkeypatch.setenv(LICENCE, "accepted-by-the-test")
    return lambda: [tuple(json.loads(line)) for line in log.read_text().splitlines()]


def middle_of(thing: str, shot: Shot) -> np.ndarray:
    """Where a thing of the clutter has its middle, in the world."""
    return np.asarray(shot.poses[thing][:3, 3])
