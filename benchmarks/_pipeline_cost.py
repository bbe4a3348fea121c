"""What the way from a record, or from a layout, to a shard costs."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

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


def pipeline_cost(assets: Path | None, seed: int) -> dict[str, float]:
    """CPU time of one episode at 10 Hz with two cameras and all annotations, and its share beyond the draw calls."""
    config = RunConfig(seed=seed, episodes=1, block_attempts=1, engine=EngineConfig(physics=PhysicsSettings(rate=10.0)))
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder)
        generate(run, config, index_root=assets, workers=0)
        index = open_index(assets)
        write_instructions(run, index)
        blocks = (block_number(path) for path in block_paths(run / "records"))
        block = next(number for number in blocks if len(RecordBlock(block_path(run / "records", number))))
        began = time.process_time()
        render_shard(block, run=run, config=config, index_root=assets)
        whole = time.process_time() - began
        shard = ShardReader(block_path(run / "shards", block))
        record = RecordBlock(block_path(run / "records", block))[0]
        replay = RecordReplay(record, index, Detail.of_pictures(config.render.height))
        drawing = _drawing_seconds(shard, replay, config.render)
        return {
            "episode_seconds": whole,
            "episode_frames": float(shard.counts["frames"]),
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
