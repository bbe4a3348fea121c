"""The commands of `trainer evaluate`."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from trainer.evaluate.policy import Policy

evaluate_app = typer.Typer(no_args_is_help=True, help="Judge a checkpoint: its answers, or what its policy achieves.")

Checkpoint = Annotated[Path, typer.Option(help="A trained model.")]
Threads = Annotated[int | None, typer.Option(help="Of torch, on a CPU.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Data = Annotated[list[str], typer.Option("--data", help="A run, a shard or a URL of one; may be given several times.")]
Questions = Annotated[
    list[str],
    typer.Option("--data", help="Runs, shards or URLs of them; or a file of sources that names conversations."),
]

FILM_EVERY = 4
"""Control steps between two pictures of a film."""


class AssetSplit(StrEnum):
    """Which assets."""

    TRAIN = "train"
    HELDOUT = "heldout"


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

    policy = _load_policy(checkpoint, threads)
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
    import torch

    from dataengine.storage.shard_set import ShardSet
    from trainer.evaluate.pss import ProbingBatches, alignment
    from trainer.memory import explained_memory

    # As in training: weights, and with them gradients, in float32, most of the computing in bfloat16 on a GPU.
    policy = _load_policy(checkpoint, threads, float32=True)
    batches = ProbingBatches.draw(policy.model, policy.processor, ShardSet(data), samples)
    half = torch.autocast("cuda", torch.bfloat16, enabled=torch.cuda.is_available())
    with half, explained_memory("the gradient of all weights of the planner", "CUDA_VISIBLE_DEVICES= takes the CPU"):
        found = alignment(policy.model, batches, rank=rank)
    typer.echo(found.model_dump_json(indent=2))


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

    policy = _load_policy(checkpoint, threads)
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


def _load_policy(checkpoint: Path, threads: int | None, *, float32: bool = False) -> Policy:
    """A trained checkpoint on the device it will run on, as `Policy.from_pretrained`."""
    import torch

    from trainer.evaluate.policy import Policy

    if threads is not None:
        torch.set_num_threads(threads)
    return Policy.from_pretrained(checkpoint, float32=float32)
