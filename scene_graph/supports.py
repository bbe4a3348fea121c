"""What stands on or in what."""

from __future__ import annotations

from collections.abc import Sequence

from scene_graph.relations import AnyRelation, In, On
from scene_graph.task import SceneGraph

SupportRelation = In | On


def support_relations(relations: Sequence[AnyRelation]) -> tuple[SupportRelation, ...]:
    """The relations that say what a body rests on or in."""
    return tuple(relation for relation in relations if isinstance(relation, In | On))


def supports_between_nodes(scene: SceneGraph) -> tuple[SupportRelation, ...]:
    """The relations that say which node rests in or on which; what is on an area of the table stands on the table."""
    names = {node.name for node in scene.nodes}
    return tuple(relation for relation in support_relations(scene.relations) if relation.anchor in names)


def supporters(name: str, relations: Sequence[AnyRelation]) -> frozenset[str]:
    """Everything below a node: what it rests on or in, what that rests on, and so on; itself too if in a cycle."""
    found: set[str] = set()
    frontier = {name}
    while frontier:
        below = {r.anchor for r in support_relations(relations) if r.subject in frontier}
        frontier = below - found
        found |= below
    return frozenset(found)


def resting_place(name: str, relations: Sequence[AnyRelation]) -> SupportRelation | None:
    """The innermost of a node's support relations; None for a node that stands on the table.

    An apple that is in a bowl and in the box that holds the bowl rests in the bowl.
    """
    own = [relation for relation in support_relations(relations) if relation.subject == name]
    return max(own, key=lambda relation: len(supporters(relation.anchor, relations)), default=None)
