"""What a scene graph says of footprint centres along x and y, as bounds on the difference of two of them.

Every relation and region is relaxed to such bounds, whatever the stances. A system of them has no solution exactly if
its graph has a negative cycle, and the constraints on the cycle contradict each other (Bellman-Ford); otherwise its
closure (Floyd-Warshall) tells, for some bodies placed, between which coordinates another must lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely

from assets_index.transforms import Array, rotation_from_quaternion
from scene_graph.constraints import Constraint, Within
from scene_graph.placed import GeometrySource, landmarks_of
from scene_graph.polygons import center_of, corners, signed_distance
from scene_graph.relations import Directional, In, Near, On
from scene_graph.stance import Orientation, standing_footprints, standing_poses
from scene_graph.supports import supports_between_nodes
from scene_graph.task import SceneGraph

TABLE = "\0table"
"""The origin of both axes, under a name that no node has."""

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Bound:
    """center[upper] - center[lower] <= limit along one axis; `reason` is None for the workspace."""

    lower: str
    upper: str
    limit: float
    reason: Constraint | None


@dataclass(frozen=True)
class Size:
    """Distances from a footprint's centre over all stances, in metres.

    Attributes:
        inner, outer: to the nearest and the farthest point of its edge.
        eccentricity: to the centre of mass.
    """

    inner: float
    outer: float
    eccentricity: float


@dataclass(frozen=True)
class Windows:
    """The closure of a system of bounds.

    Attributes:
        number: row of each node, the table's first.
        limits: (2, N, N); along each axis, the greatest that centre j less centre i can be.
    """

    number: Mapping[str, int]
    limits: Array

    def window(self, name: str, centers: Mapping[str, Array]) -> tuple[Array, Array]:
        """Least and greatest coordinates (2,) of a node's centre, given the centres (2,) of others."""
        rows = [0, *(self.number[other] for other in centers)]
        known = np.array([np.zeros(2), *centers.values()]).T
        column = self.number[name]
        return (known - self.limits[:, column, rows]).max(1), (known + self.limits[:, rows, column]).min(1)


def windows_of(scene: SceneGraph, geometry: GeometrySource) -> Windows:
    """The closure of everything a scene graph says of its nodes' centres."""
    number = {name: row for row, name in enumerate(names_of(scene))}
    limits = np.full((2, len(number), len(number)), np.inf)
    limits[:, range(len(number)), range(len(number))] = 0.0
    for axis in (0, 1):
        for bound in bounds_along(scene, geometry, axis):
            cell = axis, number[bound.lower], number[bound.upper]
            limits[cell] = min(limits[cell], bound.limit)
    for row in range(len(number)):
        limits = np.minimum(limits, limits[:, :, row, None] + limits[:, row, None, :])
    return Windows(number, limits)


def names_of(scene: SceneGraph) -> tuple[str, ...]:
    """Everything whose place the bounds speak of: the table's origin first, then nodes and landmarks."""
    return (TABLE, *(node.name for node in scene.nodes), *landmarks_of(scene.regions))


def bounds_along(scene: SceneGraph, geometry: GeometrySource, axis: int) -> list[Bound]:
    """Every bound along x (0) or y (1)."""
    sizes, landmarks = sizes_of(scene, geometry), landmarks_of(scene.regions)
    pins = [bound for name, landmark in landmarks.items() for bound in _pinned(name, float(landmark.center[axis]))]
    return [*_region_bounds(scene, sizes, axis), *_relation_bounds(scene, sizes, axis), *pins]


def sizes_of(scene: SceneGraph, geometry: GeometrySource) -> dict[str, Size]:
    """Sizes of every node's and landmark's footprint, by name."""
    sizes = {node.name: _size(geometry, node.asset_id, node.orientation) for node in scene.nodes}
    return sizes | {name: _extent(landmark.footprint, 0.0) for name, landmark in landmarks_of(scene.regions).items()}


