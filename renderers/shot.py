"""Many pictures of one scene: its moments, and the cameras that see each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from renderers.camera import CameraView
from renderers.frame import Frame, Renderer
from renderers.look import Look
from renderers.scene import Poses, RenderScene

Frames = dict[str, Frame]
"""The pictures of one moment, by camera name."""


@dataclass(frozen=True)
class Shot:
    """One moment.

    Attributes:
        views: the cameras, each with its own name.
        depth, ids: what is wanted beside colours.
    """

    poses: Poses
    views: tuple[CameraView, ...]
    depth: bool = False
    ids: bool = False


@runtime_checkable
class Filming(Protocol):
    """A renderer that draws many moments faster if it knows them all beforehand."""

    def film(self, scene: RenderScene, look: Look, shots: Iterable[Shot]) -> Iterator[Frames]:
        """The pictures of each moment, in order; all moments have the same cameras."""
        ...


def film(renderer: Renderer, scene: RenderScene, look: Look, shots: Iterable[Shot]) -> Iterator[Frames]:
    """The pictures of each moment of a scene under a look, in order, by any renderer."""
    if isinstance(renderer, Filming):
        yield from renderer.film(scene, look, shots)
        return
    renderer.open(scene, look)
    for shot in shots:
        yield {view.name: renderer.draw(shot.poses, view, depth=shot.depth, ids=shot.ids) for view in shot.views}
