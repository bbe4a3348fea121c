"""Draws USD scenes in Isaac Sim. Runs in Isaac Sim's Python and needs nothing else of this project.

Reads jobs from standard input, one JSON object a line (`renderers.isaac.job.CaptureJob`), until it is closed. When the
last file of a job is written, `captured.json` appears in its folder. Any error ends the process, its traceback on
standard error.

Written for Isaac Sim 6.2. Physics stands still: the timeline is never played, only set to the time of each picture.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any


def main() -> None:
    """Start Isaac Sim and do what standard input asks for."""
    from isaacsim import SimulationApp

    app = SimulationApp({"headless": True})
    sys.excepthook = leave_at_once
    for line in sys.stdin:
        capture(app, json.loads(line))
    app.close()


def leave_at_once(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print a traceback and end: an orderly shutdown of Isaac Sim would hide that there was an error."""
    traceback.print_exception(kind, error, trace)
    sys.stderr.flush()
    os._exit(1)


def capture(app: Any, job: dict[str, Any]) -> None:
    """Draw every frame of a job with every camera of it."""
    import isaacsim.core.experimental.utils.stage as stage_utils
    import omni.replicator.core as rep
    import omni.timeline

    opened, _ = stage_utils.open_stage(job["stage"])
    if not opened:
        raise RuntimeError(f"Isaac Sim cannot open {job['stage']}")
    while stage_utils.is_stage_loading():
        app.update()
    rep.orchestrator.set_capture_on_play(False)
    timeline = omni.timeline.get_timeline_interface()
    timeline.set_looping(False)
    timeline.set_end_time(job["frames"] / job["rate"])  # one frame beyond the last: at its end a timeline may wrap
    attached = [_attach(rep, camera) for camera in job["cameras"]]
    for frame in range(job["frames"]):
        timeline.set_current_time(frame / job["rate"])
        timeline.commit()
        rep.orchestrator.step(delta_time=0.0, rt_subframes=job["subframes"], pause_timeline=False)
    rep.orchestrator.wait_until_complete()
    for writer, product in attached:
        writer.detach()
        product.destroy()
    _finish(Path(job["output"]), job["frames"])


def _attach(rep: Any, camera: dict[str, Any]) -> tuple[Any, Any]:
    """A writer of its own for a camera, and what it writes."""
    product = rep.create.render_product(camera["prim"], (camera["width"], camera["height"]))
    backend = rep.backends.get("DiskBackend")
    backend.initialize(output_dir=camera["output"])
    writer = rep.writers.get("BasicWriter")
    writer.initialize(
        backend=backend,
        rgb=True,
        distance_to_image_plane=True,
        instance_segmentation=True,
        colorize_instance_segmentation=True,
        bounding_box_2d_tight=True,
        camera_params=True,
    )
    writer.attach(product)
    return writer, product


def _finish(folder: Path, frames: int) -> None:
    """Say that a job is done, by a file that is there whole or not at all."""
    scratch = folder / "captured.json.part"
    scratch.write_text(json.dumps({"frames": frames}), encoding="utf-8")
    scratch.rename(folder / "captured.json")


if __name__ == "__main__":
    main()
