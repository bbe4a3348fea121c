"""Data that say what a scene should be and what should be done in it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from assets_index.articulation import part_name
from assets_index.asset import Point2
from assets_index.schema import Schema
from assets_index.transforms import Pose
from scene_graph.relations import AnyRelation
from scene_graph.stance import Orientation

NodeRole = Literal["target", "container", "distractor"]
SkillName = Literal["pick_place", "open", "close", "press", "push"]


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
        orientation: "upright", "random" for any stable pose by its probability, or the indices of those it may take.
        heading: least and greatest yaw, rad; None for any. At 0 the front of a fixture faces the robot.
        joints: values of moving parts at the start, metres or radians, by their names; 0 for those not named.
    """

    name: str
    asset_id: str
    role: NodeRole
    region: Rect | None = None
    orientation: Orientation = "upright"
    heading: tuple[float, float] | None = None
    joints: dict[str, float] = {}


class SceneGraph(Schema):
    """Nodes, the relations between them at the start, and where they may be.

    Attributes:
        regions: areas of the table by name, of which relations may speak as of a node: something is on one, or near.
    """

    nodes: tuple[Node, ...]
    relations: tuple[AnyRelation, ...] = ()
    workspace: Rect
    table_id: str
    regions: dict[str, Rect] = {}

    def node(self, name: str) -> Node:
        """The node of that name; KeyError if there is none."""
        return {node.name: node for node in self.nodes}[name]


class Goal(Schema):
    """What must be so at the end: an OR of ANDs over relations.

    Attributes:
        any_of: alternatives; all relations of at least one of them must hold.
        hold_time: how long it must stay so, seconds.
    """

    any_of: tuple[tuple[AnyRelation, ...], ...] = Field(min_length=1)
    hold_time: float = Field(default=1.0, gt=0.0)

    @classmethod
    def all_of(cls, *relations: AnyRelation) -> Goal:
        """The goal that all of these hold."""
        return cls(any_of=(relations,))

    @property
    def relations(self) -> tuple[AnyRelation, ...]:
        """Every relation that any alternative speaks of, each once."""
        return tuple(dict.fromkeys(relation for relations in self.any_of for relation in relations))


class SubTask(Schema):
    """One thing to do with one skill.

    Attributes:
        skill: name of the skill that does it.
        target: node that is moved.
        part: the target's moving part that is handled; None for the whole target.
        container: node it goes in, onto or beside; the target itself where nothing is put anywhere.
        goal: relations that must all hold when it is done.
        instruction: the template instruction in words.
        wordings: all ways to say it, where the task says them; empty for the usual ways of saying its goal.
    """

    skill: SkillName = "pick_place"
    target: str
    part: str | None = None
    container: str
    goal: tuple[AnyRelation, ...] = Field(min_length=1)
    instruction: str
    wordings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> SubTask:
        if (self.skill == "pick_place") != (self.part is None):
            raise ValueError("pick_place moves a whole target; every other skill needs the part of it that is moved")
        return self

    @property
    def handled(self) -> str:
        """Name of the simulated body that the hand may touch: the target, or its moving part."""
        return self.target if self.part is None else part_name(self.target, self.part)


class TaskSpec(Schema):
    """A scene graph with what is to be done in it, in order, and what must be so at the end.

    Attributes:
        name: the kind of task, e.g. "pick_and_place".
        subtasks: one after the other.
        instruction: the template instruction for the whole, in words.
        wordings: all ways to say the whole; empty if there is only the instruction.
    """

    name: str
    scene: SceneGraph
    subtasks: tuple[SubTask, ...] = Field(min_length=1)
    goal: Goal
    instruction: str
    wordings: tuple[str, ...] = ()

    @classmethod
    def of_one(cls, name: str, scene: SceneGraph, subtask: SubTask) -> TaskSpec:
        """The task that is done when its only sub-task is."""
        goal = Goal.all_of(*subtask.goal)
        return cls(name=name, scene=scene, subtasks=(subtask,), goal=goal, instruction=subtask.instruction)

    @property
    def targets(self) -> tuple[str, ...]:
        """Nodes that are moved, or of which a part is, in the order in which they are, each once."""
        return tuple(dict.fromkeys(subtask.target for subtask in self.subtasks))

    @property
    def picked(self) -> tuple[str, ...]:
        """The targets that are picked up."""
        return tuple(dict.fromkeys(subtask.target for subtask in self.subtasks if subtask.part is None))


class Layout(Schema):
    """A pose for every node, at rest on its support, and the index of the stable pose each stands in."""

    poses: dict[str, Pose]
    stable_pose: dict[str, int]
