"""The `trainer` command: make a model, train it, judge it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assets_index.schema import read_yaml
from trainer.evaluate.commands import evaluate_app
from trainer.recipes import RECIPES, recipe_path

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="""Train and judge ST4VLA on the shards of a run.

    \b
    trainer init --size tiny --data runs/demo --out models/start
    trainer train --recipe tiny_grounding --model models/start --data runs/demo --out models/stage1
    trainer train --recipe tiny_spatially_guided --model models/stage1/model --data runs/demo --out models/stage2
    trainer evaluate grounding --checkpoint models/stage2/model --data runs/heldout --baseline runs/demo
    trainer evaluate policy --checkpoint models/stage2/model --data runs/heldout
    """,
)
app.add_typer(evaluate_app, name="evaluate")

PLANNER, ENCODER = "Qwen/Qwen2.5-VL-3B-Instruct", "facebook/dinov2-small"


class Size(StrEnum):
    """Which model to make."""

    TINY = "tiny"
    BASE = "base"


class TinyBackbone(StrEnum):
    """What a tiny planner is."""

    QWEN = "qwen"
    FLORENCE = "florence"


class ExpertSize(StrEnum):
    """Diffusion transformers."""

    S = "S"
    B = "B"
    L = "L"


@app.command()
def init(
    out: Annotated[Path, typer.Option(help="Directory of the new checkpoint.")],
    size: Annotated[Size, typer.Option(help="tiny: random weights, for a CPU. base: around published weights.")],
    data: Annotated[
        list[str] | None,
        typer.Option(
            help="Data to be trained on: the model takes their kind of actions; tiny: the tokenizer learns their words."
        ),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="YAML with keys of the model's configuration; as in docs/training.md.")
    ] = None,
    expert: Annotated[ExpertSize | None, typer.Option(help="Action expert: DiT-S, DiT-B or DiT-L.")] = None,
    backbone: Annotated[TinyBackbone | None, typer.Option(help="tiny: which planner. Default: qwen.")] = None,
    planner: Annotated[
        str | None, typer.Option(help=f"base: folder or hub name of a Qwen2.5-VL or Florence-2. Default: {PLANNER}.")
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help=f"base: folder or hub name of a DINOv2. Default: {ENCODER}.")
    ] = None,
    random: Annotated[
        bool, typer.Option("--random", help="base: random weights; only the configurations of both are read.")
    ] = False,
    state: Annotated[bool, typer.Option(help="Whether the policy sees joint angles and finger width.")] = False,
    seed: int = 0,
) -> None:
    """Make a checkpoint to start from: model, tokenizer and picture settings in Hugging Face form."""
    from trainer.model.config import ST4VLAConfig
    from trainer.model.initialize import initialize_base, initialize_tiny
    from trainer.model.sizes import BASE, TINY, with_expert

    if size is Size.TINY:
        _refuse_unread(size, {"--planner": planner, "--encoder": encoder, "--random": random})
    else:
        _refuse_unread(size, {"--backbone": backbone})
    settings = read_yaml(config, ST4VLAConfig) if config is not None else (TINY if size is Size.TINY else BASE)
    if expert is not None:
        settings = with_expert(settings, expert)
    data = data or []
    if size is Size.TINY:
        initialize_tiny(
            out, backbone=(backbone or TinyBackbone.QWEN).value, config=settings, data=data, state=state, seed=seed
        )
    else:
        planner, encoder = planner or PLANNER, encoder or ENCODER
        initialize_base(
            out, planner, encoder, config=settings, random_weights=random, data=data, state=state, seed=seed
        )
    typer.echo(str(out))


def _refuse_unread(size: Size, options: Mapping[str, object]) -> None:
    """Raise if an option was given that has no meaning for a size."""
    for option, value in options.items():
        if value:
            raise typer.BadParameter(f"--size {size.value} does not read {option}")


@app.command()
def train(
    recipe: Annotated[str, typer.Option(help="A YAML file, or the name of a shipped recipe; see `trainer recipes`.")],
    model: Annotated[Path, typer.Option(help="Checkpoint to start from.")],
    out: Annotated[Path, typer.Option(help="Directory for metrics, checkpoints and the trained model.")],
    heldout: Annotated[
        list[str] | None, typer.Option(help="Runs not trained on, on which to measure on the way; sets log.heldout.")
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="Change a key of the recipe, as grounding.weight=0.05.")
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(help="Runs, shards or URLs of them, conversations, files of sources; may be given several times."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the newest checkpoint in --out.")] = False,
) -> None:
    """Train one stage. The trained model is OUT/model; OUT/metrics.jsonl, probes.jsonl and tensorboard tell how."""
    from trainer.progress import training_progress
    from trainer.train.loop import train as train_stage
    from trainer.train.recipe import read_recipe

    named = [f"log.heldout={json.dumps(heldout)}"] if heldout else []
    settings = read_recipe(recipe_path(recipe), [*named, *(changes or ())])
    with training_progress(settings.steps) as on_step:
        trained = train_stage(settings, model_dir=model, data=data or [], out=out, resume=resume, on_step=on_step)
    typer.echo(str(trained))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder of the demo; a stopped demo goes on there.")] = Path("runs/demo"),
    workers: Annotated[int, typer.Option(help="Processes that make data.")] = os.cpu_count() or 1,
) -> None:
    """Go the whole road: assets, verified episodes, pictures, questions, both stages, judgement, report.html."""
    from trainer.demo.drive import run_steps
    from trainer.demo.step import REPORT
    from trainer.demo.steps import demo_steps

    run_steps(out, demo_steps(out, workers))
    typer.echo(out / REPORT)


@app.command()
def learn(
    out: Annotated[Path, typer.Option(help="Folder of the test; one that was stopped goes on there.")] = Path(
        "runs/learn"
    ),
    workers: Annotated[int, typer.Option(help="Processes that make data.")] = os.cpu_count() or 1,
) -> None:
    """Test at tiny size whether it learns: boxes on unseen layouts, and four recipes in closed loop; report.html."""
    from trainer.demo.drive import run_steps
    from trainer.learn.steps import learning_steps
    from trainer.report.learning import write_learning_report

    run_steps(out, learning_steps(out, workers))
    typer.echo(write_learning_report(out))


@app.command()
def report(
    out: Annotated[Path, typer.Argument(help="Folder of a demo whose steps are all done.")] = Path("runs/demo"),
) -> None:
    """Write the report of a demo anew."""
    from trainer.report.page import write_report

    typer.echo(write_report(out))


@app.command()
def plot(
    runs: Annotated[list[Path], typer.Argument(help="Folders that `trainer train --out` wrote, with --heldout.")],
    out: Annotated[Path, typer.Option(help="PNG, PDF or SVG.")] = Path("training.png"),
) -> None:
    """Draw perception, success and gradient similarity over the steps of runs, as the paper's Figure 3."""
    from trainer.report.training_curves import write_training_curves

    write_training_curves(runs, out)
    typer.echo(str(out))


@app.command()
def recipes() -> None:
    """List the recipes that are shipped."""
    for path in sorted(RECIPES.glob("*.yaml")):
        first_line = path.read_text(encoding="utf-8").splitlines()[0]
        typer.echo(f"{path.stem:24}{first_line.removeprefix('#').strip()}")


def main() -> None:
    """Entry point of the `trainer` script."""
    from dataengine.cli import run_application

    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # one bar is ours, the others are noise
    run_application(app)
