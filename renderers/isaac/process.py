"""Isaac Sim as a process of its own: started once, then given one job after the other."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from assets_index.errors import EngineError
from renderers.errors import RendererUnavailable
from renderers.isaac import adapter
from renderers.isaac.job import DONE_FILE, CaptureJob

INTERPRETER = "ISAAC_PYTHON"
LICENCE = "OMNI_KIT_ACCEPT_EULA"
NOT_FOR_ISAAC = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
"""Variables that speak of our interpreter and would mislead another one."""

START_S, PICTURE_S = 1200.0, 30.0
"""Patience for a start, in which shaders may be compiled, and for each picture."""

POLL_S = 0.1

TAIL_LINES = 3
"""Lines of its standard error that are quoted when it fails."""


class IsaacFailed(EngineError):
    """Isaac Sim crashed, stopped, or took too long; the message ends with the last lines of its standard error."""


def isaac_interpreter() -> Path:
    """Isaac Sim's Python, as the environment names it.

    Raises:
        RendererUnavailable: if it does not, if there is no such program, or if NVIDIA's licence was not accepted.
    """
    named = os.environ.get(INTERPRETER)
    if not named:
        raise RendererUnavailable(f"Isaac Sim: set {INTERPRETER} to its Python or python.sh; see docs/isaac.md")
    found = shutil.which(named)
    if found is None:
        raise RendererUnavailable(f"Isaac Sim: {INTERPRETER} names {named}, which is no program that can be run")
    if not os.environ.get(LICENCE):
        raise RendererUnavailable(
            f"Isaac Sim: {LICENCE} is not set; read NVIDIA's licence and, if you accept it, set it yourself"
        )
    return Path(found)


class IsaacProcess:
    """A running Isaac Sim; starts with the first job.

    Attributes:
        start_s, picture_s: patience with a start and with each picture, seconds.
    """

    def __init__(self, interpreter: Path, start_s: float = START_S, picture_s: float = PICTURE_S) -> None:
        self.start_s, self.picture_s = start_s, picture_s
        self._interpreter = interpreter
        self._process: subprocess.Popen[str] | None = None
        self._logs: tempfile.TemporaryDirectory[str] | None = None

    def capture(self, job: CaptureJob) -> None:
        """Have a job done; its files are there when this returns.

        Raises:
            IsaacFailed: if the process ends or takes too long; the next job starts another one.
        """
        first = self._process is None
        process = self._process or self._start()
        assert process.stdin is not None
        pictures = job.frames * len(job.cameras)
        patience = self.picture_s * pictures + (self.start_s if first else 0.0)
        deadline = time.monotonic() + patience
        with contextlib.suppress(BrokenPipeError):  # it has ended, which is told below
            process.stdin.write(job.model_dump_json() + "\n")
            process.stdin.flush()
        while not (job.output / DONE_FILE).exists():
            if process.poll() is not None:
                raise self._failed(f"ended with status {process.returncode}")
            if time.monotonic() > deadline:
                raise self._failed(f"has not drawn {pictures} pictures in {patience:.0f} s")
            time.sleep(POLL_S)

    def close(self) -> None:
        """End the process; may be called twice."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # python.sh has the real one as its child
            process.wait()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        if self._logs is not None:
            self._logs.cleanup()
            self._logs = None

    def _start(self) -> subprocess.Popen[str]:
        self._logs = tempfile.TemporaryDirectory(prefix="isaac-logs-")
        environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_ISAAC}
        with self._log("stdout").open("w") as stdout, self._log("stderr").open("w") as stderr:
            try:
                self._process = subprocess.Popen(
                    [self._interpreter, adapter.__file__],
                    stdin=subprocess.PIPE,
                    stdout=stdout,
                    stderr=stderr,
                    env=environment,
                    text=True,
                    start_new_session=True,
                )
            except OSError as error:
                raise IsaacFailed(f"{self._interpreter} cannot be run: {error.strerror or error}") from error
        return self._process

    def _log(self, stream: str) -> Path:
        assert self._logs is not None
        return Path(self._logs.name) / stream

    def _failed(self, what: str) -> IsaacFailed:
        """Why, with what the process said last; ends it."""
        said = [line for line in self._log("stderr").read_text(errors="replace").splitlines() if line.strip()]
        self.close()
        tail = " | ".join(line.strip() for line in said[-TAIL_LINES:])
        return IsaacFailed(f"Isaac Sim {what}; its last words: {tail or 'none'}")
