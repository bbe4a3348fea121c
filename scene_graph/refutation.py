"""Proofs that no layout exists: linear programs over every way in which pairs of bodies can lie to each other.

Branch and bound: as long as the inequalities known of a graph have a solution, the sector in which one body lies seen
from another is cut in two. If every branch ends without a solution there is no layout, and the multipliers of the
inequalities (Farkas' lemma) name the constraints that are at fault.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scene_graph.constraints import Constraint, connected, constraints_of, restricted
from scene_graph.placed import GeometrySource
from scene_graph.relaxation import Pair, Relaxation, Row, Sector, matrix_of
from scene_graph.task import SceneGraph

QUARTERS = tuple(Sector(middle, np.pi / 4) for middle in np.arange(4) * np.pi / 2)
NARROWEST = np.pi / 64
"""Half angle of sectors that are not cut any more, rad."""

MOST_PROGRAMS = 200
"""Linear programs after which a proof is given up: about half a second."""

_TOLERANCE = 1e-6


def refutation(
    scene: SceneGraph, geometry: GeometrySource, unproved: set[frozenset[Constraint]] | None = None
) -> tuple[Constraint, ...]:
    """Constraints that no layout meets, in the graph's order; empty if that could not be proved.

    Args:
        scene: what is wanted.
        geometry: the assets.
        unproved: constraints on the same nodes that have been tried together before, in vain; those tried now are
            added.
    """
    unproved = set() if unproved is None else unproved
    for part in connected(constraints_of(scene)):  # nothing here couples bodies that no constraint couples
        if frozenset(part) in unproved:
            continue
        search = _Refutation(Relaxation.of(restricted(scene, part), geometry))
        if search.refutes({}):
            return tuple(constraint for constraint in constraints_of(scene) if constraint in search.reasons)
        unproved.add(frozenset(part))
    return ()


class _Refutation:
    """A proof under way: how many programs it may still solve, and the constraints it rests on."""

    def __init__(self, relaxation: Relaxation) -> None:
        self.reasons: set[Constraint] = set()
        self._relaxation = relaxation
        self._left = MOST_PROGRAMS

    def refutes(self, sectors: Mapping[Pair, Sector]) -> bool:
        """Whether there is certainly no layout with these pairs in these sectors."""
        if self._left == 0:
            return False
        self._left -= 1
        rows = list(self._relaxation.rows)
        for pair, sector in sectors.items():
            rows += self._relaxation.sector_rows(pair, sector)
        reasons = _without_solution(rows)
        if reasons is not None:
            self.reasons |= reasons
            return True
        widest = self._widest(sectors)
        if widest is None:
            return False
        parts = sectors[widest].halves() if widest in sectors else QUARTERS
        return all(self.refutes({**sectors, widest: part}) for part in parts)

    def _widest(self, sectors: Mapping[Pair, Sector]) -> Pair | None:
        """The pair of which the least is known; None if enough is known of all."""
        halves = {pair: sectors[pair].half if pair in sectors else np.pi for pair in self._relaxation.pairs}
        wide = {pair: half for pair, half in halves.items() if half > NARROWEST}
        return max(wide, key=lambda pair: wide[pair]) if wide else None


def _without_solution(rows: list[Row]) -> set[Constraint] | None:
    """The constraints whose inequalities contradict each other; None if the rows have a solution."""
    from scipy.optimize import linprog  # half a second that reading a task need not pay

    matrix, limits = matrix_of(rows)
    excess = np.column_stack([matrix, -np.ones(len(rows))])
    objective = np.zeros(excess.shape[1])
    objective[-1] = 1.0
    bounds = [(None, None)] * matrix.shape[1] + [(0.0, None)]
    found = linprog(objective, A_ub=excess, b_ub=limits, bounds=bounds, method="highs")
    if found.status != 0 or found.fun <= _TOLERANCE:
        return None
    used = np.flatnonzero(np.abs(found.ineqlin.marginals) > 1e-9)
    return {reason for number in used if (reason := rows[number].reason) is not None}
