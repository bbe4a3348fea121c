"""The attribution file of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from assets_index.asset import Source
from assets_index.attribution import write_attribution
from assets_index.index import AssetIndex
from assets_index.robot_setup import RobotSetup
from assets_index.robots import arms
from assets_index.surface_library import SurfaceLibrary
from dataengine.storage.block import block_paths
from dataengine.storage.failures import run_failures
from dataengine.storage.records import run_records
from dataengine.storage.shard_reader import ShardReader
from scene_graph.task import SceneGraph

ATTRIBUTION = "ATTRIBUTION.md"


def credit_run(run: Path, index: AssetIndex, layouts: Iterable[tuple[SceneGraph, str | RobotSetup]] = ()) -> None:
    """Write `ATTRIBUTION.md`: every asset, robot, texture and dome in the records, failures and shards of a run.

    `layouts` are scenes and robots in its shards of which there is no record.
    """
    scenes = [*layouts]
    scenes += [(record.meta.task.scene, record.meta.robot) for record in run_records(run)]
    scenes += [(failure.meta.task.scene, failure.meta.robot) for failure in run_failures(run)]
    assets = {asset for scene, _ in scenes for asset in (scene.table_id, *(node.asset_id for node in scene.nodes))}
    described = {arm.robot.name: arm.robot.source for setup in {setup for _, setup in scenes} for arm in arms(setup)}
    robots = sorted(described.items())
    write_attribution(
        run / ATTRIBUTION, map(index.asset, sorted(assets)), [*robots, *_surroundings(run, index.surfaces)]
    )


def _surroundings(run: Path, surfaces: SurfaceLibrary) -> Iterator[tuple[str, Source]]:
    """Each texture and dome that a shard shows."""
    textures: set[str] = set()
    domes: set[str] = set()
    for path in block_paths(run / "shards"):
        shard = ShardReader(path)
        for clip in range(shard.counts["clips"]):
            look = shard.clip(clip).look
            textures.update(surface.texture_id for surface in look.surfaces)
            domes.add(look.dome.dome_id)
    yield from ((name, surfaces.texture_source(name)) for name in textures)
    yield from ((name, surfaces.dome_source(name)) for name in domes)
