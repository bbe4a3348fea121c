"""Whether a scene graph is well formed: checked before anything is searched or judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from assets_index.errors import InvalidConfig, MissingAsset
from assets_index.schema import validate
from scene_graph.errors import InvalidSceneGraph
from scene_graph.landmarks import ROBOT_BASE
from scene_graph.placed import GeometrySource
from scene_graph.relations import AnyRelation, statement
from scene_graph.task import SceneGraph


def parse_scene_graph(data: object, origin: str) -> SceneGraph:
    """A scene graph from plain data, as YAML or JSON gives it; `origin` is named in the error.

    Raises:
        InvalidSceneGraph: for unknown keys or relation kinds, and for relations between unknown nodes.
    """
    try:
        scene = validate(data, SceneGraph, origin)
    except InvalidConfig as error:
        raise InvalidSceneGraph(str(error)) from error
    check_names(scene)
    return scene


def check_graph(scene: SceneGraph, geometry: GeometrySource) -> None:
    """Raise InvalidSceneGraph unless names are unique and known and every asset has the stable poses it may take."""
    check_names(scene)
    for node in scene.nodes:
        try:
            asset = geometry.asset(node.asset_id)
        except MissingAsset as error:
            raise InvalidSceneGraph(f"node {node.name!r}: {error}") from error
        if not asset.stable_poses:
            raise InvalidSceneGraph(f"node {node.name!r}: asset {asset.id!r} has no stable pose to stand in")
        if isinstance(node.orientation, tuple) and not set(node.orientation) <= set(range(len(asset.stable_poses))):
            count = len(asset.stable_poses)
            raise InvalidSceneGraph(f"node {node.name!r}: {asset.id!r} has stable poses 0 to {count - 1} only")


def check_names(scene: SceneGraph) -> None:
    """Raise InvalidSceneGraph unless names are unique and relations are between nodes and landmarks of the scene."""
    names = [ROBOT_BASE, *scene.regions, *(node.name for node in scene.nodes)]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        taken = "is the robot's" if repeated[0] == ROBOT_BASE else "appears twice"
        raise InvalidSceneGraph(f"node {repeated[0]!r} {taken}: give every node and region a name of its own")
    check_relations(scene.relations, [node.name for node in scene.nodes], [ROBOT_BASE, *scene.regions])


def check_relations(relations: Sequence[AnyRelation], bodies: Collection[str], landmarks: Collection[str] = ()) -> None:
    """Raise InvalidSceneGraph unless every relation speaks of different, known names.

    Args:
        relations: what is said.
        bodies: names of which anything can be said.
        landmarks: names of which a relation can speak only as its anchor.
    """
    for relation in relations:
        mentioned = (relation.subject, *relation.anchors)
        unknown = [name for name in mentioned if name not in bodies and name not in landmarks]
        if unknown:
            raise InvalidSceneGraph(f"{statement(relation)!r}: there is no node {unknown[0]!r}")
        if len(set(mentioned)) < len(mentioned):
            raise InvalidSceneGraph(f"{statement(relation)!r}: a relation is between different nodes")
        if relation.subject not in bodies:
            raise InvalidSceneGraph(f"{statement(relation)!r}: {relation.subject!r} cannot be moved, say it of a node")
