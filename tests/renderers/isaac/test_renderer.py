"""The way from a scene to frames through a process that stands in for Isaac Sim, and what can go wrong on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from renderers.backends import open_renderer
from renderers.camera import project
from renderers.errors import RendererUnavailable
from renderers.isaac.capture import CaptureIncomplete, CaptureMismatch
from renderers.isaac.process import INTERPRETER, LICENCE, IsaacFailed, IsaacProcess, isaac_interpreter
from renderers.isaac.renderer import IsaacRenderer
from renderers.shot import Shot, film
from tests.renderers.isaac.conftest import FRAMES, Calls, middle_of
from tests.renderers.shapes import clutter, plain_look

SCENE = clutter()[0]


@pytest.fixture
def renderer(fake_isaac: Calls) -> Iterator[IsaacRenderer]:  # noqa: ARG001
    made = IsaacRenderer(subframes=8)
    yield made
    made.close()


def test_frames_show_each_thing_where_it_was_at_that_moment(renderer: IsaacRenderer, shots: list[Shot]) -> None:
    films = list(renderer.film(SCENE, plain_look(), shots))
    assert len(films) == FRAMES
    for shot, frames in zip(shots, films, strict=True):
        assert list(frames) == ["front", "wrist cam"]
        for view in shot.views:
            frame = frames[view.name]
            assert frame.view is view
            assert frame.rgb.shape == (112, 112, 3)
            (x, y), depth = project(middle_of("thing0", shot), view)
            assert frame.ids is not None
            assert frame.ids[int(y), int(x)] == SCENE.instance_ids()["thing0"]
            assert (frame.depth is not None) == shot.depth
            if frame.depth is not None:
                assert frame.depth[int(y), int(x)] == pytest.approx(depth, abs=1e-3)


def test_isaac_sim_is_started_once_and_asked_in_the_right_order(
    renderer: IsaacRenderer, shots: list[Shot], fake_isaac: Calls
) -> None:
    for _ in range(2):
        list(renderer.film(SCENE, plain_look(), shots))
    calls = fake_isaac()
    names = [name for name, _, _ in calls]
    assert names.count("SimulationApp") == 1
    assert calls[0] == ("SimulationApp", [{"headless": True}], {})
    assert names.count("open_stage") == 2
    products = [arguments for name, arguments, _ in calls if name == "create.render_product"]
    assert products[:2] == [["/World/Cameras/front", [112, 112]], ["/World/Cameras/wrist_cam", [224, 224]]]
    steps = [keywords for name, _, keywords in calls if name == "orchestrator.step"]
    assert steps == [{"delta_time": 0.0, "rt_subframes": 8, "pause_timeline": False}] * (2 * FRAMES)
    times = [arguments[0] for name, arguments, _ in calls if name == "timeline.set_current_time"]
    np.testing.assert_allclose(times[:FRAMES], np.arange(FRAMES) / 10.0)
    assert "timeline.play" not in names
    first = names.index("orchestrator.step")
    assert names.index("open_stage") < names.index("writer.attach") < names.index("timeline.set_current_time") < first
    assert names.index("orchestrator.wait_until_complete") < names.index("writer.detach")


@pytest.mark.usefixtures("fake_isaac")
def test_a_backend_is_chosen_like_any_other_and_draws_one_picture_too(shots: list[Shot]) -> None:
    renderer = open_renderer("isaac", width=112, height=112)
    assert renderer.name == "isaac"
    renderer.open(SCENE, plain_look())
    alone = renderer.draw(shots[2].poses, shots[2].views[0], ids=True)
    filmed = next(film(renderer, SCENE, plain_look(), [shots[2]]))["front"]
    np.testing.assert_array_equal(alone.ids, filmed.ids)
    np.testing.assert_array_equal(alone.rgb, filmed.rgb)
    renderer.close()
    renderer.close()


def test_our_interpreters_paths_do_not_reach_isaac_sims(
    renderer: IsaacRenderer, shots: list[Shot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/ours")
    list(renderer.film(SCENE, plain_look(), shots[:1]))
    environment = (tmp_path / "environment").read_text()
    assert "/ours" not in environment
    assert f"{LICENCE}=accepted-by-the-test" in environment


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("crash", IsaacFailed, "ERROR_DEVICE_LOST"),
        ("raise", IsaacFailed, "RuntimeError: no RTX device was found"),
        ("short", CaptureIncomplete, "has not written rgb_0003.png"),
        ("late", CaptureMismatch, "another moment"),
    ],
)
def test_what_goes_wrong_in_isaac_sim_is_one_line(
    fault: str,
    error: type[Exception],
    words: str,
    renderer: IsaacRenderer,
    shots: list[Shot],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FAKE_ISAAC_FAULT", fault)
    with pytest.raises(error, match=words) as caught:
        list(renderer.film(SCENE, plain_look(), shots))
    assert "\n" not in str(caught.value)


def test_after_a_crash_the_next_film_starts_isaac_sim_again(
    renderer: IsaacRenderer, shots: list[Shot], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ISAAC_FAULT", "crash")
    with pytest.raises(IsaacFailed):
        list(renderer.film(SCENE, plain_look(), shots[:1]))
    monkeypatch.delenv("FAKE_ISAAC_FAULT")
    assert len(list(renderer.film(SCENE, plain_look(), shots[:1]))) == 1


@pytest.mark.usefixtures("fake_isaac")
def test_a_process_that_hangs_is_ended(shots: list[Shot], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ISAAC_FAULT", "hang")
    renderer = IsaacRenderer(subframes=8)
    renderer._process = IsaacProcess(isaac_interpreter(), start_s=3.0, picture_s=0.5)
    begin = time.monotonic()
    with pytest.raises(IsaacFailed, match="not drawn 2 pictures in"):
        list(renderer.film(SCENE, plain_look(), shots[:1]))
    assert time.monotonic() - begin < 45.0, "the stand-in hangs for 60 s"


@pytest.mark.usefixtures("fake_isaac")
@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        (INTERPRETER, None, f"set {INTERPRETER}"),
        (INTERPRETER, "/no/such/python", "no program"),
        (LICENCE, None, "licence"),
    ],
)
def test_what_the_user_must_do_first_is_said(
    variable: str, value: str | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable)
    if value is not None:
        monkeypatch.setenv(variable, value)
    with pytest.raises(RendererUnavailable, match=words):
        open_renderer("isaac", width=112, height=112)


def test_an_interpreter_that_cannot_start_isaac_sim_says_why(
    shots: list[Shot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nonsense = tmp_path / "nonsense"
    nonsense.write_bytes(b"\x7fELF")
    nonsense.chmod(0o755)
    monkeypatch.setenv(LICENCE, "accepted-by-the-test")
    for interpreter, words in (("/bin/false", "ended with status 1"), (str(nonsense), "cannot be run")):
        monkeypatch.setenv(INTERPRETER, interpreter)
        with pytest.raises(IsaacFailed, match=words):
            list(IsaacRenderer(subframes=8).film(SCENE, plain_look(), shots[:1]))
