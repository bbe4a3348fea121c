"""`dataengine export`: episodes in other programs' formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dataengine.cli.options import CORES, Episode, Index, Run, Workers, only
from dataengine.cli.progress import counting_bar

app = typer.Typer(
    name="export",
    help="Write episodes in other programs' formats.",
    no_args_is_help=True,
)


@app.callback()
def _export() -> None:
    """Write episodes in other programs' formats."""


@app.command()
def usd(
    run: Run,
    out: Annotated[Path | None, typer.Option(help="Folder to write into. Default: RUN/usd.")] = None,
    episode: Episode = None,
    look: Annotated[int, typer.Option(min=0, help="Number of the look.")] = 0,
    workers: Workers = CORES,
    index: Index = None,
) -> None:
    """Write each episode as OpenUSD, for Isaac Sim, Omniverse, Blender and others.

    A folder an episode: scene.usda holds what is there, its look, physics, labels and cameras; replay.usdc, to be
    opened for the motion, moves it as recorded and switches physics off.
    Needs the extra: usd.
    """
    from renderers.usd.library import require_usd

    require_usd()
    from dataengine.export.usd import export_usd

    folder = out or run / "usd"
    with counting_bar("blocks") as progress:
        written = export_usd(
            run, folder, look=look, attempts=only(episode), index_root=index, workers=workers, on_block=progress
        )
    typer.echo(f"{len(written)} episodes: {folder}")
