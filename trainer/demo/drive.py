"""Running the demo's commands, one process each, and writing down what each of them took."""

from __future__ import annotations

import json
import resource
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import typer

from assets_index.errors import EngineError
from assets_index.files import write_text_whole
from trainer.demo.steps import REPORT, Step, demo_steps

TIMES = "times.json"


class DemoStopped(EngineError):
    """A command of the demo failed; what it printed stands above."""


def run_demo(out: Path, workers: int) -> Path:
    """Do every step whose product is not there yet, the report last; returns its path.

    Raises:
        DemoStopped: naming the command that failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(steps := demo_steps(out, workers), 1):
        typer.secho(f"[{number}/{len(steps)}] {step.title}", bold=True)
        if step.product is not None and step.product.exists():
            typer.echo("    is done")
            continue
        typer.echo(f"    {shlex.join(step.command)}")
        began = time.monotonic()
        _run(step)
        if step.timed:
            _note_time(out, step.title, time.monotonic() - began)
    return out / REPORT


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
        raise DemoStopped(f"`{command}` ended with {status}; mend that and run the demo again to go on")
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
