"""Commands that make and examine runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from assets_index.schema import read_yaml, validate
from dataengine.cli.options import CORES, AsJson, Index, Run, Workers, show_report
from dataengine.cli.progress import counting_bar, progress_bar
from dataengine.pipeline.config import RunConfig

ConfigFile = Annotated[Path | None, typer.Option(help="YAML file; keys left out keep their defaults.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the run; overrides the file.")]
Task = Annotated[str | None, typer.Option(help="Name of a task, or path of a task file; overrides the file.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    for command in (generate, render, ground, verify, stats, preview):
        app.command()(command)


def generate(
    run: Run,
    config: ConfigFile = None,
    episodes: Annotated[int | None, typer.Option(help="Accepted episodes wanted; overrides the file.")] = None,
    seed: Seed = None,
    task: Task = None,
    keep_failures: Annotated[
        bool | None,
        typer.Option("--keep-failures/--no-keep-failures", help="Keep failed attempts whole; overrides the file."),
    ] = None,
    workers: Workers = CORES,
    index: Index = None,
) -> None:
    """Solve layouts, plan, execute and verify episodes until enough are accepted.

    Physics only: the records are kilobytes an episode. A run that was stopped goes on where it was; ask for
    more episodes to extend it. Next: `dataengine render RUN`.
    """
    from dataengine.pipeline.generate import BlockSummary
    from dataengine.pipeline.generate import generate as generate_records

    overrides = {"episodes": episodes, "seed": seed, "task": task, "keep_failures": keep_failures}
    settings = _settings(run, config, overrides)
    _ensure_assets(settings, index)
    with progress_bar("episodes", settings.episodes) as advance:
        done = BlockSummary(0, 0)

        def on_block(block: BlockSummary) -> None:
            nonlocal done
            done = BlockSummary(done.attempts + block.attempts, done.accepted + block.accepted)
            advance(block.accepted, f"{done.accepted} of {done.attempts} attempts accepted")

        total = generate_records(run, settings, index_root=index, workers=workers, on_block=on_block)
    typer.echo(f"{total.accepted} of {total.attempts} attempts accepted: {run / 'records'}")


def render(
    run: Run,
    looks: Annotated[int | None, typer.Option(help="Appearances of each episode. Default: as configured.")] = None,
    workers: Workers = CORES,
    index: Index = None,
) -> None:
    """Draw a run's episodes under random looks and write questions, actions and pictures into shards.

    More looks can be added later: shards that are there stay. Next: `dataengine verify RUN`, `dataengine preview RUN`.
    """
    from dataengine.pipeline.generate import open_index
    from dataengine.pipeline.instruct import write_instructions
    from dataengine.pipeline.render import pending_shards, render_run
    from dataengine.pipeline.statistics import run_statistics

    episodes = run_statistics(run).accepted
    with progress_bar("instructions", episodes) as advance:
        write_instructions(run, open_index(index), on_episode=lambda: advance(1, ""))
    with progress_bar("shards", len(pending_shards(run, looks))) as advance:
        render_run(run, looks=looks, index_root=index, workers=workers, on_shard=lambda _summary: advance(1, ""))
    statistics = run_statistics(run)
    typer.echo(f"{statistics.frames:,} pictures, {statistics.grounding_samples:,} questions: {run / 'shards'}")


def ground(
    run: Run,
    config: ConfigFile = None,
    layouts: Annotated[int | None, typer.Option(help="Layouts wanted; overrides the file.")] = None,
    seed: Seed = None,
    task: Task = None,
    workers: Workers = CORES,
    index: Index = None,
) -> None:
    """Solve and settle layouts, draw one picture of each and ask about it; no arm moves and there are no actions.

    Questions of every kind: what the arm would do first is planned, not carried out. A run that was stopped goes on
    where it was. Next: `dataengine verify RUN`, `dataengine preview RUN`.
    """
    from dataengine.pipeline.ground import ground as ground_layouts

    settings = _settings(run, config, {"seed": seed, "task": task})
    if layouts is not None:
        settings = validate(
            {**dict(settings), "ground": {**dict(settings.ground), "layouts": layouts}}, RunConfig, "options"
        )
    _ensure_assets(settings, index)
    with progress_bar("layouts", settings.ground.layouts) as advance:
        total = ground_layouts(
            run, settings, index_root=index, workers=workers, on_block=lambda block: advance(block.layouts, "")
        )
    typer.echo(f"{total.layouts:,} layouts, {total.questions:,} questions: {run / 'shards'}")


def verify(run: Run, as_json: AsJson = False, index: Index = None) -> None:
    """Check a run: checksums, goals judged again, gripper and objects projected again, frames against states."""
    from dataengine.pipeline.generate import open_index
    from dataengine.pipeline.verify import verify_run

    with counting_bar("blocks") as progress:
        report = verify_run(run, open_index(index), on_block=progress)
    show_report(report, as_json)


def stats(run: Run, as_json: AsJson = False) -> None:
    """Count attempts, episodes, frames, questions and bytes, and measure how various the motions are."""
    from dataengine.pipeline.statistics import run_statistics

    statistics = run_statistics(run, diversity=True)
    if as_json:
        typer.echo(statistics.model_dump_json())
        return
    table = Table("", str(run))
    for name, value in statistics.model_dump().items():
        table.add_row(name, _shown(value))
    Console().print(table)


def _shown(value: object, between: str = "\n") -> str:
    """A figure, or figures by their names, for a person."""
    if isinstance(value, dict):
        return between.join(f"{name} {_shown(each, between=' ')}" for name, each in value.items())
    if isinstance(value, float):
        return f"{value:.3g}"
    return "" if value is None else f"{value:,}"


def preview(
    run: Run,
    out: Annotated[Path | None, typer.Option(help="PNG to write. Default: RUN/preview.png.")] = None,
    count: Annotated[int, typer.Option(min=1, help="Number of pictures.")] = 12,
    labels: Annotated[bool, typer.Option("--labels", help="Draw all annotations in, instead of questions.")] = False,
) -> None:
    """Draw a contact sheet of pictures with their questions and answers, or with their annotations."""
    from dataengine.pipeline.preview import write_preview

    typer.echo(write_preview(run, out or run / "preview.png", count, labels=labels))


def _settings(run: Path, config: Path | None, overrides: Mapping[str, object]) -> RunConfig:
    """The configuration asked for: a file, else that of the run, else the defaults; options override."""
    from dataengine.pipeline.run import CONFIG

    path = config or (run / CONFIG if (run / CONFIG).exists() else None)
    settings = read_yaml(path, RunConfig) if path else RunConfig()
    chosen = {key: value for key, value in overrides.items() if value is not None}
    return validate({**dict(settings), **chosen}, RunConfig, "options")


def _ensure_assets(settings: RunConfig, root: Path | None) -> None:
    from assets_index.index import AssetIndex
    from assets_index.procedural.library import ensure_library

    with counting_bar("procedural library") as progress:
        ensure_library(AssetIndex.open(root), settings.library_instances, progress=progress)
