"""From a scene graph to poses: backtracking search over exact free space, then restarts.

Bodies are placed one by one: what supports others first, then what failed before, then what has the least choice. For
each, the regions of its relations to bodies already placed are intersected with its place (table, support or
cavity), the space that other footprints take is cut away, and a position is drawn from what remains. A body without a
place sends the search back to the one before; when a search has used its budget, the next one begins with the bodies
that failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from assets_index.spaces import Point2
from assets_index.transforms import Pose
from scene_graph.conflicts import minimal_conflict, some_conflict
from scene_graph.constraints import Constraint, describe, restricted
from scene_graph.contradictions import contradiction
from scene_graph.differences import windows_of
from scene_graph.errors import InfeasibleLayout, LayoutExhausted, UnsatisfiableLayout
from scene_graph.feasibility import Feasibility, Unasked
from scene_graph.free_space import (
    LayoutProblem,
    SolverLimits,
    draw_position,
    region_of,
    relations_to_place,
    support_height,
)
from scene_graph.placed import GeometrySource, PlacedBody, PlacedScene, joint_values, landmarks_of
from scene_graph.polygons import narrowest_width
from scene_graph.refutation import refutation
from scene_graph.relations import Between
from scene_graph.stance import body_at, draw_stance, standing_footprints
from scene_graph.supports import resting_place, supporters, supports_between_nodes
from scene_graph.task import Layout, SceneGraph
from scene_graph.validation import check_graph

__all__ = ["DEFAULT_LIMITS", "SolverLimits", "solve"]

DEFAULT_LIMITS = SolverLimits()
ONE_ARM: tuple[Point2, ...] = ((0.0, 0.0),)
HEADINGS = 36
"""Ranges of the heading, one of which is narrow enough for what relations ask of a body's orientation."""
UNASKED = Unasked()
FIRST_SEARCHES = 4
"""Searches before it is tried to prove that there is no layout."""


def solve(
    scene: SceneGraph,
    geometry: GeometrySource,
    rng: np.random.Generator,
    *,
    limits: SolverLimits = DEFAULT_LIMITS,
    bases: tuple[Point2, ...] = ONE_ARM,
    feasibility: Feasibility = UNASKED,
) -> Layout:
    """A layout in which every relation and region of the graph holds and footprints keep their clearance.

    Bodies stand on the table (z = 0), or in or on what their relations say.

    Args:
        scene: what is wanted.
        geometry: the assets.
        rng: source of all choices.
        limits: what is kept free, and how long is searched.
        bases: where the arms stand on the table.
        feasibility: what the layout must leave possible besides; may end the search with an error of its own.

    Raises:
        InvalidSceneGraph: if the graph is not well formed.
        UnsatisfiableLayout: naming a small set of relations and regions that cannot hold together, and whether that is
            proved or only was not found.
        InfeasibleLayout: if there are layouts, but none was found that `feasibility` allows.
        LayoutExhausted: if none conflict, but the search found no room for all bodies at once.
    """
    check_graph(scene, geometry)
    proved = contradiction(scene, geometry)
    unproved = set[frozenset[Constraint]]()
    if not proved:
        search = _Search(scene, geometry, limits, bases, feasibility)
        layout = search.run(min(FIRST_SEARCHES, limits.searches), rng)
        proved = refutation(scene, geometry, unproved) if layout is None else ()
        if layout is None and not proved:
            layout = search.run(limits.searches - FIRST_SEARCHES, rng)
        if layout is not None:
            return layout
    if not proved and feasibility is not UNASKED and _Search(scene, geometry, limits, bases).run(limits.searches, rng):
        raise InfeasibleLayout(f"no layout found in {limits.searches} searches that leaves the task possible")
    raise _refusal(scene, proved, unproved, geometry, rng, limits, bases)


