"""From records to shards: pictures under random looks, with questions and actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from assets_index.asset import Split
from assets_index.errors import EngineError
from assets_index.index import AssetIndex
from assets_index.seeding import Stage, generator
from dataengine.actions import action_spec
from dataengine.pipeline.annotated import annotated_moment
from dataengine.pipeline.attribution import credit_run
from dataengine.pipeline.config import RenderConfig, RunConfig
from dataengine.pipeline.generate import open_index
from dataengine.pipeline.instruct import Instructions, read_instructions
from dataengine.pipeline.run import note, require_content, run_config, versions
from dataengine.questions.context import QuestionContext
from dataengine.questions.moment import moment_at
from dataengine.questions.writing import write_questions
from dataengine.record import EpisodeRecord
from dataengine.record_scene import ROBOT_ID, TABLE_ID, Detail, RecordReplay
from dataengine.replay import scene_at
from dataengine.runner.errors import WorkerDied
from dataengine.runner.folder import run_folder
from dataengine.runner.pool import run_blocks
from dataengine.samples import FrameKey
from dataengine.storage.block import block_number, block_path, block_paths
from dataengine.storage.clip import Clip, ClipMeta, ClipSubTask, Moment, Motion, ShardMeta
from dataengine.storage.records import RecordBlock
from dataengine.storage.shard_reader import ShardReader
from dataengine.storage.shard_writer import write_shard
from renderers.annotations import annotate
from renderers.backends import Backend, Quality, open_renderer
from renderers.camera import CameraSpec
from renderers.camera_presets import camera_spec
from renderers.frame import Renderer
from renderers.look import Look
from renderers.sampling import sample_look
from renderers.scene import RenderScene
from renderers.shot import Frames, Shot, film
from scene_graph.placed import PlacedScene
from scene_graph.task import TaskSpec

SHARDS_PER_LOOK = 1_000_000
"""Shard `look * SHARDS_PER_LOOK + block` shows the records of a block under one look: more looks only add shards."""


class ShardsLost(EngineError):
    """Some shards could not be drawn because the renderer ended its process; the others are there."""


@dataclass(frozen=True)
class ShardSummary:
    """What a shard holds, and which backend drew it."""

    grounding_samples: int
    frames: int
    renderer: str


def pending_shards(run: Path, looks: int | None = None) -> list[int]:
    """Numbers of the shards that a run lacks."""
    looks = looks or run_config(run).render.looks
    done = {block_number(path) for path in block_paths(run / "shards")}
    blocks = [block_number(path) for path in block_paths(run / "records") if len(RecordBlock(path))]
    wanted = (look * SHARDS_PER_LOOK + block for look in range(looks) for block in blocks)
    return [number for number in wanted if number not in done]


def render_run(
    run: Path,
    *,
    looks: int | None = None,
    index_root: Path | None = None,
    workers: int = 0,
    timeout_s: float = 3600.0,
    on_shard: Callable[[ShardSummary], None] | None = None,
) -> None:
    """Write the shards that a run lacks; `instructions.json` must be there.

    Raises:
        OtherContent: if the run is one of layouts.
        RunBusy: if another process writes into the run.
        RendererUnavailable: if the configured backend cannot start.
        BlockNotWritten: if the disk takes no more.
        ShardsLost: if a driver took its process down twice with a shard; all others have been written.
    """
    lost: list[WorkerDied] = []
    require_content(run, "episodes")
    with run_folder(run):
        function = partial(render_shard, run=run, config=run_config(run), index_root=index_root)
        # Renderers leak a few megabytes a scene; a worker is replaced before that matters.
        pending = pending_shards(run, looks)
        backends: set[str] = set()
        reports = run_blocks(
            function,
            pending,
            workers=workers,
            timeout_s=timeout_s,
            recycle_after=8,
            on_lost=lambda _number, error: lost.append(error),
        )
        with closing(reports):
            for report in reports:
                if report.value is None:
                    continue
                backends.add(report.value.renderer)
                if on_shard is not None:
                    on_shard(report.value)
        credit_run(run, open_index(index_root))
        if backends:
            note(run, renderer=" and ".join(sorted(backends)))
    if lost:
        raise ShardsLost(f"{len(lost)} shards were not drawn, `dataengine render {run}` tries again; {lost[0]}")


def render_shard(number: int, *, run: Path, config: RunConfig, index_root: Path | None = None) -> ShardSummary:
    """Draw the records of one block under one look and write the shard."""
    look, block = divmod(number, SHARDS_PER_LOOK)
    records = RecordBlock(block_path(run / "records", block))
    settings = config.render
    studio = _Studio(config, open_index(index_root), read_instructions(run))
    meta = ShardMeta(
        cameras=tuple(studio.cameras.values()),
        action=action_spec(config.engine.robot, config.engine.physics.rate),
        renderer=studio.renderer.name,
        versions=versions(config),
        jpeg_quality=settings.jpeg_quality,
    )
    path = block_path(run / "shards", number)
    write_shard(path, meta, (studio.clip(record, look) for record in records))
    counts = ShardReader(path).counts
    return ShardSummary(counts["grounding_samples"], counts["frames"], studio.renderer.name)


@cache
def shared_renderer(backend: Backend, width: int, height: int, quality: Quality) -> Renderer:
    """The renderer of this process; starting one takes a second."""
    return open_renderer(backend, width=width, height=height, quality=quality)


def cameras_of(config: RenderConfig) -> dict[str, CameraSpec]:
    """The cameras of every picture, by name."""
    specs = (camera_spec(camera, config.width, config.height) for camera in config.cameras)
    return {spec.name: spec for spec in specs}


def drawn_look(
    config: RunConfig, index: int, rng: np.random.Generator, scene: RenderScene, cameras: Sequence[CameraSpec]
) -> Look:
    """A look as a run's configuration lets it vary."""
    return sample_look(config.render.look, index, config.seed, rng, scene=scene, cameras=cameras)


