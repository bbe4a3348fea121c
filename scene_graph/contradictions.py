"""Contradictions that can be proved without searching for a layout.

Two kinds: what rests on what (cycles, two places at once, a container without a cavity), and order along an axis. For
the latter every constraint is relaxed to bounds on the difference of two footprint centres along x or y; such a
system has no solution exactly if its graph has a negative cycle, and the constraints on the cycle are the conflict
(Bellman-Ford).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

import numpy as np

from assets_index.transforms import rotation_from_quaternion
from scene_graph.constraints import Constraint, Within
from scene_graph.placed import GeometrySource
from scene_graph.polygons import corners, signed_distance
from scene_graph.relations import Directional, In, Near, On
from scene_graph.stance import standing_footprints, standing_poses
from scene_graph.supports import SupportRelation, support_relations, supporters
from scene_graph.task import SceneGraph

_TABLE = "\0table"  # the origin of an axis, under a name that no node has
_TOLERANCE = 1e-9


def contradiction(scene: SceneGraph, geometry: GeometrySource) -> tuple[Constraint, ...]:
    """Constraints that contradict each other; empty if there is no proof that any do."""
    return (
        _support_contradiction(scene, geometry)
        or _direction_contradiction(scene)
        or _order_contradiction(scene, geometry)
    )


def _support_contradiction(scene: SceneGraph, geometry: GeometrySource) -> tuple[Constraint, ...]:
    supports = support_relations(scene.relations)
    for relation in supports:
        anchor = geometry.asset(scene.node(relation.anchor).asset_id)
        if (anchor.cavity if isinstance(relation, In) else anchor.support) is None:
            return (relation,)
        if relation.subject in supporters(relation.anchor, supports):
            return (relation, *_path(relation.anchor, relation.subject, supports))
    for first, second in combinations(supports, 2):
        if first.subject == second.subject and first.anchor != second.anchor and not _nested(first, second, supports):
            return (first, second)
    return ()


def _nested(first: SupportRelation, second: SupportRelation, supports: tuple[SupportRelation, ...]) -> bool:
    return first.anchor in supporters(second.anchor, supports) or second.anchor in supporters(first.anchor, supports)


def _path(start: str, goal: str, supports: tuple[SupportRelation, ...]) -> tuple[SupportRelation, ...]:
    """Shortest chain of support relations from one node down to another."""
    chains: list[tuple[SupportRelation, ...]] = [(r,) for r in supports if r.subject == start]
    for _ in supports:
        for chain in chains:
            if chain[-1].anchor == goal:
                return chain
        chains = [(*chain, r) for chain in chains for r in supports if r.subject == chain[-1].anchor and r not in chain]
    return ()


def _direction_contradiction(scene: SceneGraph) -> tuple[Constraint, ...]:
    """Two directions for one pair: their cones meet in a line only."""
    directions = [relation for relation in scene.relations if isinstance(relation, Directional)]
    for first, second in combinations(directions, 2):
        if second.anchor == first.subject and second.subject == first.anchor:
            same = second.inverse(second.anchor) == first
        else:
            same = (second.subject, second.anchor) != (first.subject, first.anchor) or second == first
        if not same:
            return (first, second)
    return ()


@dataclass(frozen=True)
class _Bound:
    """center[upper] - center[lower] <= limit along one axis; `reason` is None for the workspace."""

    lower: str
    upper: str
    limit: float
    reason: Constraint | None


@dataclass(frozen=True)
class _Size:
    """Distances from a footprint's centre over all stances, in metres.

    Attributes:
        inner, outer: to the nearest and the farthest point of its edge.
        eccentricity: to the centre of mass.
    """

    inner: float
    outer: float
    eccentricity: float


def _order_contradiction(scene: SceneGraph, geometry: GeometrySource) -> tuple[Constraint, ...]:
    if not scene.relations:
        return ()
    sizes = {node.name: _size(geometry, node.asset_id, node.orientation) for node in scene.nodes}
    for axis in (0, 1):
        bounds = [*_region_bounds(scene, sizes, axis), *_relation_bounds(scene, sizes, axis)]
        cycle = _negative_cycle([_TABLE, *sizes], bounds)
        reasons = [bound.reason for bound in cycle if bound.reason is not None]
        if reasons:
            return tuple(dict.fromkeys(reasons))
    return ()


def _region_bounds(scene: SceneGraph, sizes: dict[str, _Size], axis: int) -> Iterator[_Bound]:
    supported = {relation.subject for relation in support_relations(scene.relations)}
    for node in scene.nodes:
        if node.region is None and node.name in supported:
            continue
        rect = node.region or scene.workspace
        reason = None if node.region is None else Within(subject=node.name, region=node.region)
        inner = sizes[node.name].inner
        yield _Bound(_TABLE, node.name, rect.upper[axis] - inner, reason)
        yield _Bound(node.name, _TABLE, -rect.lower[axis] - inner, reason)


def _relation_bounds(scene: SceneGraph, sizes: dict[str, _Size], axis: int) -> Iterator[_Bound]:
    for relation in scene.relations:
        subject = sizes[relation.subject]
        if isinstance(relation, Directional):
            if relation.axis == axis:
                low, high = (relation.anchor, relation.subject)[:: relation.sign]
                yield _Bound(high, low, -subject.inner - sizes[relation.anchor].inner, relation)
        elif isinstance(relation, In | On | Near):
            anchor = sizes[relation.anchor]
            slack = relation.distance + subject.outer if isinstance(relation, Near) else subject.eccentricity
            yield _Bound(relation.subject, relation.anchor, anchor.outer + slack, relation)
            yield _Bound(relation.anchor, relation.subject, anchor.outer + slack, relation)


@lru_cache(maxsize=8192)
def _size(geometry: GeometrySource, asset_id: str, orientation: Literal["upright", "random"]) -> _Size:
    asset = geometry.asset(asset_id)
    inner, outer, eccentricity = [], [], []
    footprints = standing_footprints(geometry, asset, orientation)
    for pose, footprint in zip(standing_poses(asset, orientation), footprints, strict=True):
        center = np.array([footprint.centroid.x, footprint.centroid.y])
        mass = rotation_from_quaternion(pose.quaternion) @ np.asarray(asset.center_of_mass)
        inner.append(signed_distance(center, footprint))
        outer.append(np.linalg.norm(corners(footprint) - center, axis=1).max())
        eccentricity.append(np.linalg.norm(mass[:2] - center))
    return _Size(inner=float(min(inner)), outer=float(max(outer)), eccentricity=float(max(eccentricity)))


def _negative_cycle(names: list[str], bounds: list[_Bound]) -> list[_Bound]:
    """The bounds around a cycle whose limits sum to less than zero; empty if there is none."""
    distance = dict.fromkeys(names, 0.0)
    arrival: dict[str, _Bound] = {}
    relaxed: str | None = None
    for _ in names:
        relaxed = None
        for bound in bounds:
            reach = distance[bound.lower] + bound.limit
            if reach < distance[bound.upper] - _TOLERANCE:
                distance[bound.upper], arrival[bound.upper], relaxed = reach, bound, bound.upper
        if relaxed is None:
            return []
    assert relaxed is not None
    for _ in names:
        relaxed = arrival[relaxed].lower
    cycle = [arrival[relaxed]]
    while cycle[-1].lower != relaxed:
        cycle.append(arrival[cycle[-1].lower])
    return cycle
