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
    """One row per trial, then the rates with their 95 % confidence intervals by task and over all."""
    table = Table("task", "episode", "instruction", "end", "ever", "steps", "ended by", "target moved", "lifted")
    for trial in report.trials:
        marks = ("yes" if success else "no" for success in (trial.success_at_end, trial.success_ever))
        lengths = (f"{trial.target_moved:.3f} m", f"{trial.target_lifted:.3f} m")
        head = (trial.task, f"{trial.run} {trial.episode}", trial.instruction)
        table.add_row(*head, *marks, str(trial.steps), trial.ended_by, *lengths)
    rates = Table("task", "trials", "success at the end (95 %)", "at any time (95 %)")
    for name, task in (*report.tasks.items(), ("all", report.total)):
        rates.add_row(name, str(task.trials), str(task.success_at_end), str(task.success_ever))
    Console().print(table)
    Console().print(rates)
