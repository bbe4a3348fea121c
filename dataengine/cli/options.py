"""Options that several commands share, and what ends a check."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dataengine.pipeline.report import Report

CORES = os.cpu_count() or 1

Run = Annotated[Path, typer.Argument(help="Folder of the run.", show_default=False)]
Workers = Annotated[int, typer.Option(help="Processes; 0 works in this one. Default: one a core.")]
Index = Annotated[
    Path | None, typer.Option(help="Folder of the asset index. Default: $DATAENGINE_ASSETS or the cache.")
]
Episode = Annotated[int | None, typer.Option(help="Only the episode of this attempt number.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def only(episode: int | None) -> tuple[int, ...] | None:
    """The attempts to look at: one, or None for all."""
    return None if episode is None else (episode,)


def show_report(report: Report, as_json: bool) -> None:
    """Print what a check found; leave with 1 if it did not pass."""
    typer.echo(report.model_dump_json() if as_json else report.summary())
    if not report.passed:
        raise typer.Exit(1)
