"""Pictures through a real lens, from backends that know only ideal ones.

A larger picture is drawn by a pinhole camera that sees all that the lens sees, and looked up where the lens bends each
pixel's ray.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array
from renderers.camera import CameraView
from renderers.frame import Frame, Renderer
from renderers.lens import NO_DISTORTION, Distortion
from renderers.look import Look
from renderers.scene import Poses, RenderScene

OVERSAMPLING = 2
"""Pixels of the ideal picture along each edge for one of the final picture."""

MARGIN = 2.5
"""Pixels of the ideal picture beyond the outermost rays."""

Lookup = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Columns and rows of another picture."""

Opener = Callable[[int, int], Renderer]


class LensRenderer:
    """A renderer whose views may have lens distortion; those that the backend can draw are passed through as they are.

    Args:
        open_backend: makes the backend for pictures of a size.
        width: pixels of every picture.
        height: pixels of every picture.
        square_pixels: whether the backend can only draw views whose focal lengths are equal.

    Attributes:
        name: that of the backend.
    """

    def __init__(self, open_backend: Opener, width: int, height: int, *, square_pixels: bool = False) -> None:
        self._open_backend = open_backend
        self._square_pixels = square_pixels
        self._plain = open_backend(width, height)
        self._large: Renderer | None = None
        self._scene: tuple[RenderScene, Look] | None = None
        self.name = self._plain.name

    def open(self, scene: RenderScene, look: Look) -> None:
        """Build what `scene` under `look` needs."""
        self._plain.open(scene, look)
        self._scene = (scene, look)
        if self._large is not None:
            self._large.open(scene, look)

    def draw(self, poses: Poses, view: CameraView, *, depth: bool = False, ids: bool = False) -> Frame:
        """One picture of the open scene."""
        if view.distortion == NO_DISTORTION and (view.has_square_pixels or not self._square_pixels):
            return self._plain.draw(poses, view, depth=depth, ids=ids)
        return through_lens(self._ideal(view).draw(poses, ideal_view(view), depth=depth, ids=ids), view)

    def close(self) -> None:
        """Free everything; may be called twice."""
        self._plain.close()
        if self._large is not None:
            self._large.close()

    def _ideal(self, view: CameraView) -> Renderer:
        if self._large is None:
            assert self._scene is not None, "open a scene before drawing"
            self._large = self._open_backend(OVERSAMPLING * view.width, OVERSAMPLING * view.height)
            self._large.open(*self._scene)
        return self._large


@dataclass(frozen=True)
class _Bend:
    """The ideal camera's K (3, 3), and where in its picture each final pixel lies, divided and undivided."""

    K: Array
    fine: Lookup
    coarse: Lookup


def ideal_view(view: CameraView) -> CameraView:
    """A pinhole view with square pixels that sees every ray of a view with distortion, in more pixels."""
    bend = _bend_of(view)
    width, height = OVERSAMPLING * view.width, OVERSAMPLING * view.height
    return replace(view, width=width, height=height, K=bend.K, distortion=NO_DISTORTION)


def through_lens(ideal: Frame, view: CameraView) -> Frame:
    """The picture that a view with distortion shows, from an ideal one that covers it.

    Colours are averaged over the ideal picture's pixels; ids and depth are those at the centres of the pixels.
    """
    bend = _bend_of(view)
    rgb = cv2.remap(ideal.rgb, *bend.fine, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return Frame(
        view=view,
        rgb=np.asarray(cv2.resize(rgb, (view.width, view.height), interpolation=cv2.INTER_AREA)),
        depth=None if ideal.depth is None else _nearest(ideal.depth, bend.coarse),
        ids=None if ideal.ids is None else _nearest(ideal.ids, bend.coarse),
    )


def _nearest(picture: NDArray, lookup: Lookup) -> NDArray:
    columns, rows = (np.rint(each).astype(int) for each in lookup)
    return np.ascontiguousarray(picture[rows, columns])


def _bend_of(view: CameraView) -> _Bend:
    """What a view's lens does; it depends on the lens alone and is dear, so that it is kept."""
    return _bend(view.width, view.height, tuple(view.K.ravel().tolist()), view.distortion)


@lru_cache(maxsize=8)
def _bend(width: int, height: int, K: tuple[float, ...], distortion: Distortion) -> _Bend:
    view = CameraView("", width, height, np.array(K).reshape(3, 3), np.eye(4), distortion)
    rays = view.rays(_pixel_centers(width, height, 1))
    lower, upper = rays[:, :2].min(0), rays[:, :2].max(0)
    # A margin on each side: the rays are those of pixel centres, and looking up a colour takes in its neighbours.
    size = np.array([width, height]) * OVERSAMPLING
    focal = ((size - 2 * MARGIN) / (upper - lower)).min()
    center = (size - focal * (lower + upper)) / 2
    ideal = np.array([[focal, 0.0, center[0]], [0.0, focal, center[1]], [0.0, 0.0, 1.0]])
    return _Bend(ideal, _lookup(ideal, view, OVERSAMPLING), _lookup(ideal, view, 1))


def _lookup(ideal: Array, view: CameraView, finer: int) -> Lookup:
    """Column and row (H * finer, W * finer), pixel centres at integers, of the ideal picture for each final pixel."""
    pixels = (view.rays(_pixel_centers(view.width, view.height, finer)) @ ideal.T)[:, :2] - 0.5
    shape = (view.height * finer, view.width * finer)
    return pixels[:, 0].reshape(shape).astype(np.float32), pixels[:, 1].reshape(shape).astype(np.float32)


def _pixel_centers(width: int, height: int, finer: int) -> Array:
    """Centres (N, 2) of the pixels of a picture divided `finer` times along each edge, row by row."""
    columns, rows = np.meshgrid(np.arange(width * finer), np.arange(height * finer))
    return (np.stack([columns, rows], -1).reshape(-1, 2) + 0.5) / finer
