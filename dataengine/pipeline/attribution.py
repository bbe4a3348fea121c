"""The attribution file of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assets_index.attribution import Credit, attribution_text
from assets_index.domes import DOME_SOURCE
from assets_index.index import AssetIndex
from assets_index.robots import robot
from assets_index.textures import TEXTURE_SOURCE
from dataengine.pipeline.run import write_text_whole
from dataengine.storage.block import block_paths
from dataengine.storage.records import run_records
from dataengine.storage.shard_reader import ShardReader

ATTRIBUTION = "ATTRIBUTION.md"


def write_attribution(run: Path, index: AssetIndex) -> Path:
    """Write `ATTRIBUTION.md`: every asset, robot, texture and dome in the records and shards of a run."""
    path = run / ATTRIBUTION
    write_text_whole(path, attribution_text([*_of_records(run, index), *_of_shards(run)]))
    return path


def _of_records(run: Path, index: AssetIndex) -> Iterator[Credit]:
    for record in run_records(run):
        scene = record.meta.task.scene
        for asset_id in (scene.table_id, *(node.asset_id for node in scene.nodes)):
            asset = index.asset(asset_id)
            yield Credit(asset.role, asset.id, asset.name, asset.source)
        arm = robot(record.meta.robot)
        yield Credit("robot", arm.name, arm.name.replace("_", " "), arm.source)


def _of_shards(run: Path) -> Iterator[Credit]:
    for path in block_paths(run / "shards"):
        shard = ShardReader(path)
        for clip in range(shard.counts["clips"]):
            look = shard.clip(clip).look
            for name in (look.table.texture_id, look.floor.texture_id):
                yield Credit("texture", name, name.replace("-", " "), TEXTURE_SOURCE)
            yield Credit("dome", look.dome.dome_id, look.dome.dome_id.replace("-", " "), DOME_SOURCE)
