"""Contradictions that can be proved without searching for a layout.

What rests on what (cycles, two places at once, a container without a cavity or too small), pairs of relations that
exclude each other (two directions for one pair, something in a bowl and beside it), orientations that no stable pose
has, and an order along an axis that no centres can have.
"""

from __future__ import annotations

from itertools import combinations

import shapely

from scene_graph.constraints import Constraint, Within, constraints_of
from scene_graph.differences import bounds_along, names_of, negative_cycle
from scene_graph.orientations import impossible_alignment, impossible_stance
from scene_graph.placed import GeometrySource, landmarks_of
from scene_graph.polygons import may_fit
from scene_graph.relations import AnyRelation, Between, Directional, In, On
from scene_graph.stance import standing_footprints
from scene_graph.supports import SupportRelation, support_relations, supporters
from scene_graph.task import SceneGraph


def contradiction(scene: SceneGraph, geometry: GeometrySource) -> tuple[Constraint, ...]:
    """Constraints that contradict each other; empty if there is no proof that any do."""
    return (
        _support_contradiction(scene, geometry)
        or _exclusion(scene)
        or _misfit(scene, geometry)
        or impossible_stance(scene, geometry)
        or impossible_alignment(scene)
        or _order_contradiction(scene, geometry)
    )


def _support_contradiction(scene: SceneGraph, geometry: GeometrySource) -> tuple[Constraint, ...]:
    supports = support_relations(scene.relations)
    assets = {node.name: geometry.asset(node.asset_id) for node in scene.nodes}
    assets |= {name: landmark.asset for name, landmark in landmarks_of(scene.regions).items()}
    for relation in supports:
        anchor = assets[relation.anchor]
        if (anchor.cavity if isinstance(relation, In) else anchor.support) is None:
            return (relation,)
        if relation.subject in supporters(relation.anchor, supports):
            return (relation, *_path(relation.anchor, relation.subject, supports))
    for first, second in combinations(supports, 2):
        both_on_table = {first.anchor, second.anchor} <= scene.regions.keys()
        if first.subject != second.subject or first.anchor == second.anchor or both_on_table:
            continue
        if not _nested(first, second, supports):
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


def _exclusion(scene: SceneGraph) -> tuple[Constraint, ...]:
    """Two relations that no poses at all make true together, such as two directions for one pair."""
    for first, second in combinations(scene.relations, 2):
        if first.excludes(second) or second.excludes(first) or _overlap_apart(first, second):
            return (first, second)
    return ()


def _overlap_apart(first: AnyRelation, second: AnyRelation) -> bool:
    """Whether one relation puts a centre of mass over a body and the other sets the two bodies' footprints apart."""
    for over, apart in ((first, second), (second, first)):
        if isinstance(over, In | On) and isinstance(apart, Directional | Between):
            return {over.subject, over.anchor} <= {apart.subject, *apart.anchors}
    return False


def _misfit(scene: SceneGraph, geometry: GeometrySource) -> tuple[Constraint, ...]:
    """A body that fits its cavity or its rectangle in no stance: it is longer, wider or larger than that."""
    for constraint in constraints_of(scene):
        if not isinstance(constraint, Within | In):
            continue
        node = scene.node(constraint.subject)
        footprints = standing_footprints(geometry, geometry.asset(node.asset_id), node.orientation)
        outline = _outline(constraint, scene, geometry)
        if outline is not None and not any(may_fit(footprint, outline) for footprint in footprints):
            return (constraint,)
    return ()


def _outline(constraint: Within | In, scene: SceneGraph, geometry: GeometrySource) -> shapely.Polygon | None:
    if isinstance(constraint, Within):
        return shapely.box(*constraint.region.lower, *constraint.region.upper)
    if constraint.anchor in scene.regions:
        return None
    cavity = geometry.asset(scene.node(constraint.anchor).asset_id).cavity
    return None if cavity is None else shapely.Polygon(cavity.opening)


def _order_contradiction(scene: SceneGraph, geometry: GeometrySource) -> tuple[Constraint, ...]:
    """Constraints around a negative cycle of differences along an axis."""
    names = names_of(scene)
    for axis in (0, 1) if scene.relations else ():
        cycle = negative_cycle(names, bounds_along(scene, geometry, axis))
        reasons = [bound.reason for bound in cycle if bound.reason is not None]
        if reasons:
            return tuple(dict.fromkeys(reasons))
    return ()
