"""What the way from a record to a shard costs beside its bare draw calls."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from dataengine.engine import EngineConfig
from dataengine.physics.settings import PhysicsSettings
from dataengine.pipeline.config import RenderConfig, RunConfig
from dataengine.pipeline.generate import generate, open_index
from dataengine.pipeline.instruct import write_instructions
from dataengine.pipeline.render import cameras_of, render_shard, shared_renderer
from dataengine.record_scene import RecordReplay
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
        drawing = _drawing_seconds(shard, RecordReplay(record, index), config.render)
        return {
            "episode_seconds": whole,
            "episode_frames": float(shard.counts["frames"]),
            "pipeline_over_draw": whole / drawing,
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
