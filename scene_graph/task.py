"""Data that say what a scene should be and what should be done in it."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from assets_index.asset import Point2
from assets_index.schema import Schema
from assets_index.transforms import Pose
from scene_graph.relations import AnyRelation

NodeRole = Literal["target", "container", "distractor"]


class Rect(Schema):
    """An axis-aligned rectangle on the table top in the world frame, metres."""

    lower: Point2
    upper: Point2

    @model_validator(mode="after")
    def _check(self) -> Rect:
        if not (self.lower[0] < self.upper[0] and self.lower[1] < self.upper[1]):
            raise ValueError("lower must be less than upper in x and in y")
        return self


class Node(Schema):
    """One thing in the scene.

    Attributes:
        region: rectangle in which the whole footprint must lie; None for anywhere in the workspace.
        orientation: "upright", or "random" for any stable pose by its probability.
    """

    name: str
    asset_id: str
    role: NodeRole
    region: Rect | None = None
    orientation: Literal["upright", "random"] = "upright"


class SceneGraph(Schema):
    """Nodes, the relations between them at the start, and where they may be."""

    nodes: tuple[Node, ...]
    relations: tuple[AnyRelation, ...] = ()
    workspace: Rect
    table_id: str

    def node(self, name: str) -> Node:
        """The node of that name; KeyError if there is none."""
        return {node.name: node for node in self.nodes}[name]


class TaskSpec(Schema):
    """A scene graph with a goal.

    Attributes:
        name: the kind of task, e.g. "pick_place".
        goal: relations that must all hold at the end.
        target: node to be moved; container: node it goes into or onto.
        instruction: the template instruction in words.
    """

    name: str
    scene: SceneGraph
    goal: tuple[AnyRelation, ...]
    target: str
    container: str
    instruction: str


class Layout(Schema):
    """A pose for every node, at rest on its support, and the index of the stable pose each stands in."""

    poses: dict[str, Pose]
    stable_pose: dict[str, int]
