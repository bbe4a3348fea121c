"""Everything that is known of one picture when questions are asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assets_index.robot_setup import GRIPPER
from assets_index.transforms import Array
from dataengine.samples import FrameKey
from renderers.annotations import FrameAnnotation
from renderers.frame import Frame
from scene_graph.placed import PlacedScene
from scene_graph.task import Rect, SubTask

Motion = Literal["grasp", "place", "move", "retreat"]
"""What the arm is about to finish: reaching and grasping, carrying and placing, moving a part, or retreating."""


@dataclass(frozen=True)
class WorldGrasp:
    """The grasp that the episode uses, in the world.

    Attributes:
        contacts: the two contact points, (2, 3).
        tcp: pose of the TCP, (4, 4).
        pad_breadth: of the fingers' pads, across the closing direction, metres.
    """

    contacts: Array
    tcp: Array
    pad_breadth: float


@dataclass(frozen=True)
class Moment:
    """What is true at one control step, for every picture of it.

    Attributes:
        scene: the movable bodies where they are.
        motion: what the arm is about to finish.
        gripper_path: TCP positions in the world from now to the end of `motion`, (M, 3); M is 1 if it leads nowhere.
        object_path: positions of the target's centre of mass over the same steps, (M, 3); None while it is not held.
        grasp: the grasp to be made; None once the target has been lifted, and in a try that failed.
        gripper: how one speaks of the gripper at work, with its article.
    """

    scene: PlacedScene
    motion: Motion
    gripper_path: Array
    object_path: Array | None
    grasp: WorldGrasp | None
    gripper: str = GRIPPER


@dataclass(frozen=True)
class QuestionContext:
    """One picture of one moment of an episode.

    Attributes:
        key: which picture.
        frame: with depth and ids.
        annotation: what is seen of each body.
        table_id, robot_id: values of the table's and the robot's pixels in `frame.ids`.
        subtask: what the robot is doing.
        workspace: where on the table things can be put.
        instruction: what the robot was told.
    """

    key: FrameKey
    frame: Frame
    annotation: FrameAnnotation
    table_id: int
    robot_id: int
    moment: Moment
    subtask: SubTask
    workspace: Rect
    instruction: str
