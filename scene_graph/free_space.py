"""Where a body in a given stance can be put, beside those that are already placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from pydantic import Field

from assets_index.asset import Asset
from assets_index.schema import Schema
from assets_index.spaces import Point2
from assets_index.transforms import Array
from scene_graph.differences import Windows
from scene_graph.placed import GeometrySource, PlacedBody
from scene_graph.polygons import (
    center_of,
    disc,
    placements_in_box,
    placements_within_gap,
    points_inside,
    sample_inside,
    surely_clear,
)
from scene_graph.relations import In
from scene_graph.relations.base import Relation, at_origin
from scene_graph.supports import SupportRelation
from scene_graph.task import Node, SceneGraph


class SolverLimits(Schema):
    """What a layout keeps free, and how long it is searched for. Lengths in metres.

    Attributes:
        clearance: least gap between footprints of bodies that do not hold each other.
        target_clearance: the same between the target and any other: room for fingers.
        relation_margin: how far inside a relation's region a body is placed, so that settling does not undo it.
        base_radius: circle about each arm's base that stays empty.
        candidates: stances tried for a body before the search backs up.
        retries: stances tried in one search beyond one for each body.
        searches: searches before giving up; short ones, for what failed goes first in the next.
    """

    clearance: float = Field(default=0.008, ge=0.0)
    target_clearance: float = Field(default=0.025, ge=0.0)
    relation_margin: float = Field(default=0.003, ge=0.0)
    base_radius: float = Field(default=0.28, ge=0.0)
    candidates: int = Field(default=3, ge=1)
    retries: int = Field(default=30, ge=0)
    searches: int = Field(default=20, ge=1)


@dataclass(frozen=True)
class LayoutProblem:
    """A scene graph with what the search looks up again and again.

    Attributes:
        bases: where the arms stand on the table.
        nodes, assets: by node name.
        resting: what each node rests in or on, by name; None for the table.
        below: everything that supports a node, directly or not, by name.
        landmarks: areas of the table and the robot's base, by name.
        upright: nodes that carry others, which therefore stand upright.
        windows: between which coordinates the relations put each centre; None without relations.
        gaps: least distance of two bodies between which a third must find room, metres.
    """

    scene: SceneGraph
    geometry: GeometrySource
    limits: SolverLimits
    bases: tuple[Point2, ...]
    nodes: Mapping[str, Node]
    assets: Mapping[str, Asset]
    resting: Mapping[str, SupportRelation | None]
    below: Mapping[str, frozenset[str]]
    landmarks: Mapping[str, PlacedBody]
    upright: frozenset[str]
    windows: Windows | None
    gaps: Mapping[frozenset[str], float]

    def clearance(self, first: str, second: str) -> float:
        """The gap that two bodies must keep."""
        least = self.gaps.get(frozenset((first, second)), 0.0)
        if "target" in (self.nodes[first].role, self.nodes[second].role):
            least = max(least, self.limits.target_clearance)
        return max(least, self.limits.clearance)


def relations_to_place(problem: LayoutProblem, name: str, placed: Mapping[str, PlacedBody]) -> list[Relation]:
    """The relations that become decided when `name` is placed next."""
    return [
        relation
        for relation in problem.scene.relations
        if (name == relation.subject or name in relation.anchors)
        and all(
            other == name or other in placed or other in problem.landmarks
            for other in (relation.subject, *relation.anchors)
        )
    ]


def support_height(problem: LayoutProblem, name: str, placed: Mapping[str, PlacedBody]) -> float:
    """Height (z) of the plane a node will stand on."""
    place = problem.resting[name]
    if place is None:
        return 0.0
    anchor = placed[place.anchor]
    cavity, surface = anchor.asset.cavity, anchor.asset.support
    if isinstance(place, In):
        return anchor.pose.position[2] + (cavity.floor if cavity else 0.0)
    return anchor.pose.position[2] + (surface.height if surface else 0.0)


def draw_position(
    problem: LayoutProblem, body: PlacedBody, placed: Mapping[str, PlacedBody], rng: np.random.Generator
) -> Array | None:
    """A world xy position (2,), drawn at random, at which a body breaks nothing decided so far; None if there is none.

    The body keeps its orientation. Some points are tried before the space that others take is cut out exactly.
    """
    footprint = at_origin(body)
    space = _allowed(problem, body, footprint, placed)
    if space.area == 0.0:
        return None
    obstacles = _obstacles(problem, body, placed)
    points = points_inside(space, rng)
    for outline, gap in obstacles:
        points = points[surely_clear(points, footprint, outline, gap)]
    if len(points):
        return np.asarray(points[0])
    taken = [placements_within_gap(outline, footprint, gap) for outline, gap in obstacles]
    return sample_inside(shapely.difference(space, shapely.union_all(taken)), rng)


def _obstacles(
    problem: LayoutProblem, body: PlacedBody, placed: Mapping[str, PlacedBody]
) -> list[tuple[shapely.Polygon, float]]:
    """Outlines of what a body must not touch, with the gap to be kept from each."""
    others = (other for other in placed if other not in problem.below[body.name])
    found = [(placed[other].footprint, problem.clearance(body.name, other)) for other in others]
    if problem.resting[body.name] is None and problem.limits.base_radius > 0.0:
        found += [(disc(problem.limits.base_radius, base), 0.0) for base in problem.bases]
    return found


def _allowed(
    problem: LayoutProblem, body: PlacedBody, footprint: shapely.Polygon, placed: Mapping[str, PlacedBody]
) -> shapely.Geometry:
    """The part of the table, support or cavity in which every relation decided now holds."""
    node = problem.nodes[body.name]
    regions = [
        _well_inside(region_of(problem, relation, body, placed), problem.limits.relation_margin)
        for relation in relations_to_place(problem, body.name, placed)
    ]
    rect = node.region or (problem.scene.workspace if problem.resting[body.name] is None else None)
    if rect is not None:
        regions.append(placements_in_box(rect.lower, rect.upper, footprint))
    if problem.windows is not None:
        regions.append(_window(problem.windows, body.name, footprint, placed))
    return shapely.intersection_all(regions)


def _well_inside(region: shapely.Geometry, margin: float) -> shapely.Geometry:
    """The region without its edge; the core of one too thin for that, such as a top hardly wider than its load."""
    for share in (1.0, 0.25, 0.05):
        inside = shapely.buffer(region, -share * margin)
        if inside.area > 0.0:
            return inside
    return region


def _window(
    windows: Windows, name: str, footprint: shapely.Polygon, placed: Mapping[str, PlacedBody]
) -> shapely.Geometry:
    """Origins for which the footprint's centre lies where bodies placed now leave room for all that follow."""
    lower, upper = windows.window(name, {other: body.center for other, body in placed.items()})
    center = center_of(footprint)
    return shapely.box(*(lower - center), *(upper - center)) if (lower < upper).all() else shapely.Polygon()


def region_of(
    problem: LayoutProblem, relation: Relation, body: PlacedBody, placed: Mapping[str, PlacedBody]
) -> shapely.Geometry:
    """Where the relation puts the body at its present orientation, be it subject or anchor."""
    others = {**problem.landmarks, **placed}
    if relation.subject == body.name:
        return relation.region(body, others)
    return relation.anchor_region(body, others)
