"""How moving parts of fixtures moved in an episode, and what went along with them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assets_index.articulation import MovingPart
from assets_index.transforms import Array
from scene_graph.placed import PlacedScene
from scene_graph.relations import InsideDrawer
from scene_graph.task import SubTask


def goes_along(subtask: SubTask, start: PlacedScene) -> frozenset[str]:
    """Bodies that may move while a sub-task is done: its target, and what lies in the part that is handled."""
    if subtask.part is None:
        return frozenset({subtask.target})
    inside = (
        name
        for name in start.bodies
        if name != subtask.target
        and InsideDrawer(subject=name, anchor=subtask.target, part=subtask.part).holds(start).holds
    )
    return frozenset({subtask.target, *inside})


def parts_shift(articulation: Array, parts: Mapping[str, MovingPart], handled: str) -> float:
    """Farthest that the handle of any part but the one handled moves from where it was in the first row, metres.

    Args:
        articulation: (T, A) joint values, in the order of `parts`.
        parts: by the names of `EpisodeMeta.joints`.
        handled: the part, or body, that is handled.
    """
    others = [i for i, name in enumerate(parts) if name != handled]
    levers = np.array([part.lever for part in parts.values()])[others]
    return float((np.abs(articulation[:, others] - articulation[0, others]) * levers).max(initial=0.0))


def rest_shift(articulation: Array, parts: Mapping[str, MovingPart]) -> float:
    """Farthest that any handle was from where it is in the last row, metres; arguments as of `parts_shift`."""
    levers = np.array([part.lever for part in parts.values()])
    return float((np.abs(articulation - articulation[-1]) * levers).max(initial=0.0))
