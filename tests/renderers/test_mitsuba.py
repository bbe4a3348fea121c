"""What is Mitsuba's own: views it cannot draw directly, its variants, its light, the extra that it comes with."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from renderers import mitsuba_variant
from renderers.backends import open_renderer
from renderers.camera import CameraView
from renderers.errors import RendererUnavailable
from renderers.filament import FilamentRenderer
from renderers.frame import Frame
from renderers.look import RoomLook, SurfaceLook
from renderers.mitsuba_variant import llvm_library, llvm_version, load_mitsuba
from renderers.scene import Poses, RenderScene
from tests.renderers.opened import needs_mitsuba, opened
from tests.renderers.raycast import cast
from tests.renderers.shapes import at, clutter, front, plain_look

DIGEST = "from tests.renderers.test_mitsuba import digest; print(digest())"


@needs_mitsuba
@pytest.mark.parametrize(
    ("fx", "fy", "error"), [(300.0, 300.0, 0.0005), (310.0, 290.0, 0.002)], ids=["square", "oblong"]
)
def test_pixels_far_from_the_principal_point_show_what_their_rays_hit(
    cluttered: tuple[RenderScene, Poses], fx: float, fy: float, error: float
) -> None:
    """Oblong ones are looked up in a finer picture, at most a quarter of a pixel away from where their rays are."""
    scene, poses = cluttered
    K = np.array([[fx, 0.0, 131.5], [0.0, fy, 84.25], [0.0, 0.0, 1.0]])
    view = CameraView("front", 240, 160, K, front().T_world_camera)
    renderer = opened("mitsuba", 240, 160)
    renderer.open(scene, plain_look())
    frame = renderer.draw(poses, view, depth=True, ids=True)
    ids, depth = cast(scene.bodies, poses, view)
    assert (frame.ids == ids).mean() > 0.995
    same = (ids > 0) & (frame.ids == ids)
    assert np.median(np.abs(frame.depth[same] - depth[same])) < error


@needs_mitsuba
def test_pictures_are_as_bright_as_those_of_filament(cluttered: tuple[RenderScene, Poses]) -> None:
    scene, poses = cluttered
    filament, mitsuba = FilamentRenderer(96, 96), open_renderer("mitsuba", width=96, height=96)
    frames: list[Frame] = []
    for renderer in (filament, mitsuba):
        renderer.open(scene, plain_look())
        frames.append(renderer.draw(poses, front(96, 96), ids=True))
        renderer.close()
    ours, theirs = frames
    for number in np.unique(ours.ids):
        here = (ours.ids == number) & (theirs.ids == number)
        difference = theirs.rgb[here].mean(0) - ours.rgb[here].mean(0)
        # Light that bounces off the table reaches the sides of things in one and not in the other.
        assert np.abs(difference).max() < 30, number
    table = (ours.ids == 1) & (theirs.ids == 1)
    np.testing.assert_allclose(ours.rgb[table].mean(0), theirs.rgb[table].mean(0), atol=8)


@needs_mitsuba
def test_a_room_of_coloured_walls_neither_darkens_nor_tints_the_table(cluttered: tuple[RenderScene, Poses]) -> None:
    scene, poses = cluttered
    room = RoomLook(lower=(-1.5, -1.5), upper=(2.0, 1.5), height=2.5, wall=SurfaceLook(texture_id="tile-terracotta"))
    white = SurfaceLook(texture_id="laminate-white")
    renderer = opened("mitsuba", 96, 96)
    shown = []
    for walls in (None, room):
        renderer.open(scene, plain_look(table=white, room=walls))
        frame = renderer.draw(poses, front(96, 96), ids=True)
        shown.append(np.median(frame.rgb[frame.ids == 1], axis=0))
    np.testing.assert_allclose(shown[1], shown[0], atol=15)


def digest() -> str:
    """A digest of two pictures, between which something moves."""
    scene, poses = clutter()
    renderer = opened("mitsuba", 48, 48)
    renderer.open(scene, plain_look())
    found = hashlib.sha256(renderer.name.encode())
    for x in (0.4, 0.5):
        frame = renderer.draw({**poses, "thing0": at(x, 0.1, 0.06)}, front(48, 48), depth=True, ids=True)
        found.update(frame.rgb.tobytes() + frame.depth.tobytes() + frame.ids.tobytes())
    return found.hexdigest()


@needs_mitsuba
def test_pictures_are_the_same_bytes_in_another_process_with_more_threads() -> None:
    here = digest()
    assert digest() == here
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    told = subprocess.run([sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == [here]


@needs_mitsuba
def test_the_variant_is_named_and_the_slow_one_announced(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mitsuba_variant, "llvm_library", lambda: None)
    load_mitsuba.cache_clear()
    for _ in range(2):
        assert open_renderer("mitsuba", width=32, height=32).name == "mitsuba scalar_rgb"
    load_mitsuba.cache_clear()
    assert [record.getMessage() for record in caplog.records if "libllvm" in record.getMessage()] == [
        "No LLVM 19 or newer: Mitsuba draws with its scalar variant, some four times slower; on Debian: "
        "apt-get install libllvm19"
    ]


def test_only_an_llvm_that_serves_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {
        "libLLVM-15.so.1": 15,
        "libLLVM-14.0.6.so.1": 14,
        "libLLVM.so.19.1": 19,
        "libLLVM-21.so": 21,
        "libLTO.so": 0,
    }
    for name, version in names.items():
        assert llvm_version(f"/usr/lib/x/{name}") == version
    monkeypatch.delenv("DRJIT_LIBLLVM_PATH", raising=False)
    for found, taken in (
        (["/a/libLLVM-15.so"], None),
        (["/a/libLLVM-15.so", "/a/libLLVM.so.19.1"], "/a/libLLVM.so.19.1"),
    ):
        monkeypatch.setattr(mitsuba_variant, "glob", lambda _pattern, found=found: found)
        assert llvm_library() == taken
    monkeypatch.setenv("DRJIT_LIBLLVM_PATH", "/mine.so")
    assert llvm_library() == "/mine.so"


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    load_mitsuba.cache_clear()
    with pytest.raises(RendererUnavailable, match=r"^Mitsuba is not installed: pip install .*\[photoreal\]'$"):
        open_renderer("mitsuba", width=32, height=32)
    load_mitsuba.cache_clear()
