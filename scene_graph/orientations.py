"""Orientations asked of a body that none of its stable poses has."""

from __future__ import annotations

from assets_index.transforms import rotation_from_quaternion
from scene_graph.constraints import Constraint
from scene_graph.placed import GeometrySource
from scene_graph.relations import AnyRelation
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


def _some_pose(node: Node, asked: list[AnyRelation], geometry: GeometrySource, *, upright: bool) -> bool:
    """Whether a stable pose that the node may take is as all of its relations ask."""
    asset = geometry.asset(node.asset_id)
    for pose in standing_poses(asset, "upright" if upright else node.orientation):
        rotation = rotation_from_quaternion(pose.quaternion)
        stance = Stance(stable_pose=0, rotation=rotation, height=pose.height)
        body = body_at(node.name, asset, geometry, stance, (0.0, 0.0, pose.height))
        if not any(relation.region(body, {}).is_empty for relation in asked):
            return True
    return False
