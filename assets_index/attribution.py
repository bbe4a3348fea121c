"""Who made what a run is made of, and under which licence it may be used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assets_index.asset import Source

HEADER = """# Attribution

What this data is made of, with creator, source and licence of each part. Keep this file with the data.

| kind | id | name | creator | licence | source |
| --- | --- | --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Credit:
    """One thing that was used: kind ("object", "robot", "texture", ...), id and name."""

    kind: str
    id: str
    name: str
    source: Source


def attribution_text(credits_due: Iterable[Credit]) -> str:
    """A Markdown table of everything that was used, each once, sorted by kind and id."""
    unique = {(credit.kind, credit.id): credit for credit in credits_due}
    return HEADER + "".join(_row(unique[key]) + "\n" for key in sorted(unique))


def _row(credit: Credit) -> str:
    source = credit.source
    where = f"[{source.reference}]({source.url})" if source.url else source.reference
    cells = (credit.kind, f"`{credit.id}`", credit.name, source.creator, source.license, where)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
