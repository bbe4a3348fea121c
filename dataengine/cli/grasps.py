"""`dataengine grasps`: how a hand can take the things of the index."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from dataengine.cli.assets import only_match, opened_index
from dataengine.cli.options import AsJson, Index
from dataengine.cli.progress import progress_bar

if TYPE_CHECKING:
    from assets_index.asset import Asset
    from dataengine.grasps.grasp_set import GraspSet
    from dataengine.grasps.labels import PoseLabel

app = typer.Typer(
    name="grasps",
    help="See how a hand can take the things that scenes are made of.",
    no_args_is_help=True,
)


@app.callback()
def _grasps() -> None:
    """See how a hand can take the things that scenes are made of."""


@app.command()
def show(
    asset_id: Annotated[str, typer.Argument(help="Id of an asset, or the beginning of one.", show_default=False)],
    robot: Annotated[str, typer.Option(help="Whose hand.")] = "franka_panda",
    out: Annotated[Path | None, typer.Option(help="PNG to draw: each stable pose with its grasps.")] = None,
    index: Index = None,
    as_json: AsJson = False,
) -> None:
    """Show what became of the search for grasps, by stable pose, and draw them.

    Columns: rays shot; force-closed pairs of contacts; hand poses made of them; those clear of the asset; those shaken
    in physics; grasps that held and serve in that pose. An asset is never chosen as a target in a pose without grasps.
    Find an id with: dataengine assets list.
    """
    from assets_index.robots import robot as robot_named
    from dataengine.grasps.grasp_set import grasps_for
    from dataengine.grasps.labels import labels
    from dataengine.grasps.settings import GraspSettings

    opened, settings, arm = opened_index(index), GraspSettings(), robot_named(robot)
    asset = only_match(opened, asset_id)
    grasps = grasps_for(asset, opened, arm, settings)
    found = labels(asset, grasps, arm.jaw, settings)
    if as_json:
        typer.echo(json.dumps(_document(asset, robot, settings.rays, grasps, found), indent=1))
    else:
        _print(asset, robot, settings.rays, grasps, found)
    if out is not None:
        from assets_index.gallery import write_sheet
        from dataengine.grasps.drawing import grasp_tiles

        with progress_bar("drawing", len(found)) as advance:
            tiles = []
            for tile in grasp_tiles(asset, opened.visual(asset.id), grasps, found, arm.jaw, settings):
                tiles.append(tile)
                advance(1, "")
        write_sheet(out, tiles, columns=4)
        typer.echo(f"{len(tiles)} pictures: {out}", err=as_json)


def _document(asset: Asset, robot: str, rays: int, grasps: GraspSet, found: tuple[PoseLabel, ...]) -> dict[str, object]:
    poses = [
        {
            "probability": label.pose.probability,
            "upright": label.pose.upright,
            "rays": rays if label.searched else 0,
            "force_closed": label.closed,
            "tried": label.tried,
            "clear": label.free,
            "shaken": label.shaken,
            "held": label.held,
            "graspable": label.graspable,
        }
        for label in found
    ]
    return {"asset": asset.id, "robot": robot, "grasps": len(grasps), "held": int(grasps.held.sum()), "poses": poses}


def _print(asset: Asset, robot: str, rays: int, grasps: GraspSet, found: tuple[PoseLabel, ...]) -> None:
    table = Table("pose", "share", "rays", "force closed", "tried", "clear", "shaken", "held", "as a target")
    for number, label in enumerate(found):
        counts = (rays if label.searched else 0, label.closed, label.tried, label.free, label.shaken, label.held)
        name = f"{number} upright" if label.pose.upright else str(number)
        lacking = "too few" if label.held else "no grasp" if label.searched else "not searched"
        verdict = "yes" if label.graspable else lacking
        table.add_row(name, f"{label.pose.probability:.0%}", *(f"{count:,}" for count in counts), verdict)
    Console().print(table)
    typer.echo(f"{asset.id} in the hand of {robot}: {int(grasps.held.sum())} of {len(grasps)} grasps hold when shaken")
