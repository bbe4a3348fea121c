"""What a camera's sensor and electronics do to a picture: blur, white balance, noise, compression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from renderers.camera import CameraView
from renderers.frame import Frame, Renderer
from renderers.look import Look, SensorLook
from renderers.scene import Poses, RenderScene
from renderers.shot import Frames, Shot, film

PERFECT = SensorLook()


class SensorRenderer:
    """A renderer whose colours have gone through the look's sensor; depth and ids have not.

    The noise of a picture depends on the look and on how many pictures were drawn since `open`.

    Attributes:
        name: that of the backend.
    """

    def __init__(self, renderer: Renderer) -> None:
        self.name = renderer.name
        self._renderer = renderer
        self._sensor = PERFECT
        self._drawn = 0

    def open(self, scene: RenderScene, look: Look) -> None:
        """Build what `scene` under `look` needs."""
        self._renderer.open(scene, look)
        self._sensor, self._drawn = look.sensor, 0

    def draw(self, poses: Poses, view: CameraView, *, depth: bool = False, ids: bool = False) -> Frame:
        """One picture of the open scene."""
        return self._sense(self._renderer.draw(poses, view, depth=depth, ids=ids))

    def film(self, scene: RenderScene, look: Look, shots: Iterable[Shot]) -> Iterator[Frames]:
        """The pictures of each moment, in order, by the backend's own way to draw many."""
        self._sensor, self._drawn = look.sensor, 0
        for frames in film(self._renderer, scene, look, shots):
            yield {name: self._sense(frame) for name, frame in frames.items()}

    def close(self) -> None:
        """Free everything; may be called twice."""
        self._renderer.close()

    def _sense(self, frame: Frame) -> Frame:
        """The next picture since `open`."""
        self._drawn += 1
        if self._sensor == PERFECT:
            return frame
        rng = np.random.default_rng([self._sensor.seed, self._drawn])
        return replace(frame, rgb=sensed(frame.rgb, self._sensor, rng))


def sensed(rgb: NDArray[np.uint8], sensor: SensorLook, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A picture (H, W, 3) as a sensor delivers it."""
    values = rgb.astype(np.float32)
    if sensor.blur > 0.0:
        values = cv2.GaussianBlur(values, (0, 0), sensor.blur, borderType=cv2.BORDER_REPLICATE)
    values *= np.array(sensor.white_balance, np.float32)
    if sensor.noise > 0.0:
        values += sensor.noise * rng.standard_normal(values.shape, np.float32)
    seen = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return seen if sensor.jpeg_quality is None else _compressed(seen, sensor.jpeg_quality)


def _compressed(rgb: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    _, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)
    assert decoded is not None, "OpenCV reads what it has just written"
    return np.asarray(decoded, np.uint8)
