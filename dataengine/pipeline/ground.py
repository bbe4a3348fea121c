"""From configuration to questions about layouts in which nothing is done: one picture each, no episodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from assets_index.index import AssetIndex
from assets_index.robot_setup import RobotSetup
from assets_index.robots import arms
from assets_index.seeding import Stage, generator
from dataengine.actions import action_spec
from dataengine.engine.still import Still, moment_before_grasp, still
from dataengine.language.templates import template_instructions
from dataengine.pipeline.annotated import annotated_moment
from dataengine.pipeline.attribution import credit_run
from dataengine.pipeline.config import RunConfig
from dataengine.pipeline.generate import TooFewAccepted, attempts_of, begun, make_task, open_index
from dataengine.pipeline.render import drawn_look, shared_renderer, split_of
from dataengine.pipeline.run import note, versions
from dataengine.questions.context import Moment as WorldMoment
from dataengine.questions.context import QuestionContext
from dataengine.questions.writing import write_questions
from dataengine.record_scene import ROBOT_ID, TABLE, TABLE_ID, Detail, camera_mount, render_scene, table_pose
from dataengine.rejection import Cause, Rejection
from dataengine.runner.errors import WorkerDied
from dataengine.runner.folder import keep_first_blocks
from dataengine.runner.prefix import run_until
from dataengine.samples import FrameKey
from dataengine.storage.block import block_path, block_paths
from dataengine.storage.clip import Clip, ClipMeta, Moment, ShardMeta
from dataengine.storage.shard_reader import ShardReader
from dataengine.storage.shard_writer import write_shard
from renderers.annotations import annotate
from renderers.camera import CameraSpec, camera_view
from renderers.camera_presets import camera_spec
from renderers.look import Look
from renderers.scene import Poses, RenderScene
from scene_graph.task import SceneGraph


@dataclass(frozen=True)
class GroundSummary:
    """What became of one block of layouts.

    Attributes:
        layouts: drawn; the others of the block could not be laid out.
        questions: asked about their pictures.
        failures: how many of the others failed, by cause; those of an earlier call are not known any more.
    """

    layouts: int
    questions: int
    failures: Counter[Cause] = field(default_factory=Counter)


def ground(
    run: Path,
    config: RunConfig,
    *,
    index_root: Path | None = None,
    workers: int = 0,
    timeout_s: float = 600.0,
    on_block: Callable[[GroundSummary], None] | None = None,
) -> GroundSummary:
    """Make a run's shards until `config.ground.layouts` are drawn; finished blocks of an earlier call are kept.

    Args:
        run: folder of the run.
        config: what the shards depend on.
        index_root: folder of the asset index; None for the default one.
        workers: processes; 0 works in this one.
        timeout_s: longest time that a block may take.
        on_block: called with each block that is there, the old ones first.

    Returns:
        The totals of the run.

    Raises:
        ConfigChanged: if the folder holds a run of another configuration.
        OtherContent: if it holds one of episodes.
        RunBusy: if another process writes into it.
        RendererUnavailable: if the configured backend cannot start.
        BlockNotWritten: if the disk takes no more.
        TooFewAccepted: if `config.max_attempts_per_episode` did not suffice.
        ImpossibleTask: if none of the first tasks can be made.
    """
    tell = on_block or (lambda _summary: None)
    wanted, index = config.ground.layouts, open_index(index_root)
    with begun(run, config, "layouts", index, partial(_summary, config=config), tell) as known:
        summaries = run_until(
            partial(ground_block, run=run, config=config, index_root=index_root),
            wanted,
            count=lambda summary: summary.layouts,
            limit=-(-wanted * config.max_attempts_per_episode // config.block_attempts),
            workers=workers,
            known=known,
            on_done=lambda report: tell(report.value),
            on_lost=partial(_lost, config=config),
            timeout_s=timeout_s,
        )
        keep_first_blocks(run / "shards", len(summaries))
        credit_run(run, index, _scenes(run, config, index))
        failures = sum((s.failures for s in summaries), Counter[Cause]())
        total = GroundSummary(sum(s.layouts for s in summaries), sum(s.questions for s in summaries), failures)
        note(run, attempts=len(summaries) * config.block_attempts, layouts=total.layouts)
    if total.layouts < wanted:
        why = ", ".join(f"{cause} {count}" for cause, count in failures.most_common()) or "none"
        raise TooFewAccepted(f"{total.layouts} layouts found, {wanted} wanted; failures of this call: {why}")
    return total


def ground_block(block: int, *, run: Path, config: RunConfig, index_root: Path | None = None) -> GroundSummary:
    """Lay out the scenes of one block, draw each once under every look, ask, and write the shard."""
    index, camera = open_index(index_root), ground_camera(config)
    settings = config.render
    renderer = shared_renderer(settings.backend, camera.width, camera.height, settings.quality)
    meta = ShardMeta(
        cameras=(camera,),
        action=action_spec(config.engine.robot, config.engine.physics.rate),
        renderer=renderer.name,
        versions=versions(config),
        jpeg_quality=settings.jpeg_quality,
    )
    failures: Counter[Cause] = Counter()
    path = block_path(run / "shards", block)
    write_shard(path, meta, _clips(block, config, index, failures))
    return replace(_summary(path, config), failures=failures)


def ground_camera(config: RunConfig) -> CameraSpec:
    """The camera of every picture."""
    return camera_spec(config.ground.camera, config.ground.width, config.ground.height)


def laid_out(number: int, config: RunConfig, index: AssetIndex) -> Still | Rejection:
    """The layout of an attempt, or why there is none."""
    return still(
        number,
        run_seed=config.seed,
        assets=index,
        config=config.engine,
        make_task=partial(make_task, index, frozenset(), config),
    )


def drawn_scene(layout: Still, config: RunConfig, index: AssetIndex) -> tuple[RenderScene, Poses]:
    """What there is to draw of a layout, and where it all is."""
    table = table_pose(index.asset(layout.task.scene.table_id))
    detail = Detail.of_pictures(config.ground.height)
    return render_scene(layout.task, index, arms(config.engine.robot), detail), {TABLE: table, **layout.poses}


def _clips(block: int, config: RunConfig, index: AssetIndex, failures: Counter[Cause]) -> Iterator[Clip]:
    """A clip of each layout of a block under each look; what cannot be laid out is counted."""
    for number in attempts_of(block, config):
        layout = laid_out(number, config, index)
        if isinstance(layout, Rejection):
            failures[layout.cause] += 1
            continue
        setting = _Setting.of(layout, config, index)
        for look in range(config.render.looks):
            yield _clip(setting, look, config, index)


@dataclass(frozen=True)
class _Setting:
    """All that the looks of a layout share."""

    layout: Still
    moment: WorldMoment
    scene: RenderScene
    poses: Poses

    @classmethod
    def of(cls, layout: Still, config: RunConfig, index: AssetIndex) -> _Setting:
        moment = moment_before_grasp(layout, run_seed=config.seed, assets=index, config=config.engine)
        return cls(layout, moment, *drawn_scene(layout, config, index))


def _clip(setting: _Setting, look_index: int, config: RunConfig, index: AssetIndex) -> Clip:
    layout, scene = setting.layout, setting.scene
    camera, task = ground_camera(config), layout.task
    rng = generator(config.seed, Stage.LOOK, layout.number, look_index)
    look = drawn_look(config, look_index, rng, scene, (camera,))
    words = generator(config.seed, Stage.LANGUAGE, layout.number)
    first = template_instructions(task.subtasks[0], setting.moment.scene, words, config.language.templates)
    meta = ClipMeta(
        episode=layout.number,
        look=look,
        split=split_of(task, index),
        task=task.name,
        instructions=first if len(task.subtasks) == 1 else (task.instruction, *task.wordings),
        subtasks=(),
        bodies=scene.instance_ids(),
    )
    return Clip(meta, None, _moment(setting, look, first, config))


def _moment(setting: _Setting, look: Look, instructions: tuple[str, ...], config: RunConfig) -> Iterator[Moment]:
    """The one moment of a clip, drawn when it is asked for."""
    layout, scene, poses = setting.layout, setting.scene, setting.poses
    camera, settings = ground_camera(config), config.render
    renderer = shared_renderer(settings.backend, camera.width, camera.height, settings.quality)
    renderer.open(scene, look)
    view = camera_view(camera, look, camera_mount(arms(config.engine.robot), camera, poses))
    frame = renderer.draw(poses, view, depth=True, ids=True)
    rng = generator(config.seed, Stage.QUESTION, layout.number, look.index, 0, 0)
    context = QuestionContext(
        key=FrameKey(episode=layout.number, step=0, look=look.index, camera=camera.name),
        frame=frame,
        annotation=annotate(frame, scene, poses),
        table_id=TABLE_ID,
        robot_id=ROBOT_ID,
        moment=setting.moment,
        subtask=layout.task.subtasks[0],
        workspace=layout.task.scene.workspace,
        instruction=instructions[rng.integers(len(instructions))],
    )
    questions = write_questions(context, rng, config.questions)
    yield annotated_moment(0, {camera.name: context}, questions, config)


def _scenes(run: Path, config: RunConfig, index: AssetIndex) -> Iterator[tuple[SceneGraph, str | RobotSetup]]:
    """What the layouts in a run's shards are made of; the tasks follow from the seed."""
    for path in block_paths(run / "shards"):
        shard = ShardReader(path)
        for number in {shard.clip(clip).episode for clip in range(shard.counts["clips"])}:
            rng = generator(config.seed, Stage.TASK, number)
            yield make_task(index, frozenset(), config, number, rng).scene, config.engine.robot


def _summary(shard: Path, config: RunConfig) -> GroundSummary:
    counts = ShardReader(shard).counts
    return GroundSummary(counts["clips"] // config.render.looks, counts["grounding_samples"])


def _lost(_block: int, _error: WorkerDied, *, config: RunConfig) -> GroundSummary:
    """A block that cost two workers, which has been logged, has no shard; the run goes on without it."""
    return GroundSummary(0, 0, Counter({Cause.WORKER_DIED: config.block_attempts}))
