"""The commands of the demo: what a user would type, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
THREADS = "2"

# An episode takes about a hundred control steps.
TRIALS, TRIAL_STEPS = "4", "150"

HELDOUT, MODELS, REPORT = "heldout", "models", "report.html"


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        title: what it does, for a person.
        command: program and arguments.
        product: what exists once it is done; a step whose product exists is not done again.
        output: file that takes what it prints; None to show it.
        timed: whether the report shows how long it took.
    """

    title: str
    command: tuple[str, ...]
    product: Path | None = None
    output: Path | None = None
    timed: bool = True


def demo_steps(out: Path, workers: int) -> list[Step]:
    """All steps that make `out`, a run with everything that follows from it."""
    heldout, models = out / HELDOUT, out / MODELS
    return [
        *_data(out, HERE / "train.yaml", "training scenes", workers),
        *_data(heldout, HERE / "heldout.yaml", "held-out scenes", workers),
        Step(
            "Make a tiny model with random weights",
            ("trainer", "init", "--size", "tiny", "--data", str(out), "--out", str(models / "start")),
            product=models / "start",
        ),
        _training("Stage 1: spatial grounding", "tiny_grounding", models / "start", out, models / "stage1"),
        _training(
            "Stage 2: spatially guided actions",
            "tiny_spatially_guided",
            models / "stage1" / "model",
            out,
            models / "stage2",
        ),
        *(_grounding(out, stage) for stage in ("stage1", "stage2")),
        Step(
            "Let the policy act in the engine, on scenes it was not trained on",
            (
                *("trainer", "evaluate", "policy", "--checkpoint", str(models / "stage2" / "model")),
                *("--data", str(heldout), "--trials", TRIALS, "--max-steps", TRIAL_STEPS),
                *("--films", str(out / "films"), "--threads", THREADS, "--json"),
            ),
            product=out / "policy.json",
            output=out / "policy.json",
        ),
        Step("Write the report", ("trainer", "report", str(out)), timed=False),
    ]


def _data(run: Path, config: Path, scenes: str, workers: int) -> list[Step]:
    folder, processes = str(run), ("--workers", str(workers))
    return [
        Step(f"Verified episodes on {scenes}", ("dataengine", "generate", folder, "--config", str(config), *processes)),
        Step(f"Pictures and questions of {scenes}", ("dataengine", "render", folder, *processes)),
        Step(
            f"Check {scenes}",
            ("dataengine", "verify", folder, "--json"),
            product=run / "verification.json",
            output=run / "verification.json",
        ),
    ]


def _training(title: str, recipe: str, start: Path, data: Path, out: Path) -> Step:
    resume = ("--resume",) if (out / "checkpoints").exists() else ()
    command = ("trainer", "train", "--recipe", recipe, "--model", str(start), "--data", str(data), "--out", str(out))
    return Step(title, (*command, *resume), product=out / "model")


def _grounding(out: Path, stage: str) -> Step:
    report = out / f"grounding-{stage}.json"
    return Step(
        f"Ask {stage} held-out questions",
        (
            *("trainer", "evaluate", "grounding", "--checkpoint", str(out / MODELS / stage / "model")),
            *("--data", str(out / HELDOUT), "--baseline", str(out), "--per-kind", "60", "--threads", THREADS, "--json"),
        ),
        product=report,
        output=report,
    )