def split_of(task: TaskSpec, index: AssetIndex) -> Split:
    """The split of what is made from a task: "heldout" if any of the things that are moved is."""
    splits = {index.asset(task.scene.node(name).asset_id).split for name in task.targets}
    return "heldout" if "heldout" in splits else "train"


@dataclass(frozen=True)
class _Take:
    """One episode under one look, and its free bodies before the first command."""

    replay: RecordReplay
    start: PlacedScene
    look: Look

    @property
    def record(self) -> EpisodeRecord:
        return self.replay.record


class _Studio:
    """Everything that drawing one block needs."""

    def __init__(self, config: RunConfig, index: AssetIndex, instructions: Instructions) -> None:
        settings = config.render
        self.cameras = cameras_of(settings)
        self.renderer = shared_renderer(settings.backend, settings.width, settings.height, settings.quality)
        self._config = config
        self._index = index
        self._instructions = instructions

    def clip(self, record: EpisodeRecord, look_index: int) -> Clip:
        """One episode under one look; its moments are drawn as they are asked for."""
        replay = RecordReplay(record, self._index, Detail.of_pictures(self._config.render.height))
        rng = generator(self._config.seed, Stage.LOOK, record.meta.attempt, look_index)
        look = drawn_look(self._config, look_index, rng, replay.scene, tuple(self.cameras.values()))
        take = _Take(replay, scene_at(record, self._index), look)
        task, wordings = record.meta.task, self._instructions[record.meta.attempt]
        meta = ClipMeta(
            episode=record.meta.attempt,
            look=look,
            split=split_of(task, self._index),
            task=task.name,
            instructions=wordings.task,
            subtasks=tuple(
                ClipSubTask(
                    first=done.first,
                    end=done.end,
                    instructions=instructions,
                    failed_tries=tuple((failed.first, failed.end) for failed in done.failed_tries),
                )
                for done, instructions in zip(record.meta.subtasks, wordings.subtasks, strict=True)
            ),
            bodies=replay.scene.instance_ids(),
            disturbances=tuple(each.kind for each in record.meta.disturbances),
            disturbed=tuple((each.step, each.end) for each in record.meta.disturbances),
        )
        return Clip(meta, Motion.of(record), self._moments(take, rng))

    def _moments(self, take: _Take, rng: np.random.Generator) -> Iterator[Moment]:
        settings, record = self._config.render, take.record
        last = record.steps - max(0, record.meta.settle_steps - settings.settle_steps)
        annotated = _one_of_each_stretch(last, settings.annotated_steps, rng)
        shots = (self._shot(take, step, asked=step in annotated) for step in range(last))
        for step, frames in enumerate(film(self.renderer, take.replay.scene, take.look, shots)):
            yield self._annotated(take, step, frames) if step in annotated else Moment(step, frames)

    def _shot(self, take: _Take, step: int, asked: bool) -> Shot:
        views = tuple(take.replay.camera_view(spec, take.look, step) for spec in self.cameras.values())
        return Shot(take.replay.poses(step), views, depth=asked, ids=asked)

    def _annotated(self, take: _Take, step: int, frames: Frames) -> Moment:
        record, look = take.record, take.look
        episode, poses = record.meta.attempt, take.replay.poses(step)
        moment = moment_at(record, step, take.start)
        number = record.subtask_at(step)
        instructions = self._instructions[episode].subtasks[number]
        contexts, questions = {}, []
        for camera, (name, frame) in enumerate(frames.items()):
            rng = generator(self._config.seed, Stage.QUESTION, episode, look.index, step, camera)
            contexts[name] = QuestionContext(
                key=FrameKey(episode=episode, step=step, look=look.index, camera=name),
                frame=frame,
                annotation=annotate(frame, take.replay.scene, poses),
                table_id=TABLE_ID,
                robot_id=ROBOT_ID,
                moment=moment,
                subtask=record.meta.task.subtasks[number],
                workspace=record.meta.task.scene.workspace,
                instruction=instructions[rng.integers(len(instructions))],
            )
            questions += write_questions(contexts[name], rng, self._config.questions)
        return annotated_moment(step, contexts, questions, self._config)


def _one_of_each_stretch(steps: int, count: int, rng: np.random.Generator) -> frozenset[int]:
    """`count` of `steps` control steps, one drawn from each of as many equal stretches."""
    if count == 0:
        return frozenset()
    bounds = np.linspace(0, steps, count + 1)
    return frozenset(int(step) for step in np.floor(rng.uniform(bounds[:-1], bounds[1:])))
