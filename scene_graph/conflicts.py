"""Which demands of a scene graph cannot be met together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scene_graph.constraints import Constraint, connected, constraints_of, restricted
from scene_graph.task import SceneGraph

Feasible = Callable[[SceneGraph], bool]


def some_conflict(scene: SceneGraph, feasible: Feasible) -> tuple[Constraint, ...]:
    """Constraints of a graph that cannot be met together; empty if all of them can.

    Those that speak of the same bodies are looked at first, for most conflicts are among them.
    """
    parts = connected(constraints_of(scene))
    if len(parts) > 1:
        parts.append(constraints_of(scene))
    return next((part for part in parts if not feasible(restricted(scene, part))), ())


def minimal_conflict(scene: SceneGraph, conflict: Sequence[Constraint], feasible: Feasible) -> tuple[Constraint, ...]:
    """Of constraints that cannot be met together, some that cannot either and none of which can be left out.

    A deletion filter: each constraint is left out in turn, for good if the rest is still infeasible. As leaving one
    out can only help, the result is minimal whenever `feasible` finds the layouts that exist.
    """
    kept = list(conflict)
    for constraint in conflict:
        rest = [other for other in kept if other is not constraint]
        if not feasible(restricted(scene, rest)):
            kept = rest
    return tuple(kept)
