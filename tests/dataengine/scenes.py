"""Scenes on a table with unlike things, solved and placed by the real solver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assets_index.asset import Attributes
from assets_index.transforms import Pose
from scene_graph.placed import PlacedScene, place
from scene_graph.relations import In, On
from scene_graph.solver import solve
from scene_graph.task import Layout, Node, Rect, SceneGraph, SubTask, TaskSpec
from scene_graph.tasks import synthesize
from tests.scene_graph.graphs import into_or_onto
from tests.scene_graph.shapes import Shelf, add_bowl, add_box, add_can, add_plate, add_table


@dataclass(frozen=True)
class PlacedTask:
    task: TaskSpec
    scene: PlacedScene

    @property
    def subtask(self) -> SubTask:
        return self.task.subtasks[0]


def attributes(color: str, material: str, shape: str) -> Attributes:
    return Attributes(color=color, material=material, shape=shape)


@lru_cache(1)
def shelf() -> Shelf:
    """Blocks, cans, cartons and fruit in several colours, bowls and plates."""
    things = Shelf()
    for color in ("red", "green", "blue"):
        add_box(things, f"block-{color}", (0.05, 0.05, 0.05), attributes=attributes(color, "wooden", "box-shaped"))
        can = {"attributes": attributes(color, "metal", "cylindrical"), "synonyms": ("tin",)}
        add_can(things, f"can-{color}", 0.03, 0.1, **can)
    for color in ("yellow", "white"):
        carton = {"category": "carton", "group": "snack", "attributes": attributes(color, "cardboard", "box-shaped")}
        add_box(things, f"carton-{color}", (0.05, 0.07, 0.14), **carton)
    for name, color in (("apple", "red"), ("lime", "green"), ("plum", "purple")):
        add_can(
            things, name, 0.03, 0.055, category=name, group="fruit", attributes=attributes(color, "organic", "round")
        )
    add_bowl(things, "bowl-blue", attributes=attributes("blue", "ceramic", "round"))
    add_bowl(things, "bowl-white", attributes=attributes("white", "ceramic", "round"))
    add_plate(things, "plate-white", attributes=attributes("white", "ceramic", "round"))
    add_plate(things, "plate-brown", attributes=attributes("brown", "wooden", "round"))
    add_table(things)
    return things


def placed_task(seed: int) -> PlacedTask:
    """A synthesized pick-and-place task at its solved layout."""
    rng = np.random.default_rng(seed)
    things = shelf()
    task = synthesize(into_or_onto(), things, rng)
    return PlacedTask(task, place(task.scene, solve(task.scene, things, rng), things))


def scene_of(places: dict[str, tuple[float, float]], *, target: str, container: str) -> PlacedTask:
    """Things of the shelf standing at given places, and the task of putting one on or in another."""
    things = shelf()
    nodes = tuple(Node(name=name, asset_id=name, role="distractor") for name in places)
    layout = Layout(poses={name: Pose(position=(x, y, 0.0)) for name, (x, y) in places.items()}, stable_pose={})
    graph = SceneGraph(nodes=nodes, workspace=Rect(lower=(0.28, -0.4), upper=(0.75, 0.4)), table_id="table")
    inside = things.asset(container).cavity is not None
    goal = In(subject=target, anchor=container) if inside else On(subject=target, anchor=container)
    words = f"Move the {target} to the top of the {container}"
    subtask = SubTask(target=target, container=container, goal=(goal,), instruction=words)
    return PlacedTask(TaskSpec.of_one("pick_place", graph, subtask), place(graph, layout, things))
