"""The `trainer` command: make a model, train it, judge it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assets_index.schema import read_yaml

if TYPE_CHECKING:
    from trainer.evaluate.policy import Policy

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
evaluate_app = typer.Typer(no_args_is_help=True, help="Judge a checkpoint: its answers, or what its policy achieves.")
app.add_typer(evaluate_app, name="evaluate")

Data = Annotated[list[str], typer.Option("--data", help="A run, a shard or a URL of one; may be given several times.")]
Questions = Annotated[
    list[str],
    typer.Option("--data", help="Runs, shards or URLs of them; or a file of sources that names conversations."),
]

Checkpoint = Annotated[Path, typer.Option(help="A trained model.")]
Threads = Annotated[int | None, typer.Option(help="Of torch, on a CPU.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


PLANNER, ENCODER = "Qwen/Qwen2.5-VL-3B-Instruct", "facebook/dinov2-small"


class AssetSplit(StrEnum):
    """Which assets."""

    TRAIN = "train"
    HELDOUT = "heldout"


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
    from trainer.demo.steps import REPORT, demo_steps

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


def load_policy(checkpoint: Path, threads: int | None) -> Policy:
    """A trained checkpoint on the device it will run on."""
    import torch

    from trainer.evaluate.policy import Policy

    if threads is not None:
        torch.set_num_threads(threads)
    return Policy.from_pretrained(checkpoint)


FILM_EVERY = 4
RECIPES = Path(__file__).parent / "recipes"


def recipe_path(recipe: str) -> Path:
    """The file of a shipped recipe, or the path itself."""
    shipped = RECIPES / f"{recipe}.yaml"
    return shipped if shipped.exists() else Path(recipe)


@evaluate_app.command("grounding")
def evaluate_grounding_command(
    checkpoint: Checkpoint,
    data: Questions,
    baseline: Annotated[
        list[str] | None,
        typer.Option(help="Training runs that the constant answers are fitted to. Without: --data, which favors them."),
    ] = None,
    split: Annotated[AssetSplit | None, typer.Option(help="Only questions about assets of this split.")] = None,
    per_kind: Annotated[int, typer.Option(help="Questions of each kind.")] = 100,
    batch: Annotated[int, typer.Option(help="Questions answered at once.")] = 64,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Ask held-out questions; every metric stands beside what a constant answer scores."""
    from dataengine.cli.progress import counting_bar
    from trainer.data.sources.judged import judged_questions
    from trainer.evaluate.grounding import GroundingEvaluation, evaluate_grounding
    from trainer.evaluate.table import print_grounding
    from trainer.memory import explained_memory

    policy = load_policy(checkpoint, threads)
    config = GroundingEvaluation(split=split.value if split else None, per_kind=per_kind, batch=batch)
    with counting_bar("answers") as on_answers, explained_memory("a batch of questions", f"lower --batch ({batch})"):
        report = evaluate_grounding(
            policy.model,
            policy.processor,
            judged_questions(data),
            judged_questions(baseline or data),
            config,
            on_answers,
        )
    if as_json:
        typer.echo(json.dumps({kind: entry.model_dump() for kind, entry in report.items()}, indent=2))
    else:
        print_grounding(report)


@evaluate_app.command("pss")
def evaluate_pss(
    checkpoint: Checkpoint,
    data: Data,
    samples: Annotated[int, typer.Option(help="Questions, and moments, whose gradients are compared.")] = 64,
    rank: Annotated[int, typer.Option(help="Directions kept of each gradient.")] = 16,
    threads: Threads = None,
) -> None:
    """Print as JSON how far both objectives pull the planner in the same directions (paper, appendix A)."""
    from dataengine.storage.shard_set import ShardSet
    from trainer.evaluate.pss import ProbingBatches, alignment

    policy = load_policy(checkpoint, threads)
    batches = ProbingBatches.draw(policy.model, policy.processor, ShardSet(data), samples)
    typer.echo(alignment(policy.model, batches, rank=rank).model_dump_json(indent=2))


@evaluate_app.command("policy")
def evaluate_policy_command(
    checkpoint: Checkpoint,
    data: Annotated[
        list[Path],
        typer.Option(help="A run with records and shards, whose episodes are tried; may be given several times."),
    ],
    trials: Annotated[int | None, typer.Option(help="Only the first so many of each run.")] = None,
    max_steps: Annotated[int, typer.Option(help="Control steps of a trial.")] = 600,
    replan_every: Annotated[int, typer.Option(help="Control steps between two looks at the scene.")] = 4,
    index: Annotated[Path | None, typer.Option(help="Asset index. Default: $DATAENGINE_ASSETS or the cache.")] = None,
    films: Annotated[
        Path | None, typer.Option(help="Folder for a film and a strip of pictures of each failure.")
    ] = None,
    film_all: Annotated[bool, typer.Option("--film-all", help="Films of successes, too.")] = False,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Let the policy act in the engine; report how often it succeeds at the end, and at any time."""
    from dataengine.cli.progress import counting_bar
    from trainer.evaluate.closed_loop import PolicyEvaluation
    from trainer.evaluate.suite import try_policy
    from trainer.evaluate.table import print_policy

    policy = load_policy(checkpoint, threads)
    film_every = None if films is None else FILM_EVERY
    config = PolicyEvaluation(max_steps=max_steps, replan_every=replan_every, film_every=film_every)
    with counting_bar("trials") as on_trial:
        report = try_policy(
            policy,
            data,
            config,
            trials=trials,
            index_root=index,
            films=films,
            film="all" if film_all else "failures",
            on_trial=on_trial,
        )
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        print_policy(report)


def main() -> None:
    """Entry point of the `trainer` script."""
    from dataengine.cli import run_application

    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # one bar is ours, the others are noise
    run_application(app)
