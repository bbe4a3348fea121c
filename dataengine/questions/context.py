"""Everything that is known of one picture when questions are asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from assets_index.schema import Schema
from assets_index.transforms import Array
from dataengine.samples import FrameKey
from renderers.annotations import FrameAnnotation
from renderers.frame import Frame
from scene_graph.placed import PlacedScene
from scene_graph.task import TaskSpec

Motion = Literal["grasp", "place", "retreat"]
"""What the arm is about to finish: reaching and grasping, moving and placing, or retreating."""


class QuestionConfig(Schema):
    """How many questions of each kind are asked of a picture at most, and what may be asked about.

    Attributes:
        min_visible_fraction, min_visible_pixels: a body is not asked for if less of its part within the picture is
            unhidden, if less of it is within the picture, or if fewer pixels show it.
        xml_share: share of answers with coordinates that are written in XML, the others in JSON.
        clearance: free space left around a place where something can be put, metres.
        relation_margin: by how many metres a relation must hold before it is asked about.
        trace_points, region_points: points in an answer of these kinds.
    """

    box: int = Field(default=4, ge=0)
    point: int = Field(default=3, ge=0)
    trace: int = Field(default=2, ge=0)
    affordance: int = Field(default=2, ge=0)
    region: int = Field(default=3, ge=0)
    relation: int = Field(default=3, ge=0)
    count: int = Field(default=2, ge=0)
    min_visible_fraction: float = Field(default=0.3, ge=0.0, le=1.0)
    min_visible_pixels: int = Field(default=60, ge=1)
    xml_share: float = Field(default=0.5, ge=0.0, le=1.0)
    clearance: float = Field(default=0.01, ge=0.0)
    relation_margin: float = Field(default=0.02, ge=0.0)
    trace_points: int = Field(default=8, ge=2)
    region_points: int = Field(default=3, ge=1)


@dataclass(frozen=True)
class WorldGrasp:
    """The grasp that the episode uses, in the world.

    Attributes:
        contacts: the two contact points, (2, 3).
        tcp: pose of the TCP, (4, 4).
    """

    contacts: Array
    tcp: Array


@dataclass(frozen=True)
class Moment:
    """What is true at one control step, for every picture of it.

    Attributes:
        scene: the movable bodies where they are.
        motion: what the arm is about to finish.
        gripper_path: TCP positions in the world from now to the end of `motion`, (M, 3).
        object_path: positions of the target's centre of mass over the same steps, (M, 3); None while it is not held.
        grasp: the grasp to be made; None once the target has been lifted.
    """

    scene: PlacedScene
    motion: Motion
    gripper_path: Array
    object_path: Array | None
    grasp: WorldGrasp | None


@dataclass(frozen=True)
class QuestionContext:
    """One picture of one moment of an episode.

    Attributes:
        key: which picture.
        frame: with depth and ids.
        annotation: what is seen of each body.
        table_id: value of the table's pixels in `frame.ids`.
        instruction: what the robot was told.
    """

    key: FrameKey
    frame: Frame
    annotation: FrameAnnotation
    table_id: int
    moment: Moment
    task: TaskSpec
    instruction: str
