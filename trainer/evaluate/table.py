"""Reports as tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from trainer.evaluate.closed_loop import PolicyReport
from trainer.evaluate.grounding import KindReport


def print_grounding(report: Mapping[str, KindReport]) -> None:
    """One row per kind and metric."""
    table = Table("kind", "questions", "unreadable", "metric", "model", "constant answer")
    for kind, entry in report.items():
        metrics = list(entry.baseline) or list(entry.model)
        for number, metric in enumerate(metrics):
            head = (kind, str(entry.samples), f"{entry.unreadable:.0%}") if number == 0 else ("", "", "")
            values = (f"{scores[metric]:.3f}" if metric in scores else "-" for scores in (entry.model, entry.baseline))
            table.add_row(*head, metric, *values)
    Console().print(table)


def print_policy(report: PolicyReport) -> None:
    """One row per trial, then the rates."""
    table = Table("episode", "instruction", "end", "ever", "steps", "ended by", "target moved", "lifted")
    for trial in report.trials:
        marks = ("yes" if success else "no" for success in (trial.success_at_end, trial.success_ever))
        lengths = (f"{trial.target_moved:.3f} m", f"{trial.target_lifted:.3f} m")
        table.add_row(str(trial.episode), trial.instruction, *marks, str(trial.steps), trial.ended_by, *lengths)
    Console().print(table)
    Console().print(f"success at the end {report.success_at_end:.0%}, at any time {report.success_ever:.0%}")
