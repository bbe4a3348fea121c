"""Running commands one after the other, a process each, and writing down what each of them took."""

from __future__ import annotations

import json
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from assets_index.errors import EngineError
from assets_index.files import write_text_whole
from trainer.demo.step import TIMES, Step


class CommandFailed(EngineError):
    """A command failed; what it printed stands above."""


def run_steps(out: Path, steps: Sequence[Step]) -> None:
    """Do every step whose product is not there yet; times go to `out`.

    Raises:
        CommandFailed: naming the command.
    """
    out.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(steps, 1):
        typer.secho(f"[{number}/{len(steps)}] {step.title}", bold=True)
        if step.product is not None and step.product.exists():
            typer.echo("    is done")
            continue
        typer.echo(f"    {shlex.join(step.command)}")
        began = time.monotonic()
        _run(step)
        if step.timed:
            _note_time(out, step.title, time.monotonic() - began)


def _run(step: Step) -> None:
    """Run a command; what goes into a file appears there only when the command succeeded."""
    # The scripts of this environment, whether or not it is activated.
    program = str(Path(sys.executable).with_name(step.command[0]))
    scratch = step.output.with_suffix(".part") if step.output is not None else None
    with (scratch or Path("/dev/null")).open("w") as file:
        stdout = file if scratch is not None else None
        status = subprocess.run([program, *step.command[1:]], stdout=stdout, check=False).returncode
    if status != 0:
        command = shlex.join(step.command)
        raise CommandFailed(f"`{command}` ended with {status}; mend that and run this again to go on")
    if scratch is not None and step.output is not None:
        scratch.replace(step.output)


def _note_time(out: Path, title: str, seconds: float) -> None:
    """Put down a step's time, and the memory of the largest process so far, to `times.json`."""
    path = out / TIMES
    times: dict[str, Any] = {"seconds": {}, "largest_process_gib": 0.0}
    if path.exists():
        times = json.loads(path.read_text(encoding="utf-8"))
    times["seconds"][title] = seconds
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    times["largest_process_gib"] = max(times["largest_process_gib"], peak)
    write_text_whole(path, json.dumps(times, indent=2) + "\n")
