"""An accepted episode as physics saw it: kilobytes, no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from assets_index.robot_setup import RobotSetup
from assets_index.schema import Schema
from assets_index.transforms import Pose, Vec3
from dataengine.rejection import Cause
from scene_graph.relations import Verdict
from scene_graph.task import Layout, TaskSpec


class Phase(IntEnum):
    """What the arm is doing during a control step.

    WAIT: it stands still between two sub-tasks or two tries. PULL, PUSH and PRESS: it moves a part along its joint.
    SETTLE: it stands still after the last sub-task. A try that failed ends in REACH, RETREAT, WAIT or SETTLE, with the
    hand open unless it presses or pushes with closed fingers, and the next one begins with REACH.
    """

    REACH = 0
    APPROACH = 1
    GRASP = 2
    LIFT = 3
    TRANSFER = 4
    PLACE = 5
    RELEASE = 6
    RETREAT = 7
    SETTLE = 8
    WAIT = 9
    PULL = 10
    PUSH = 11
    PRESS = 12


class GraspRecord(Schema):
    """The grasp that was used.

    Attributes:
        pose: TCP in the target asset's frame (z approach, y closing).
        width: distance of the pads at contact, metres.
        contacts: the two contact points in the target asset's frame.
    """

    pose: Pose
    width: float
    contacts: tuple[Vec3, Vec3]
    quality: float


class FailedTry(Schema):
    """A try that came to nothing, after which the arm let go, moved back and looked again.

    Attributes:
        first: its first control step; end: the step after its last, the moving back included.
        grasp: the grasp that was tried; None for a skill without one.
        cause: why it failed; detail: one line for a person.
    """

    first: int
    end: int
    grasp: GraspRecord | None
    cause: Cause
    detail: str


class Displacement(Schema):
    """The target was moved while the arm approached it.

    Attributes:
        step: it happened after state `step` was measured and before command `step`.
        body: what was moved; pose: T_world_body after it.
        shift: how far it was moved, metres; turn: by how much it was turned about the vertical, rad.
    """

    kind: Literal["displaced"] = "displaced"
    step: int
    body: str
    pose: Pose
    shift: float
    turn: float

    @property
    def end(self) -> int:
        """The first control step after it."""
        return self.step + 1


class Slip(Schema):
    """The gripper did not push for a while, so that what it held slipped out of it.

    Attributes:
        step: the first control step without force; end: the first one with full force again.
        body: what was held.
        shift: how far it had moved when the arm had left it and everything rested, metres; if it was not lost, when
            the gripper pushed again.
    """

    kind: Literal["slip"] = "slip"
    step: int
    end: int
    body: str
    shift: float = 0.0


class ClosedAgain(Schema):
    """A drawer or a door was pushed shut after it had been opened.

    Attributes:
        step: the first control step in which it was pushed; end: the first one after it.
        body: what it belongs to; part: its name.
        effort: force, N, or torque, Nm, along its joint with which it was pushed.
        shift: how far it was open before, metres or radians.
    """

    kind: Literal["closed_again"] = "closed_again"
    step: int
    end: int
    body: str
    part: str
    effort: float
    shift: float


Disturbance = Annotated[Displacement | Slip | ClosedAgain, Field(discriminator="kind")]
"""Something done on purpose to an episode, so that there is something to recover from."""


class SubTaskRecord(Schema):
    """How one sub-task was done.

    Attributes:
        first: its first control step; end: the step after its last.
        padding: control steps at its end in which the arms stand still: the zero-action padding (paper, D.4).
        grasp: the grasp that was used; None for a skill without one.
        failed_tries: what was tried before it, in order; the first begins with the sub-task, the others follow it
            without a gap.
        arm: number of the arm that did it, in the order of the set-up; the others stood still.
    """

    first: int
    end: int
    padding: int
    grasp: GraspRecord | None
    failed_tries: tuple[FailedTry, ...] = ()
    arm: int = 0

    @property
    def steps(self) -> range:
        """Its control steps."""
        return range(self.first, self.end)

    @property
    def final_steps(self) -> range:
        """The control steps of the try that succeeded."""
        return range(self.failed_tries[-1].end if self.failed_tries else self.first, self.end)


class Verification(Schema):
    """What was measured before the episode was accepted. Forces in newtons, lengths in metres.

    Attributes:
        goal: verdict of each goal relation at the end, of the alternative that was reached.
        alternative: number of that alternative.
        subgoals: for each sub-task, the verdicts of its own relations when it was done.
        max_foreign_force: greatest contact force between arm or hand and anything but the target of the moment.
        max_neighbor_shift: farthest that another body than its target moved during a sub-task.
        slip: greatest movement of a target in the hand between lift and release, of the grasps that succeeded.
        settle_shift: farthest that a target moved while the goal had to last.
    """

    goal: tuple[Verdict, ...]
    alternative: int = 0
    subgoals: tuple[tuple[Verdict, ...], ...]
    max_foreign_force: float
    max_neighbor_shift: float
    slip: float
    settle_shift: float


class AttemptMeta(Schema):
    """What is to be known of an attempt in which the arm moved, besides how it ended.

    Attributes:
        attempt: index of the attempt in its run; the episode's key.
        bodies: names of the bodies, in the order of `EpisodeRecord.object_pose`.
        joints: names of the moving parts ("cabinet/top drawer"), in the order of `EpisodeRecord.articulation`.
        layout: poses asked for by the solver (before settling).
        subtasks: how each sub-task that got done was done, in order; they follow each other without a gap.
        robot: the arm, or the arms of a set-up, by name or written out.
        disturbances: what was done to it on purpose, in order; a replay does the same.
    """

    attempt: int
    run_seed: int
    task: TaskSpec
    layout: Layout
    bodies: tuple[str, ...]
    joints: tuple[str, ...] = ()
    robot: str | RobotSetup
    rate: float
    timestep: float
    subtasks: tuple[SubTaskRecord, ...]
    disturbances: tuple[Disturbance, ...] = ()
    versions: dict[str, str]


class EpisodeMeta(AttemptMeta):
    """Everything about an episode that is not a trajectory; all of its sub-tasks got done.

    Attributes:
        settle_steps: control steps at the end in which the arm holds still.
    """

    verification: Verification
    settle_steps: int


@dataclass(frozen=True)
class EpisodeRecord:
    """Trajectories. State row t (of T + 1) is what was measured *before* command t (of T); row T is the end.

    With G arms, and J joints of one arm after another.

    Attributes:
        joint_position, joint_velocity: (T + 1, J) rad, rad/s.
        finger_position: (T + 1, G, 2) metres, distance of each finger from the middle plane of its jaw.
        tcp_pose: (T + 1, G, 7) x, y, z, qw, qx, qy, qz in the world.
        object_pose: (T + 1, N, 7) in the order of `meta.bodies`.
        articulation: (T + 1, A) joint values of moving parts, metres and radians, in the order of `meta.joints`.
        joint_command: (T, J) rad, the target to be reached by the end of step t.
        gripper_command: (T, G) 1 open, 0 closed.
        phase: (T,) int8, `Phase` of the arm at work.
        foreign_force: (T,) N, greatest contact force on arm or hand from anything but the target within the step.
        gripper_force: (T, G) N, sum of normal contact forces between fingers and target at the end of the step.

    The target is that of the sub-task under way.
    """

    meta: EpisodeMeta
    joint_position: NDArray[np.float64]
    joint_velocity: NDArray[np.float64]
    finger_position: NDArray[np.float64]
    tcp_pose: NDArray[np.float64]
    object_pose: NDArray[np.float64]
    articulation: NDArray[np.float64]
    joint_command: NDArray[np.float64]
    gripper_command: NDArray[np.float64]
    phase: NDArray[np.int8]
    foreign_force: NDArray[np.float32]
    gripper_force: NDArray[np.float32]

    @property
    def steps(self) -> int:
        """Number of commands, T."""
        return len(self.joint_command)

    @property
    def working_tcp_pose(self) -> NDArray[np.float64]:
        """Pose (T + 1, 7) of the TCP of the arm at work; the last row is that of the last arm that was."""
        at_work = np.zeros(len(self.tcp_pose), int)
        for done in self.meta.subtasks:
            at_work[done.first :] = done.arm
        return np.asarray(self.tcp_pose[np.arange(len(at_work)), at_work])

    def subtask_at(self, step: int) -> int:
        """Number of the sub-task under way at a control step; the last one's at the end."""
        return next((i for i, each in enumerate(self.meta.subtasks) if step < each.end), len(self.meta.subtasks) - 1)
