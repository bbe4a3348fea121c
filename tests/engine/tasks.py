"""Tasks over the small shelf."""

from __future__ import annotations

import numpy as np

from scene_graph.relations import In, On
from scene_graph.task import Goal, Node, Rect, SceneGraph, SubTask, TaskSpec
from tests.engine.shapes import CONTAINERS, OBJECTS

TARGET_REGION = Rect(lower=(0.35, -0.3), upper=(0.65, 0.15))
WORKSPACE = Rect(lower=(0.3, -0.38), upper=(0.72, 0.38))


def pick_place_task(index: int, rng: np.random.Generator) -> TaskSpec:
    """Four to seven things and a container; the first thing goes into or onto it."""
    del index
    things = rng.permutation(len(OBJECTS))[: rng.integers(4, 8)]
    container = CONTAINERS[rng.integers(len(CONTAINERS))]
    return task_of([OBJECTS[i] for i in things], container)


def task_of(things: list[str], container: str) -> TaskSpec:
    """Put the first of the things into (a plate: onto) the container."""
    nodes = [
        Node(
            name=f"{name}_{i}",
            asset_id=f"{name}-{'0' * 12}",
            role="target" if i == 0 else "distractor",
            region=TARGET_REGION if i == 0 else None,
        )
        for i, name in enumerate(things)
    ]
    nodes.append(Node(name="container", asset_id=f"{container}-{'0' * 12}", role="container"))
    relation = On if container == "plate" else In
    subtask = SubTask(
        target=nodes[0].name,
        container="container",
        goal=(relation(subject=nodes[0].name, anchor="container"),),
        instruction="put it there",
    )
    return TaskSpec.of_one("pick_place", SceneGraph(nodes=tuple(nodes), workspace=WORKSPACE, table_id="table"), subtask)


def two_step_task(things: list[str], container: str) -> TaskSpec:
    """Put the first of the things into (a plate: onto) the container, then the second."""
    one = task_of(things, container)
    nodes = list(one.scene.nodes)
    nodes[1] = nodes[1].model_copy(update={"role": "target", "region": TARGET_REGION})
    first = one.subtasks[0]
    again = first.goal[0].model_copy(update={"subject": nodes[1].name})
    second = first.model_copy(update={"target": nodes[1].name, "goal": (again,)})
    return TaskSpec(
        name="two_things",
        scene=one.scene.model_copy(update={"nodes": tuple(nodes)}),
        subtasks=(first, second),
        goal=Goal.all_of(*first.goal, again),
        instruction="put both there",
    )