def negative_cycle(names: Sequence[str], bounds: Sequence[Bound]) -> list[Bound]:
    """The bounds around a cycle whose limits sum to less than zero; empty if there is none."""
    distance = dict.fromkeys(names, 0.0)
    arrival: dict[str, Bound] = {}
    start = names[0]
    for _ in names:
        relaxed = [bound for bound in bounds if _relax(bound, distance, arrival)]
        if not relaxed:
            return []
        start = relaxed[-1].upper
    for _ in names:
        start = arrival[start].lower
    cycle = [arrival[start]]
    while cycle[-1].lower != start:
        cycle.append(arrival[cycle[-1].lower])
    return cycle


def _relax(bound: Bound, distance: dict[str, float], arrival: dict[str, Bound]) -> bool:
    reach = distance[bound.lower] + bound.limit
    if reach >= distance[bound.upper] - _TOLERANCE:
        return False
    distance[bound.upper], arrival[bound.upper] = reach, bound
    return True


def _region_bounds(scene: SceneGraph, sizes: dict[str, Size], axis: int) -> Iterator[Bound]:
    supported = {relation.subject for relation in supports_between_nodes(scene)}
    for node in scene.nodes:
        if node.region is None and node.name in supported:
            continue
        rect = node.region or scene.workspace
        reason = None if node.region is None else Within(subject=node.name, region=node.region)
        inner = sizes[node.name].inner
        yield Bound(TABLE, node.name, rect.upper[axis] - inner, reason)
        yield Bound(node.name, TABLE, -rect.lower[axis] - inner, reason)


def _relation_bounds(scene: SceneGraph, sizes: dict[str, Size], axis: int) -> Iterator[Bound]:
    for relation in scene.relations:
        subject = sizes[relation.subject]
        if isinstance(relation, Directional):
            apart = subject.inner + sizes[relation.anchor].inner
            for lower, upper, limit in _cone_limits(relation, apart, axis):
                yield Bound(lower, upper, limit, relation)
        elif isinstance(relation, In | On | Near):
            anchor = sizes[relation.anchor]
            slack = relation.distance + subject.outer if isinstance(relation, Near) else subject.eccentricity
            yield Bound(relation.subject, relation.anchor, anchor.outer + slack, relation)
            yield Bound(relation.anchor, relation.subject, anchor.outer + slack, relation)


def _cone_limits(relation: Directional, apart: float, axis: int) -> Iterator[tuple[str, str, float]]:
    """Lower, upper and limit of what a cone says along an axis of two centres that are `apart` along its direction."""
    sides = apart * (relation.direction[axis] + np.array([-1.0, 1.0]) * relation.direction[1 - axis])
    if sides.min() >= 0.0:
        yield relation.subject, relation.anchor, -float(sides.min())
    if sides.max() <= 0.0:
        yield relation.anchor, relation.subject, float(sides.max())


def _pinned(name: str, coordinate: float) -> tuple[Bound, Bound]:
    """The bounds of what stays where it is."""
    return Bound(TABLE, name, coordinate, None), Bound(name, TABLE, -coordinate, None)


@lru_cache(maxsize=8192)
def _size(geometry: GeometrySource, asset_id: str, orientation: Orientation) -> Size:
    asset = geometry.asset(asset_id)
    footprints = standing_footprints(geometry, asset, orientation)
    sizes = []
    for pose, footprint in zip(standing_poses(asset, orientation), footprints, strict=True):
        mass = rotation_from_quaternion(pose.quaternion) @ np.asarray(asset.center_of_mass)
        sizes.append(_extent(footprint, float(np.linalg.norm(mass[:2] - center_of(footprint)))))
    return Size(
        inner=min(size.inner for size in sizes),
        outer=max(size.outer for size in sizes),
        eccentricity=max(size.eccentricity for size in sizes),
    )


def _extent(footprint: shapely.Polygon, eccentricity: float) -> Size:
    center = center_of(footprint)
    outer = float(np.linalg.norm(corners(footprint) - center, axis=1).max())
    return Size(inner=signed_distance(center, footprint), outer=outer, eccentricity=eccentricity)
