"""Episodes as USD: one folder each, with the scene, its physics, and the recorded motion as a layer."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from assets_index.files import replacing_folder
from assets_index.index import AssetIndex
from assets_index.seeding import Stage, generator
from dataengine.export.usd_physics import add_physics
from dataengine.pipeline.config import RunConfig
from dataengine.pipeline.examine import examine_records
from dataengine.pipeline.render import cameras_of, drawn_look
from dataengine.pipeline.run import run_config
from dataengine.record import EpisodeRecord
from dataengine.record_scene import Detail, RecordReplay
from dataengine.replay import recorded_bodies
from renderers.shot import Shot
from renderers.usd.replay import write_replay
from renderers.usd.saving import save_layer
from renderers.usd.scene import new_scene


def export_usd(
    run: Path,
    out: Path,
    *,
    look: int = 0,
    attempts: Collection[int] | None = None,
    index_root: Path | None = None,
    workers: int = 0,
    on_block: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write `out`/<attempt>/scene.usda and replay.usdc for episodes of a run under one look.

    Arguments and errors are those of `examine_records`. A folder is there whole or not at all; one of an earlier export
    is replaced.

    Raises:
        FileNotWritten: if the disk takes no more, inside a BlockFailed.
    """
    function = partial(export_episode, out=out, config=run_config(run), look=look)
    return examine_records(run, function, attempts=attempts, index_root=index_root, workers=workers, on_block=on_block)


def export_episode(record: EpisodeRecord, index: AssetIndex, *, out: Path, config: RunConfig, look: int = 0) -> Path:
    """Write one episode under one look; its folder.

    The scene shows the state before the first command; time code t of the replay the state before command t.
    """
    replay = RecordReplay(record, index, Detail.of_pictures(config.render.height))
    cameras = tuple(cameras_of(config.render).values())
    rng = generator(config.seed, Stage.LOOK, record.meta.attempt, look)
    appearance = drawn_look(config, look, rng, replay.scene, cameras)
    shots = [
        Shot(replay.poses(step), tuple(replay.camera_view(spec, appearance, step) for spec in cameras))
        for step in range(record.steps + 1)
    ]
    folder = out / f"{record.meta.attempt:06d}"
    with replacing_folder(folder) as scratch:
        stage, paths = new_scene(scratch, replay.scene, appearance, shots[0])
        links = [body.name for body in replay.scene.bodies if body.kind == "robot"]
        add_physics(stage, paths, recorded_bodies(record, index), links)
        save_layer(stage.GetRootLayer())
        write_replay(scratch, paths, shots, record.meta.rate)
    return folder