def _refusal(
    scene: SceneGraph,
    proved: tuple[Constraint, ...],
    unproved: set[frozenset[Constraint]],
    geometry: GeometrySource,
    rng: np.random.Generator,
    limits: SolverLimits,
    bases: tuple[Point2, ...],
) -> UnsatisfiableLayout | LayoutExhausted:
    """What to say of a graph without a layout: constraints that cannot be met, from some that are proved to be such.

    Conflicts that are not proved are found by short searches and confirmed by long ones.
    """

    def feasible(part: SceneGraph, limits: SolverLimits) -> bool:
        if contradiction(part, geometry):
            return False
        search = _Search(part, geometry, limits, bases)
        if search.run(min(FIRST_SEARCHES, limits.searches), rng):
            return True
        if refutation(part, geometry, unproved):
            return False
        return search.run(limits.searches - FIRST_SEARCHES, rng) is not None

    for searches in (1 + limits.searches // 4, limits.searches):
        effort = limits.model_copy(update={"searches": searches})
        suspects = proved or some_conflict(scene, partial(feasible, limits=effort))
        conflict = minimal_conflict(scene, suspects, partial(feasible, limits=effort))
        if not conflict:
            break
        part, statements = restricted(scene, conflict), tuple(map(describe, conflict))
        if conflict == proved or contradiction(part, geometry) or refutation(part, geometry, unproved):
            return UnsatisfiableLayout(statements)
        if searches == limits.searches or not feasible(part, limits):
            return UnsatisfiableLayout(statements, limits.searches)
    return LayoutExhausted(
        f"no room found for {len(scene.nodes)} bodies in {limits.searches} searches: use fewer or smaller bodies, "
        "a larger workspace or less clearance"
    )


class _Search:
    """Searches for one layout, each of which begins with the bodies that failed in those before."""

    def __init__(
        self,
        scene: SceneGraph,
        geometry: GeometrySource,
        limits: SolverLimits,
        bases: tuple[Point2, ...],
        feasibility: Feasibility = UNASKED,
    ) -> None:
        self._problem = _problem(scene, geometry, limits, bases)
        self._feasibility = feasibility
        self._failures: Counter[str] = Counter()

    def run(self, searches: int, rng: np.random.Generator) -> Layout | None:
        """A layout, or None if so many more searches found none."""
        for _ in range(searches):
            order = _placement_order(self._problem, self._failures)
            layout = _search_once(self._problem, order, self._failures, rng, self._feasibility)
            if layout is not None:
                return layout
        return None


def _problem(
    scene: SceneGraph, geometry: GeometrySource, limits: SolverLimits, bases: tuple[Point2, ...]
) -> LayoutProblem:
    names, supports = [node.name for node in scene.nodes], supports_between_nodes(scene)
    return LayoutProblem(
        scene=scene,
        geometry=geometry,
        limits=limits,
        bases=bases,
        nodes={node.name: node for node in scene.nodes},
        assets={node.name: geometry.asset(node.asset_id) for node in scene.nodes},
        resting={name: resting_place(name, supports) for name in names},
        below={name: supporters(name, supports) for name in names},
        landmarks=landmarks_of(scene.regions),
        upright=frozenset(relation.anchor for relation in supports),
        windows=windows_of(scene, geometry) if scene.relations else None,
        gaps=_gaps(scene, geometry, limits),
    )


def _gaps(scene: SceneGraph, geometry: GeometrySource, limits: SolverLimits) -> dict[frozenset[str], float]:
    gaps: dict[frozenset[str], float] = {}
    for relation in scene.relations:
        if isinstance(relation, Between):
            node = scene.node(relation.subject)
            footprints = standing_footprints(geometry, geometry.asset(node.asset_id), node.orientation)
            width = min(narrowest_width(footprint) for footprint in footprints)
            sides = frozenset(relation.anchors)
            gaps[sides] = max(gaps.get(sides, 0.0), width + 2 * limits.clearance)
    return gaps


def _placement_order(problem: LayoutProblem, failures: Mapping[str, int]) -> list[str]:
    """Supports before what they carry; among the others, those first that leave themselves the least choice."""
    relations = problem.scene.relations
    between = {r.subject: problem.nodes.keys() & r.anchors for r in relations if isinstance(r, Between)}
    related = {name for relation in relations for name in (relation.subject, *relation.anchors)}

    def rank(name: str) -> tuple[int, bool, bool, bool, float, str]:
        free = problem.nodes[name].region is None
        waits = free and not {*between.get(name, ())} <= set(order)
        return (-failures[name], free, waits, name not in related, _room(problem, name), name)

    order: list[str] = []
    while len(order) < len(problem.nodes):
        ready = (name for name, below in problem.below.items() if name not in order and below <= set(order))
        order.append(min(ready, key=rank))
    return order


def _room(problem: LayoutProblem, name: str) -> float:
    """Area over which a body can be moved about in its region, roughly: the less there is, the sooner it is placed."""
    node = problem.nodes[name]
    width, depth, _ = problem.assets[name].extents
    (x0, y0), (x1, y1) = (node.region or problem.scene.workspace).lower, (node.region or problem.scene.workspace).upper
    return max(x1 - x0 - width, 0.0) * max(y1 - y0 - depth, 0.0)


def _search_once(
    problem: LayoutProblem,
    order: list[str],
    failures: Counter[str],
    rng: np.random.Generator,
    feasibility: Feasibility,
) -> Layout | None:
    placed: dict[str, PlacedBody] = {}
    stances: dict[str, int] = {}
    possible = [feasibility]
    tries = [0] * len(order)
    for _ in range(len(order) + problem.limits.retries):
        depth = len(placed)
        if depth == len(order):
            return _layout(problem, placed, stances)
        name = order[depth]
        if tries[depth] == problem.limits.candidates:
            failures[name] += 1
            tries[depth] = 0
            if depth == 0:
                return None
            del placed[order[depth - 1]]
            possible.pop()
            continue
        standing = _stand(problem, name, placed, rng)
        tries[depth] = problem.limits.candidates if standing is None else tries[depth] + 1
        body = None if standing is None else _put(problem, standing[0], placed, rng)
        after = None if body is None else possible[-1].with_body(body, placed)
        if standing is not None and body is not None and after is not None:
            possible.append(after)
            placed[name], stances[name] = body, standing[1]
    return None


def _layout(problem: LayoutProblem, placed: Mapping[str, PlacedBody], stances: Mapping[str, int]) -> Layout:
    return Layout(poses={n: placed[n].pose for n in problem.nodes}, stable_pose={n: stances[n] for n in problem.nodes})


def _put(
    problem: LayoutProblem, body: PlacedBody, placed: Mapping[str, PlacedBody], rng: np.random.Generator
) -> PlacedBody | None:
    """A standing body at a position drawn at random where there is room for it; None if there is none."""
    position = draw_position(problem, body, placed, rng)
    if position is None:
        return None
    x, y, height = float(position[0]), float(position[1]), body.pose.position[2]
    body = replace(body, pose=Pose(position=(x, y, height), quaternion=body.pose.quaternion))
    scene = PlacedScene({**placed, body.name: body}, problem.landmarks)
    decided = relations_to_place(problem, body.name, placed)
    return body if all(relation.holds(scene).holds for relation in decided) else None


def _stand(
    problem: LayoutProblem, name: str, placed: Mapping[str, PlacedBody], rng: np.random.Generator
) -> tuple[PlacedBody, int] | None:
    """A body above the origin in a stance that its relations allow, and the index of its stable pose."""
    node, asset, ground = problem.nodes[name], problem.assets[name], support_height(problem, name, placed)
    orientation = "upright" if name in problem.upright else node.orientation
    turning = [relation for relation in relations_to_place(problem, name, placed) if relation.orients]
    headings = _headings(node.heading, rng) if turning else [node.heading]
    for heading in headings:
        stance = draw_stance(asset, orientation, rng, heading)
        position = (0.0, 0.0, ground + stance.height)
        body = body_at(name, asset, problem.geometry, stance, position, joint_values(asset, node.joints))
        if not any(region_of(problem, relation, body, placed).is_empty for relation in turning):
            return body, stance.stable_pose
    return None


def _headings(heading: tuple[float, float] | None, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
    """The ranges that all headings fall into, in random order: one of them holds the turn that relations ask for."""
    lower, upper = heading or (-np.pi, np.pi)
    edges = np.linspace(lower, upper, HEADINGS + 1)
    return ((float(edges[number]), float(edges[number + 1])) for number in rng.permutation(HEADINGS))
