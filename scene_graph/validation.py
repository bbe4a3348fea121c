"""Whether a scene graph or a task is well formed: checked before anything is searched, judged or done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations

from assets_index.errors import InvalidConfig, MissingAsset
from assets_index.schema import validate
from scene_graph.constraints import Constraint, describe
from scene_graph.contradictions import contradiction
from scene_graph.errors import ContradictoryGoal, InvalidSceneGraph
from scene_graph.landmarks import ROBOT_BASE
from scene_graph.placed import GeometrySource
from scene_graph.relations import AnyRelation, statement
from scene_graph.task import Rect, SceneGraph, TaskSpec

_ANYWHERE = Rect(lower=(-2.0, -2.0), upper=(2.0, 2.0))


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


def parse_task(data: object, origin: str) -> TaskSpec:
    """A task from plain data, as YAML or JSON gives it; `origin` is named in the error.

    Raises:
        InvalidSceneGraph: for unknown keys or relation kinds, and for sub-tasks and goals that name unknown nodes.
    """
    try:
        task = validate(data, TaskSpec, origin)
    except InvalidConfig as error:
        raise InvalidSceneGraph(str(error)) from error
    _check_task_names(task)
    return task


def check_task(task: TaskSpec, geometry: GeometrySource) -> None:
    """Check everything of a task that can be known before anything is placed.

    Raises:
        InvalidSceneGraph: unless names are unique, every name is known, every asset has a stable pose, and every part
            that is spoken of is there.
        ContradictoryGoal: if relations of one alternative of a goal, or of a sub-task's goal, cannot hold together.
    """
    check_graph(task.scene, geometry)
    _check_task_names(task)
    _check_parts(task, geometry)
    goals = [(f"sub-task {number}", subtask.goal) for number, subtask in enumerate(task.subtasks, 1)]
    goals += [(f"alternative {number} of the goal", goal) for number, goal in enumerate(task.goal.any_of, 1)]
    for words, relations in goals:
        conflict = _goal_conflict(task.scene, relations, geometry)
        if conflict:
            raise ContradictoryGoal(words, tuple(describe(constraint) for constraint in conflict))


def _check_task_names(task: TaskSpec) -> None:
    check_names(task.scene)
    nodes, landmarks = [node.name for node in task.scene.nodes], [ROBOT_BASE, *task.scene.regions]
    for number, subtask in enumerate(task.subtasks, 1):
        if subtask.target not in nodes:
            raise InvalidSceneGraph(f"sub-task {number}: there is no node {subtask.target!r} to be its target")
        if subtask.container not in (*nodes, *landmarks):
            raise InvalidSceneGraph(f"sub-task {number}: there is no node {subtask.container!r} to be its container")
        check_relations(subtask.goal, nodes, landmarks)
    check_relations(task.goal.relations, nodes, landmarks)


def _check_parts(task: TaskSpec, geometry: GeometrySource) -> None:
    """Raise InvalidSceneGraph unless every moving part that the task speaks of is there."""
    assets = {node.name: geometry.asset(node.asset_id) for node in task.scene.nodes}
    relations = (*task.scene.relations, *task.goal.relations, *(each for step in task.subtasks for each in step.goal))
    spoken_of = [(step.target, step.part) for step in task.subtasks if step.part is not None]
    spoken_of += [part for relation in relations for part in relation.moving_parts]
    for name, part in spoken_of:
        articulation = assets[name].articulation if name in assets else None
        parts = [] if articulation is None else [each.name for each in articulation.parts]
        if part not in parts:
            known = ", ".join(map(repr, parts)) or "none"
            raise InvalidSceneGraph(f"{name!r} has no part {part!r} that moves; it has {known}")


def _goal_conflict(
    scene: SceneGraph, relations: Sequence[AnyRelation], geometry: GeometrySource
) -> tuple[Constraint, ...]:
    """Relations that contradict each other wherever bodies stand at the end, and however they are turned."""
    for first, second in combinations(relations, 2):
        if first.excludes(second) or second.excludes(first):
            return (first, second)
    between = tuple(relation for relation in relations if relation.anchors)
    spoken_of = {name for relation in between for name in (relation.subject, *relation.anchors)}
    free = {"region": None, "orientation": "random"}
    nodes = [node.model_copy(update=free) for node in scene.nodes if node.name in spoken_of]
    end = {"nodes": tuple(nodes), "relations": between, "workspace": _ANYWHERE}
    return contradiction(scene.model_copy(update=end), geometry)


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
