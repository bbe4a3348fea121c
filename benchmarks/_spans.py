"""How long each stage of the engine takes, by wrapping a few of its functions."""

from __future__ import annotations

import functools
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from dataengine.engine.performance import Performance
from dataengine.engine.start import roomy_layout
from dataengine.physics.simulation import Simulation
from dataengine.skills.carrying_out import carry_out
from dataengine.skills.pick import by_liking, leaning
from dataengine.skills.pick_place import graspable
from dataengine.verification import accept, measure
from scene_graph.judge import judge

FUNCTIONS = {
    roomy_layout: "layout",
    graspable: "grasp_choice",
    by_liking: "grasp_choice",
    leaning: "grasp_choice",
    carry_out: "stepping",
    measure: "judging",
    accept: "judging",
    judge: "judging",
}
METHODS = {
    (Simulation, "__init__"): "compile",
    (Simulation, "settle"): "stepping",
    (Performance, "run"): "planning",  # what is left of it without the other stages: paths, lines and their timing
}
OTHER = "other"
AHEAD = ("layout", "compile", "grasp_choice", "planning")
"""What comes before anything moves."""


class Spans:
    """CPU seconds by stage; what a stage spends inside another one counts for the inner one only.

    Attributes:
        seconds: by stage; everything else that is done while `watched` is "other".
    """

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._open: list[str] = []
        self._since = 0.0

    @contextmanager
    def timed(self, stage: str = OTHER) -> Iterator[None]:
        """Count the time until the end for a stage."""
        self._turn()
        self._open.append(stage)
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    def _turn(self) -> None:
        now = time.process_time()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Until the end, time every stage of the engine, wherever its functions were imported to."""
        functions = FUNCTIONS.items()
        places = [(module, name, stage) for function, stage in functions for module, name in _imported(function)]
        places += [(owner, name, stage) for (owner, name), stage in METHODS.items()]
        before = [getattr(owner, name) for owner, name, _ in places]
        for (owner, name, stage), function in zip(places, before, strict=True):
            setattr(owner, name, self._wrapped(function, stage))
        try:
            with self.timed():
                yield
        finally:
            for (owner, name, _), function in zip(places, before, strict=True):
                setattr(owner, name, function)

    def _wrapped(self, function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*arguments: Any, **named: Any) -> Any:
            with self.timed(stage):
                return function(*arguments, **named)

        return call

    def shares(self) -> dict[str, float]:
        """Each stage's share of the time, and that of all that comes before anything moves."""
        total = max(self.seconds.total(), 1e-9)
        shares = {stage: self.seconds[stage] / total for stage in (*AHEAD, "stepping", "judging", OTHER)}
        return {**shares, "before_motion": sum(shares[stage] for stage in AHEAD)}


def _imported(function: Callable[..., Any]) -> list[tuple[ModuleType, str]]:
    """The modules that know a function, and by which name."""
    ours = [module for name, module in sys.modules.items() if name.startswith(("dataengine", "scene_graph"))]
    return [(module, name) for module in ours for name, value in vars(module).items() if value is function]
