"""Isaac Sim as a renderer like the others."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from renderers.camera import CameraView
from renderers.distortion import ideal_view, through_lens
from renderers.frame import Frame
from renderers.isaac.capture import read_capture
from renderers.isaac.job import CaptureCamera, CaptureJob
from renderers.isaac.process import IsaacProcess, isaac_interpreter
from renderers.lens import NO_DISTORTION
from renderers.look import Look
from renderers.scene import Poses, RenderScene
from renderers.shot import Frames, Shot
from renderers.usd.library import require_usd

SUBFRAMES = {"fast": 16, "quality": 64}
"""Renderings accumulated for a picture: the path tracer's noise, and what remains of the picture before, fade."""

RATE = 10.0
"""Time codes a second; any rate will do, as nothing moves between them."""


class IsaacRenderer:
    """Path-traced pictures by RTX, in the user's own Isaac Sim.

    A film, all moments of a scene at once, is one job of the process. `draw` is a film of one picture: slow, right.
    Pictures may have any size and lens.

    Args:
        subframes: renderings accumulated for a picture.

    Attributes:
        name: "isaac".

    Raises:
        RendererUnavailable: if USD is not installed, ISAAC_PYTHON is not set, or NVIDIA's licence not accepted.
    """

    name = "isaac"

    def __init__(self, subframes: int) -> None:
        require_usd()
        self._subframes = subframes
        self._process = IsaacProcess(isaac_interpreter())
        self._scene: tuple[RenderScene, Look] | None = None

    def open(self, scene: RenderScene, look: Look) -> None:
        """Keep what is to be drawn."""
        self._scene = (scene, look)

    def draw(self, poses: Poses, view: CameraView, *, depth: bool = False, ids: bool = False) -> Frame:
        """One picture of the open scene."""
        assert self._scene is not None, "open a scene before drawing"
        (frames,) = self.film(*self._scene, [Shot(poses, (view,), depth, ids)])
        return frames[view.name]

    def film(self, scene: RenderScene, look: Look, shots: Iterable[Shot]) -> Iterator[Frames]:
        """The pictures of each moment, in order; all moments have the same cameras.

        Raises:
            IsaacFailed: if Isaac Sim crashes or takes too long.
            CaptureIncomplete, CaptureMismatch: if it does not write what it was asked for.
        """
        asked = list(shots)
        plain = [replace(shot, views=tuple(_drawable(view) for view in shot.views)) for shot in asked]
        with tempfile.TemporaryDirectory(prefix="isaac-") as folder:
            job, things = write_job(Path(folder), scene, look, plain, self._subframes)
            self._process.capture(job)
            for number, (shot, drawn) in enumerate(zip(asked, plain, strict=True)):
                yield {
                    view.name: _developed(read_capture(camera.output, number, ideal, things).frame, view, shot)
                    for camera, ideal, view in zip(job.cameras, drawn.views, shot.views, strict=True)
                }

    def close(self) -> None:
        """End Isaac Sim; may be called twice."""
        self._process.close()


def write_job(
    folder: Path, scene: RenderScene, look: Look, shots: Sequence[Shot], subframes: int
) -> tuple[CaptureJob, dict[str, int]]:
    """Write a scene and its moments as USD into a folder; the job that draws them, and instance ids by prim path."""
    from renderers.usd.replay import write_replay
    from renderers.usd.saving import save_layer
    from renderers.usd.scene import new_scene

    stage, paths = new_scene(folder, scene, look, shots[0])
    save_layer(stage.GetRootLayer())
    cameras = tuple(
        CaptureCamera(
            prim=paths.cameras[view.name], output=folder / f"camera_{number}", width=view.width, height=view.height
        )
        for number, view in enumerate(shots[0].views)
    )
    job = CaptureJob(
        stage=write_replay(folder, paths, shots, RATE),
        output=folder,
        frames=len(shots),
        rate=RATE,
        subframes=subframes,
        cameras=cameras,
    )
    return job, {path: number for number, path in paths.things.items()}


def _is_ideal(view: CameraView) -> bool:
    """Whether a USD camera can be this view in any program: some take all pixels to be square."""
    return view.distortion == NO_DISTORTION and view.has_square_pixels


def _drawable(view: CameraView) -> CameraView:
    return view if _is_ideal(view) else ideal_view(view)


def _developed(frame: Frame, view: CameraView, shot: Shot) -> Frame:
    """The picture through the view's lens, with what was asked for."""
    seen = frame if _is_ideal(view) else through_lens(frame, view)
    return replace(seen, depth=seen.depth if shot.depth else None, ids=seen.ids if shot.ids else None)
