"""Renderers and one cluttered scene, opened once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from renderers.frame import Frame, Renderer
from renderers.scene import Poses, RenderScene
from tests.renderers.opened import BACKENDS, INSTALLED, QUICK, opened
from tests.renderers.shapes import clutter, front, plain_look


@pytest.fixture(params=BACKENDS)
def renderer(request: pytest.FixtureRequest) -> Iterator[Renderer]:
    """Each backend in turn, for pictures of 224 x 224."""
    made = opened(request.param)
    yield made
    made.close()


@pytest.fixture(params=QUICK)
def quick_renderer(request: pytest.FixtureRequest) -> Iterator[Renderer]:
    """The same without Mitsuba, for tests that draw many pictures."""
    made = opened(request.param)
    yield made
    made.close()


@pytest.fixture(scope="session")
def cluttered() -> tuple[RenderScene, Poses]:
    return clutter()


@pytest.fixture(scope="session")
def frames(cluttered: tuple[RenderScene, Poses]) -> dict[str, Frame]:
    """The cluttered scene as each backend draws it, with depth and ids."""
    scene, poses = cluttered
    drawn = {}
    for name in INSTALLED:
        renderer = opened(name)
        renderer.open(scene, plain_look())
        drawn[name] = renderer.draw(poses, front(), depth=True, ids=True)
        renderer.close()
    return drawn
