"""Orientations that bodies cannot have: none of its stable poses is like that, or axes cannot all be parallel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.transforms import rotation_from_quaternion
from scene_graph.constraints import Constraint
from scene_graph.placed import GeometrySource, joint_values
from scene_graph.relations import AlignedWith, AnyRelation
from scene_graph.stance import Stance, body_at, standing_poses
from scene_graph.supports import supports_between_nodes
from scene_graph.task import Node, SceneGraph


def impossible_stance(scene: SceneGraph, geometry: GeometrySource) -> tuple[Constraint, ...]:
    """What is said of how one body is turned, where it has no stable pose like that; empty if every body has one.

    Asked are relations of a body alone. One that carries others stands upright, so what it carries may be at fault.
    """
    for node in scene.nodes:
        own = (relation for relation in scene.relations if relation.subject == node.name)
        asked = [relation for relation in own if relation.orients and not relation.anchors]
        if not asked:
            continue
        loads = [relation for relation in supports_between_nodes(scene) if relation.anchor == node.name]
        if not _some_pose(node, asked, geometry, upright=False):
            return tuple(asked)
        if loads and not _some_pose(node, asked, geometry, upright=True):
            return (*asked, loads[0])
    return ()


def impossible_alignment(scene: SceneGraph) -> tuple[Constraint, ...]:
    """Alignments in a chain that would bring two axes of one body closer than a right angle; empty if there are none.

    The angle between two lines is a metric: along a chain, tolerances add up to at least the angle of its ends.
    """
    aligned = [relation for relation in scene.relations if isinstance(relation, AlignedWith)]
    for name in dict.fromkeys(name for relation in aligned for name in (relation.subject, relation.anchor)):
        for axis in ("x", "y", "z"):
            for (end, other), (angle, chain) in _chains((name, axis), aligned).items():
                if end == name and other != axis and angle <= np.pi / 2:
                    return chain
    return ()


def _chains(
    start: tuple[str, str], aligned: Sequence[AlignedWith]
) -> dict[tuple[str, str], tuple[float, tuple[AlignedWith, ...]]]:
    """Axes that a chain of alignments leads to, with the least sum of tolerances and its relations (Bellman-Ford)."""
    reached: dict[tuple[str, str], tuple[float, tuple[AlignedWith, ...]]] = {start: (0.0, ())}
    for _ in aligned:
        for relation in aligned:
            ends = ((relation.subject, relation.axis), (relation.anchor, relation.anchor_axis))
            for here, there in (ends, ends[::-1]):
                if here not in reached:
                    continue
                angle, chain = reached[here]
                if there not in reached or angle + relation.tolerance < reached[there][0]:
                    reached[there] = (angle + relation.tolerance, (*chain, relation))
    return reached


def _some_pose(node: Node, asked: list[AnyRelation], geometry: GeometrySource, *, upright: bool) -> bool:
    """Whether a stable pose that the node may take is as all of its relations ask."""
    asset = geometry.asset(node.asset_id)
    joints = joint_values(asset, node.joints)
    for pose in standing_poses(asset, "upright" if upright else node.orientation):
        rotation = rotation_from_quaternion(pose.quaternion)
        stance = Stance(stable_pose=0, rotation=rotation, height=pose.height)
        body = body_at(node.name, asset, geometry, stance, (0.0, 0.0, pose.height), joints)
        if not any(relation.region(body, {}).is_empty for relation in asked):
            return True
    return False
