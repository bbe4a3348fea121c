"""The `dataengine` command: one module a command."""

from __future__ import annotations

import logging
import sys

import typer

from assets_index.errors import EngineError


def run_application(application: typer.Typer) -> None:
    """Run a command line; an `EngineError` becomes one line on stderr and its exit code.

    Usage errors leave with 2 and an interrupt with 130, as typer does by itself.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    try:
        application()
    except EngineError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)


def main() -> None:
    """Entry point of the `dataengine` script."""
    from dataengine.cli.commands import app

    run_application(app)
