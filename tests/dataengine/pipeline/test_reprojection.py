"""Two hundred frames of each camera: things are in the picture where, and when, their 3D poses project."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assets_index.index import AssetIndex
from assets_index.transforms import Array
from dataengine.record_scene import ROBOT_ID, RecordReplay
from dataengine.storage.records import run_records
from renderers.annotations import frame_ids
from renderers.backends import open_renderer
from renderers.camera import CameraSpec
from renderers.camera_presets import CameraPreset, camera_spec
from renderers.silhouette import body_triangles, silhouette
from tests.renderers.shapes import plain_look

pytestmark = [pytest.mark.xdist_group("small run"), pytest.mark.slow]

FRAMES, SIZE = 200, 112
LAGS = (-1, 0, 1)

Masks = dict[int, NDArray[np.bool_]]


@pytest.mark.parametrize("mount", ["front", "wrist", "head"])
def test_what_is_drawn_is_where_and_when_it_projects(small_run: Path, library: AssetIndex, mount: str) -> None:
    spec = camera_spec(CameraPreset(mount=mount), SIZE, SIZE)  # type: ignore[arg-type]
    renderer = open_renderer("filament", width=SIZE, height=SIZE)
    frames, errors, lags = 0, [], []
    for record in run_records(small_run):
        replay = RecordReplay(record, library)
        renderer.open(replay.scene, plain_look())
        for step in islice(range(1, record.steps), FRAMES - frames):
            view = replay.camera_view(spec, plain_look(), step)
            ids = frame_ids(renderer.draw(replay.poses(step), view, ids=True))
            frames += 1
            before, now, after = (outlines(replay, step + lag, spec) for lag in LAGS)
            for number, whole in now.items():
                seen = ids == number
                if whole.sum() > 60 and seen.sum() >= 0.99 * whole.sum() and not on_border(whole):
                    errors.append(np.linalg.norm(centroid(seen) - centroid(whole)))
                lags += lag_of(seen, [before[number], whole, after[number]])
    renderer.close()
    assert frames == FRAMES
    assert len(errors) > 50
    assert max(errors) <= 0.5
    assert len(lags) > 50
    assert set(lags) == {0}


def outlines(replay: RecordReplay, step: int, spec: CameraSpec) -> Masks:
    """What the robot and every thing would cover if nothing stood before it, at a step, by instance id."""
    view, poses = replay.camera_view(spec, plain_look(), step), replay.poses(step)
    found: Masks = {}
    for body in replay.scene.bodies:
        if body.instance_id >= ROBOT_ID:
            outline = silhouette(body_triangles(body, poses[body.name], view), SIZE, SIZE)
            found[body.instance_id] = found.get(body.instance_id, False) | outline
    return found


def lag_of(seen: NDArray[np.bool_], outlines: list[NDArray[np.bool_]]) -> list[int]:
    """Which of the outlines before, now and after fits best, if little is hidden and they differ enough to tell."""
    before, now, after = outlines
    if seen.sum() < 0.95 * now.sum() or min((before ^ now).sum(), (after ^ now).sum()) < 30:
        return []
    return [LAGS[int(np.argmin([(seen ^ outline).sum() for outline in outlines]))]]


def centroid(mask: NDArray[np.bool_]) -> Array:
    return np.argwhere(mask).mean(0)


def on_border(mask: NDArray[np.bool_]) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())
