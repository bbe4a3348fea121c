"""One picture and what a renderer must be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from renderers.camera import CameraView
from renderers.look import Look
from renderers.scene import Poses, RenderScene


@dataclass(frozen=True)
class Frame:
    """A picture.

    Attributes:
        rgb: (H, W, 3) uint8 sRGB.
        depth: (H, W) float32, metres along the optical axis; inf where nothing is hit; None if not asked for.
        ids: (H, W) uint16 instance ids, 0 background; None if not asked for.
    """

    view: CameraView
    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32] | None = None
    ids: NDArray[np.uint16] | None = None


class Renderer(Protocol):
    """A backend. Holds one open scene at a time; `open` replaces it."""

    name: str

    def open(self, scene: RenderScene, look: Look) -> None:
        """Build what `scene` under `look` needs."""
        ...

    def draw(self, poses: Poses, view: CameraView, *, depth: bool = False, ids: bool = False) -> Frame:
        """One picture of the open scene."""
        ...

    def close(self) -> None:
        """Free everything; may be called twice."""
        ...
