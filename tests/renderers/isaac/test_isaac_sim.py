"""The real thing. Needs ISAAC_PYTHON, an RTX GPU and NVIDIA's licence accepted by whoever runs it; skipped without."""

from __future__ import annotations

import os

import numpy as np
import pytest

from renderers.annotations import mask, mask_box
from renderers.backends import open_renderer
from renderers.frame import Frame
from renderers.isaac.process import INTERPRETER
from renderers.isaac.renderer import SUBFRAMES, IsaacRenderer
from renderers.shot import Shot
from tests.renderers.shapes import clutter, plain_look

pytestmark = [
    pytest.mark.isaac,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not os.environ.get(INTERPRETER), reason=f"{INTERPRETER} is not set"),
]

SCENE = clutter()[0]


@pytest.fixture(scope="module")
def films(shots: list[Shot]) -> list[tuple[dict[str, Frame], dict[str, Frame]]]:
    """The pictures of each moment by Isaac Sim, and by MuJoCo's classic renderer."""
    everything = [Shot(shot.poses, shot.views, depth=True, ids=True) for shot in shots]
    isaac, classic = IsaacRenderer(SUBFRAMES["fast"]), open_renderer("classic", width=112, height=112)
    classic.open(SCENE, plain_look())
    drawn = []
    for shot, frames in zip(everything, isaac.film(SCENE, plain_look(), everything), strict=True):
        expected = {view.name: classic.draw(shot.poses, view, depth=True, ids=True) for view in shot.views}
        drawn.append((frames, expected))
    isaac.close()
    classic.close()
    return drawn


def test_ids_and_boxes_agree_with_the_classic_renderer(films: list[tuple[dict[str, Frame], dict[str, Frame]]]) -> None:
    for isaac, classic in films:
        for name, expected in classic.items():
            for number in SCENE.instance_ids().values():
                truth, seen = mask(expected, number), mask(isaac[name], number)
                if truth.sum() > 400:
                    assert (truth & seen).sum() / (truth | seen).sum() >= 0.98
                    np.testing.assert_allclose(mask_box(seen), mask_box(truth), atol=1.0)


def test_depth_agrees_with_the_classic_renderer(films: list[tuple[dict[str, Frame], dict[str, Frame]]]) -> None:
    for isaac, classic in films:
        for name, expected in classic.items():
            assert expected.depth is not None
            both = np.isfinite(expected.depth) & np.isfinite(isaac[name].depth)
            assert np.median(np.abs(expected.depth - isaac[name].depth)[both]) < 0.002


def test_pictures_are_neither_black_nor_white(films: list[tuple[dict[str, Frame], dict[str, Frame]]]) -> None:
    for isaac, _ in films:
        for frame in isaac.values():
            assert 40 < frame.rgb.mean() < 215
            assert frame.rgb.std() > 15
