"""A command that makes something, and those that any tour of the project has: data, training, judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

THREADS = "2"

TIMES, REPORT = "times.json", "report.html"
"""Files of a tour: what each command took, and what the reader is to look at."""


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


def episodes(run: Path, config: Path, scenes: str, workers: int, *options: str) -> list[Step]:
    """Generate and render a run of episodes.

    Args:
        run: folder of the run.
        config: its YAML file.
        scenes: what they are called in titles.
        workers: processes.
        options: further ones of `dataengine generate`.
    """
    folder, processes = str(run), ("--workers", str(workers))
    generate = ("dataengine", "generate", folder, "--config", str(config), *options, *processes)
    return [
        Step(f"Verified episodes on {scenes}", generate),
        Step(f"Pictures and questions of {scenes}", ("dataengine", "render", folder, *processes)),
    ]


def check(run: Path, scenes: str) -> Step:
    """Check a run of episodes."""
    report = run / "verification.json"
    return Step(f"Check {scenes}", ("dataengine", "verify", str(run), "--json"), product=report, output=report)


def training(
    title: str,
    recipe: str,
    start: Path,
    data: Path,
    out: Path,
    *,
    heldout: Path | None = None,
    changes: Sequence[str] = (),
) -> Step:
    """Train one stage, with single keys of the recipe changed, and measure on the way where there are held-out data."""
    resume = ("--resume",) if (out / "checkpoints").exists() else ()
    command = ("trainer", "train", "--recipe", recipe, "--model", str(start), "--data", str(data), "--out", str(out))
    changed = tuple(part for change in changes for part in ("--set", change))
    measured = () if heldout is None else ("--heldout", str(heldout))
    return Step(title, (*command, *measured, *changed, *resume), product=out / "model")


def grounding(title: str, model: Path, data: Path, baseline: Path, per_kind: int, report: Path) -> Step:
    """Ask a model held-out questions, beside constant answers fitted to `baseline`."""
    command = (
        *("trainer", "evaluate", "grounding", "--checkpoint", str(model), "--data", str(data)),
        *("--baseline", str(baseline), "--per-kind", str(per_kind), "--threads", THREADS, "--json"),
    )
    return Step(title, command, product=report, output=report)


def policy(title: str, model: Path, data: Path, report: Path, *options: str) -> Step:
    """Let a policy act in the engine, on the scenes of `data`."""
    command = ("trainer", "evaluate", "policy", "--checkpoint", str(model), "--data", str(data), *options)
    return Step(title, (*command, "--threads", THREADS, "--json"), product=report, output=report)
