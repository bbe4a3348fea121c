"""`dataengine yield`: what became of every attempt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from dataengine.storage.yields import Yield, YieldKey

SHOWN: tuple[YieldKey, ...] = ("task", "stage", "cause", "skill", "relation", "target_asset", "container_asset")


def show_yield(
    run: Annotated[Path, typer.Argument(help="Folder of the run.", show_default=False)],
    by: Annotated[str | None, typer.Option(help="Only by task, stage, cause, skill, relation, target_asset …")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows of a table; those with the most failures first.")] = 15,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with every row.")] = False,
) -> None:
    """Show what became of every attempt: the yield by task, stage, cause, skill, relation and asset.

    Attempts are counted by task, stage and cause; each sub-task that was tried by skill, relation and asset.
    """
    from dataengine.pipeline.run import read_metadata, require_content
    from dataengine.storage.ledger import read_ledger
    from dataengine.storage.yields import parse_yield_key, yield_table

    require_content(run, "episodes")
    rows, quarantined = read_ledger(run), read_metadata(run).get("quarantined", {})
    tables = {key: yield_table(rows, key) for key in ((parse_yield_key(by),) if by else SHOWN)}
    accepted = sum(row.accepted for row in rows)
    if as_json:
        by_key = {key: [_plain(row) for row in table] for key, table in tables.items()}
        document = {"attempts": len(rows), "accepted": accepted, "by": by_key, "quarantined": quarantined}
        typer.echo(json.dumps(document))
        return
    for key, table in tables.items():
        _print(key, table, limit)
    for asset, reason in quarantined.items():
        typer.echo(f"in quarantine: {asset}: {reason}")
    typer.echo(f"{accepted} of {len(rows)} attempts accepted" + (f", {accepted / len(rows):.0%}" if rows else ""))


def _plain(row: Yield) -> dict[str, object]:
    return {"key": row.key, "attempts": row.attempts, "accepted": row.accepted, "causes": row.causes}


def _print(key: str, entries: Sequence[Yield], limit: int) -> None:
    table = Table(key, "attempts", "accepted", "yield", "causes")
    for row in sorted(entries, key=lambda row: -row.failed)[:limit]:
        causes = ", ".join(f"{cause} {count}" for cause, count in row.causes.items())
        table.add_row(row.key, str(row.attempts), str(row.accepted), f"{row.rate:.0%}", causes)
    if len(entries) > limit:
        table.add_row(f"… {len(entries) - limit} more", "", "", "", "")
    Console().print(table)
