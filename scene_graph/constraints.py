"""What a scene graph demands of a layout, as a list whose members can be left out one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from assets_index.schema import Schema
from scene_graph.relations import AnyRelation, statement
from scene_graph.task import Rect, SceneGraph


class Within(Schema):
    """A node's footprint lies in a rectangle."""

    subject: str
    region: Rect


Constraint: TypeAlias = AnyRelation | Within


def constraints_of(scene: SceneGraph) -> tuple[Constraint, ...]:
    """The regions of the nodes, then the relations."""
    regions = (Within(subject=node.name, region=node.region) for node in scene.nodes if node.region is not None)
    return (*regions, *scene.relations)


def mentioned(constraint: Constraint) -> tuple[str, ...]:
    """Names of the nodes a constraint speaks of."""
    if isinstance(constraint, Within):
        return (constraint.subject,)
    return (constraint.subject, *constraint.anchors)


def describe(constraint: Constraint) -> str:
    """A constraint in words, e.g. "apple_0 in bowl_1" or "bowl_1 within x 0.30..0.70, y -0.35..0.35"."""
    if not isinstance(constraint, Within):
        return statement(constraint)
    (x0, y0), (x1, y1) = constraint.region.lower, constraint.region.upper
    return f"{constraint.subject} within x {x0:.2f}..{x1:.2f}, y {y0:.2f}..{y1:.2f}"


def restricted(scene: SceneGraph, kept: Sequence[Constraint]) -> SceneGraph:
    """The graph of only these constraints and the nodes they speak of."""
    names = {name for constraint in kept for name in mentioned(constraint)}
    bounded = {constraint.subject for constraint in kept if isinstance(constraint, Within)}
    nodes = tuple(
        node if node.name in bounded else node.model_copy(update={"region": None})
        for node in scene.nodes
        if node.name in names
    )
    relations = tuple(constraint for constraint in kept if not isinstance(constraint, Within))
    return scene.model_copy(update={"nodes": nodes, "relations": relations})


def connected(constraints: Sequence[Constraint]) -> list[tuple[Constraint, ...]]:
    """The constraints in groups that share no body with each other; the smallest group first."""
    groups: list[tuple[set[str], list[Constraint]]] = []
    for constraint in constraints:
        names = set(mentioned(constraint))
        met = [group for group in groups if group[0] & names]
        groups = [group for group in groups if group not in met]
        members = [each for group in met for each in group[1]]
        groups.append((names.union(*(group[0] for group in met)), [*members, constraint]))
    return sorted((tuple(members) for _, members in groups), key=len)
