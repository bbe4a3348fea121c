"""What Filament and Vulkan ask of whoever uses them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import trimesh

from assets_index.asset import Material, VisualPart
from renderers.backends import open_renderer
from renderers.filament import FilamentRenderer
from renderers.look import DomeLook, LightLook, SurfaceLook
from renderers.scene import RenderBody, RenderScene
from tests.renderers.shapes import at, body, card, clutter, front, plain_look, table

DIGEST_OF_PICTURES = """
import hashlib
from renderers.backends import open_renderer
from tests.renderers.test_filament import digest_of_pictures
print(digest_of_pictures())
"""

FALLBACK = """
import json, logging, sys
messages = []
class Keep(logging.Handler):
    def emit(self, record):
        messages.append(record.getMessage())
logging.getLogger().addHandler(Keep())
from renderers.backends import open_renderer
from renderers.errors import RendererUnavailable
first, second = (open_renderer("auto", width=32, height=32) for _ in range(2))
try:
    open_renderer("filament", width=32, height=32)
    error = None
except RendererUnavailable as raised:
    error = str(raised)
print(json.dumps({"name": first.name, "messages": messages, "error": error}))
"""


def digest_of_pictures() -> str:
    """A digest of three pictures with depth and ids, from a fresh renderer."""
    scene, poses = clutter()
    renderer = open_renderer("filament", width=64, height=64)
    renderer.open(scene, plain_look())
    digest = hashlib.sha256()
    for x in (0.4, 0.45, 0.5):
        frame = renderer.draw({**poses, "thing0": at(x, 0.1, 0.06)}, front(64, 64), depth=True, ids=True)
        digest.update(frame.rgb.tobytes() + frame.depth.tobytes() + frame.ids.tobytes())
    renderer.close()
    return digest.hexdigest()


def run_python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_pictures_are_the_same_bytes_here_and_in_another_process() -> None:
    """Also with more threads, and nothing but our own line on standard output."""
    here = digest_of_pictures()
    assert digest_of_pictures() == here
    assert run_python(DIGEST_OF_PICTURES, LP_NUM_THREADS="2").splitlines() == [here]


def test_without_a_vulkan_driver_the_fallback_is_announced_once() -> None:
    nothing = {"VK_DRIVER_FILES": "/nonexistent", "VK_ICD_FILENAMES": "/nonexistent"}
    told = json.loads(run_python(FALLBACK, **nothing))
    assert told["name"] == "classic"
    assert len(told["messages"]) == 1
    for text in (told["messages"][0], told["error"]):
        assert "mesa-vulkan-drivers libvulkan1" in text
        assert "\n" not in text


def test_memory_stays_level_over_many_scenes() -> None:
    # In a process of its own: what other tests allocate in threads of theirs would count here.
    command = [sys.executable, "-m", "tests.renderers.memory_over_scenes"]
    growth = float(subprocess.run(command, capture_output=True, text=True, check=True, timeout=250).stdout)
    # Unless the copies that uploads were made from are freed, every scene leaves more than 3 MB behind.
    assert growth < 25


def test_shadows_fall_away_from_the_light() -> None:
    ball = trimesh.creation.icosphere(3, radius=0.05)
    scene = RenderScene((table(), body("ball", 3, ball)))
    poses = {"table": np.eye(4), "ball": at(0.5, 0.0, 0.05)}
    renderer = FilamentRenderer(224, 224)
    level = {}
    for side in (-1.0, 1.0):
        light = LightLook(direction=(0.0, 0.7 * side, -0.714), intensity=3.0)
        renderer.open(scene, plain_look(light=light, table=SurfaceLook(texture_id="laminate-white")))
        frame = renderer.draw(poses, front(), ids=True)
        rows, columns = np.nonzero(frame.ids == 3)
        band = slice(int(rows.mean()), int(rows.max()))
        brightness = np.where(frame.ids == 1, frame.rgb.mean(-1), np.nan)
        left = np.nanmean(brightness[band, columns.min() - 20 : columns.min() - 2])
        right = np.nanmean(brightness[band, columns.max() + 2 : columns.max() + 20])
        level[side] = left - right
    renderer.close()
    assert level[-1.0] > 10
    assert level[1.0] < -10


def test_a_white_table_is_nearly_white_under_every_kind_of_light() -> None:
    """The unit of light is right: dome and light together show white as white, whichever of the two is stronger."""
    white = card(np.full((8, 8, 3), 255, np.uint8), 2.0)
    rough = Material(name="white", roughness=1.0)
    part = VisualPart(white.vertices, white.faces, white.normals, white.uv, rough)
    scene = RenderScene((RenderBody("card", "object", 3, (part,)),))
    renderer = FilamentRenderer(64, 64)
    for strength in (0.0, 1.0, 10.0):
        light = LightLook(direction=(0.0, 0.0, -1.0), intensity=strength)
        renderer.open(scene, plain_look(light=light, exposure=0.5))
        frame = renderer.draw({"card": at(0.5, 0, 0)}, front(64, 64), ids=True)
        # Linear 0.55 less the tone mapper's 0.04 is sRGB 189.
        assert np.median(frame.rgb[frame.ids == 3].mean(-1)) == pytest.approx(189, abs=8)
    renderer.close()


def test_the_quality_preset_darkens_corners() -> None:
    box, wall = trimesh.creation.box((0.1, 0.1, 0.1)), trimesh.creation.box((0.1, 0.1, 0.1))
    scene = RenderScene((table(), body("box", 3, box), body("wall", 4, wall)))
    poses = {"table": np.eye(4), "box": at(0.5, -0.053, 0.05), "wall": at(0.5, 0.053, 0.05)}
    look = plain_look(light=LightLook(direction=(0.0, 0.0, -1.0), intensity=0.0), dome=DomeLook(dome_id="sky-overcast"))
    brightness = {}
    for quality in ("fast", "quality"):
        renderer = FilamentRenderer(224, 224, quality)  # type: ignore[arg-type]
        renderer.open(scene, look)
        frame = renderer.draw(poses, front(), ids=True)
        near = np.zeros_like(frame.ids, bool)
        rows, columns = np.nonzero(frame.ids == 3)
        near[rows.max() - 4 : rows.max() + 4, columns.min() : columns.max()] = True
        brightness[quality] = frame.rgb[near & (frame.ids == 1)].mean()
        renderer.close()
    assert brightness["quality"] < brightness["fast"] - 3
