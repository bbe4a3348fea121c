"""Which demands of a scene graph cannot be met together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scene_graph.constraints import Constraint, restricted
from scene_graph.task import SceneGraph


def minimal_conflict(
    scene: SceneGraph, suspects: Sequence[Constraint], feasible: Callable[[SceneGraph], bool]
) -> tuple[Constraint, ...]:
    """A subset of `suspects` that cannot be met, none of which can be left out; empty if all of them can be met.

    A deletion filter: each constraint is left out in turn, for good if the rest is still infeasible. As leaving one
    out can only help, the result is minimal whenever `feasible` finds the layouts that exist.
    """
    if feasible(restricted(scene, suspects)):
        return ()
    conflict = list(suspects)
    for constraint in suspects:
        rest = [other for other in conflict if other is not constraint]
        if not feasible(restricted(scene, rest)):
            conflict = rest
    return tuple(conflict)
