"""All commands of `dataengine`."""

from __future__ import annotations

import typer

from dataengine.cli import assets, calibrate, export, grasps, proof, runs, yields

app = typer.Typer(
    name="dataengine",
    help=(
        "Make verified robot episodes, pictures and spatial questions.\n\n"
        "Start with: dataengine generate runs/first --episodes 8, then dataengine render runs/first."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.add_typer(assets.app, name="assets")
app.add_typer(grasps.app, name="grasps")
app.add_typer(export.app, name="export")
runs.register(app)
proof.register(app)
app.command("yield")(yields.show_yield)
app.command("calibrate")(calibrate.calibrate_camera)
