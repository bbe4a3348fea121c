"""Commands that check a run by doing it again: `dataengine replay`, `audit`, `crosscheck`."""

from __future__ import annotations

from typing import Annotated

import typer

from dataengine.cli.options import CORES, AsJson, Episode, Index, Run, Workers, only, show_report
from dataengine.cli.progress import counting_bar


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    for command in (replay, audit, crosscheck):
        app.command()(command)


def replay(
    run: Run, episode: Episode = None, workers: Workers = CORES, as_json: AsJson = False, index: Index = None
) -> None:
    """Do a run's episodes again: by their states, which must be exact, and by their commands alone.

    The second is open loop from the first state; at least 99 % of the episodes must reach their goal again.
    """
    from dataengine.pipeline.replay import replay_run

    with counting_bar("blocks") as progress:
        report = replay_run(run, attempts=only(episode), index_root=index, workers=workers, on_block=progress)
    show_report(report, as_json)


def audit(
    run: Run, episode: Episode = None, workers: Workers = CORES, as_json: AsJson = False, index: Index = None
) -> None:
    """Look for what no accepted episode may have, by other means than those that accepted it.

    Contacts of hand or arm, shifts of neighbours, a goal that does not last: read from the physics engine at every
    integrator step while the recorded commands are carried out again, and from the recorded poses.
    """
    from dataengine.pipeline.audit import audit_run

    with counting_bar("blocks") as progress:
        report = audit_run(run, attempts=only(episode), index_root=index, workers=workers, on_block=progress)
    show_report(report, as_json)


def crosscheck(
    run: Run,
    records: Annotated[int, typer.Option(min=1, help="Episodes to take, evenly over the run.")] = 50,
    seconds: Annotated[float, typer.Option(min=0.1, help="Simulated time in which nothing may move.")] = 2.0,
    workers: Workers = CORES,
    as_json: AsJson = False,
    index: Index = None,
) -> None:
    """Put the bodies of finished episodes where they lie into another physics engine (Bullet) and see what moves.

    At least 90 % of the episodes must stay at rest within 1 cm. Needs the extra: crosscheck.
    """
    from dataengine.pipeline.crosscheck import crosscheck_run

    with counting_bar("blocks") as progress:
        report = crosscheck_run(
            run, records=records, seconds=seconds, index_root=index, workers=workers, on_block=progress
        )
    show_report(report, as_json)
