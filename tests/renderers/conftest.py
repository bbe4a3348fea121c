"""Renderers and one cluttered scene, opened once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from renderers.backends import open_renderer
from renderers.frame import Frame, Renderer
from renderers.scene import Poses, RenderScene
from tests.renderers.shapes import clutter, front, plain_look


@pytest.fixture(params=["filament", "classic"])
def renderer(request: pytest.FixtureRequest) -> Iterator[Renderer]:
    """Each backend in turn, for pictures of 224 x 224."""
    made = open_renderer(request.param, width=224, height=224)
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
    for name in ("filament", "classic"):
        renderer = open_renderer(name, width=224, height=224)  # type: ignore[arg-type]
        renderer.open(scene, plain_look())
        drawn[name] = renderer.draw(poses, front(), depth=True, ids=True)
        renderer.close()
    return drawn
