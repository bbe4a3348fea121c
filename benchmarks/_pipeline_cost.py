"""What the way from a record, or from a layout, to a shard costs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from dataengine.engine import EngineConfig
from dataengine.physics.settings import PhysicsSettings
from dataengine.pipeline.config import GroundConfig, RenderConfig, RunConfig
from dataengine.pipeline.generate import generate, open_index
from dataengine.pipeline.ground import ground
from dataengine.pipeline.instruct import write_instructions
from dataengine.pipeline.render import cameras_of, render_shard, shared_renderer
from dataengine.pipeline.verify import verify_run
from dataengine.record_scene import Detail, RecordReplay
from dataengine.storage.block import block_number, block_path, block_paths
from dataengine.storage.records import RecordBlock
from dataengine.storage.shard_reader import ShardReader

EPISODE_SECONDS = 7.0
"""Of motion; what the pictures of an episode cost is given for one of this length."""


def pipeline_cost(assets: Path | None, seed: int, episodes: int = 6) -> dict[str, float | None]:
    """CPU time of the pictures of an episode of 7 s at 10 Hz, of two cameras and with all annotations.

    On average over episodes with looks of the default ranges, for the one that costs most, and, as lamps are what
    makes a difference, for those with and without; and the whole of it over the draw calls alone.
    """
    settings = EngineConfig(physics=PhysicsSettings(rate=10.0))
    config = RunConfig(seed=seed, episodes=episodes, block_attempts=1, engine=settings)
    costs: dict[bool, list[float]] = {False: [], True: []}
    whole = drawing = frames = 0.0
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        generate(run, config, index_root=assets, workers=0)
        index = open_index(assets)
        write_instructions(run, index)
        for path in block_paths(run / "records"):
            records = RecordBlock(path)
            if not len(records):
                continue
            began = time.process_time()
            render_shard(block_number(path), run=run, config=config, index_root=assets)
            spent = time.process_time() - began
            shard = ShardReader(block_path(run / "shards", block_number(path)))
            replay = RecordReplay(records[0], index, Detail.of_pictures(config.render.height))
            motion = len(shard.clip_rows(0)) / settings.physics.rate
            costs[bool(shard.clip(0).look.lamps)].append(spent * EPISODE_SECONDS / motion)
            whole, frames = whole + spent, frames + float(shard.counts["frames"])
            drawing += _drawing_seconds(shard, replay, config.render)
    every = [*costs[False], *costs[True]]
    return {
        "episode_seconds": float(np.mean(every)),
        "episode_seconds_max": max(every),
        "episode_seconds_without_lamps": float(np.mean(costs[False])) if costs[False] else None,
        "episode_seconds_with_lamps": float(np.mean(costs[True])) if costs[True] else None,
        "episodes": len(every),
        "episode_ms_a_frame": 1e3 * whole / frames,
        "pipeline_over_draw": whole / drawing,
    }


def grounding_rate(assets: Path | None, seed: int, layouts: int = 16) -> dict[str, float]:
    """Questions a core-hour where nothing is done: one picture of 640 x 480 of each layout, every kind of question.

    All of it is timed, from the task to the shard; then the boxes read off the id pictures are compared with
    projections of the layouts made again.
    """
    config = RunConfig(seed=seed, block_attempts=layouts, ground=GroundConfig(layouts=1))
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        made = ground(Path(folder), config, index_root=assets, workers=0)
        seconds = time.process_time() - began
        checked = verify_run(Path(folder), open_index(assets))
        assert checked.passed, checked.summary()
        assert checked.objects is not None
        return {
            "questions_per_core_hour": 3600.0 * made.questions / seconds,
            "questions_per_layout": made.questions / made.layouts,
            "layout_seconds": seconds / made.layouts,
            "grounding_box_error_p99_pixels": checked.objects.p99,
        }


def _drawing_seconds(shard: ShardReader, replay: RecordReplay, settings: RenderConfig) -> float:
    """CPU time of drawing the same pictures again, with depth and ids where the shard has them, and nothing else."""
    renderer = shared_renderer(settings.backend, settings.width, settings.height, settings.quality)
    renderer.open(replay.scene, shard.clip(0).look)
    spent = 0.0
    for row in shard.clip_rows(0):
        for camera in cameras_of(settings):
            view, asked = shard.view(camera, row), shard.ids(camera, row) is not None
            poses = replay.poses(shard.key(camera, row).step)
            began = time.process_time()
            renderer.draw(poses, view, depth=asked, ids=asked)
            spent += time.process_time() - began
    renderer.close()
    return spent
