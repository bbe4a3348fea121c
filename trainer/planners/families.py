"""Which planner a folder or a repository of the hub holds, by the `model_type` of its `config.json`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.errors import UnusableCheckpoint
from trainer.planners.florence import FlorencePlanner, FlorenceProcessor
from trainer.planners.interface import Planner, PlannerProcessor
from trainer.planners.qwen import QwenPlanner, QwenProcessor


@dataclass(frozen=True)
class Family:
    """The two classes of one kind of planner."""

    planner: type[Planner[Any]]
    processor: type[PlannerProcessor[Any]]


FAMILIES = {
    "qwen2_5_vl": Family(QwenPlanner, QwenProcessor),
    "florence2": Family(FlorencePlanner, FlorenceProcessor),
}


def family_of(model_type: str, source: str | Path) -> Family:
    """The family of a model type; raises UnusableCheckpoint if `source` is of none that is known."""
    if model_type not in FAMILIES:
        raise UnusableCheckpoint(f"{source}: {model_type!r} cannot be a planner, only {', '.join(FAMILIES)}")
    return FAMILIES[model_type]
