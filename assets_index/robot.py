"""What the engine knows of a robot arm with a parallel gripper.

A second arm is a second `RobotDescription`; nothing else in the engine names a robot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from assets_index.asset import Source
from assets_index.schema import Schema
from assets_index.transforms import Array, Pose, Vec3


class JawBox(Schema):
    """An axis-aligned box in the TCP frame: centre and half size in metres."""

    center: Vec3
    half: Vec3


class JawGeometry(Schema):
    """Gripper geometry as boxes in the TCP frame (z approach, y closing).

    Where fingers do not move in a straight line, the boxes are so large that they hold them at every opening.

    Attributes:
        palm: boxes around the hand body.
        finger: boxes around the finger on the +y side when the jaw is closed; it moves along y by half the opening, and
            the other finger is its mirror image.
        pad: the part of a finger that is meant to touch, jaw closed, on the +y side.
        max_opening: widest distance between the pads.
    """

    palm: tuple[JawBox, ...]
    finger: tuple[JawBox, ...]
    pad: JawBox
    max_opening: float

    @property
    def pad_breadth(self) -> float:
        """Of a pad, across the closing direction, metres."""
        return 2.0 * self.pad.half[0]


class Linkage(Schema):
    """Two fingers on parallelograms: a turn of q of the driver turns every joint of its finger by q.

    Half the opening is `offset + radius * sin(phase - q)`.

    Attributes:
        joints: for each finger the joints that turn with it, its driver among them.
        offset, radius: metres; phase: rad.
        drive_ratio: control value of the gripper's actuator for each rad of the drivers.
        stiffness, damping: of the servo that turns them, N m and N m s for each unit of the control.
    """

    joints: tuple[tuple[str, ...], tuple[str, ...]]
    offset: float
    radius: float
    phase: float
    drive_ratio: float
    stiffness: float
    damping: float

    def angle(self, half_opening: Array) -> Array:
        """Angles of the joints, rad, at a finger's distance from the middle plane, metres."""
        return self.phase - np.arcsin(np.clip((half_opening - self.offset) / self.radius, -1.0, 1.0))

    def half_opening(self, angle: Array) -> Array:
        """A finger's distance from the middle plane, metres, at an angle of its driver, rad."""
        return self.offset + self.radius * np.sin(self.phase - angle)


class GripperMount(Schema):
    """A gripper with a file of its own, bolted to a site of the arm.

    Attributes:
        mjcf: absolute path of the MJCF file inside an installed package.
        site: of the arm; the gripper's frame comes to lie on it.
        prefix: before every name of the gripper, so that none is there twice.
    """

    mjcf: Path
    site: str
    prefix: str


class RobotDescription(Schema):
    """One arm with a parallel gripper.

    Attributes:
        name: e.g. "franka_panda".
        mjcf: absolute path of the MJCF file inside an installed package.
        gripper: the gripper, where it is not in the arm's own file.
        base_yaw: turn of the base about the vertical, rad, that makes the arm look along x.
        base_body, flange_body, hand_body: body names; finger_bodies: what of the two fingers may touch the target.
        mounted_bodies: links so close to the table that the arm stands on that contact between the two is no collision.
        joints: arm joint names from base to flange.
        finger_joints: for each finger the joint that tells where it is: its slide joint, or the driver of its linkage.
        linkage: how the fingers move, if not on slide joints.
        arm_actuators, gripper_actuator: actuator names.
        home: joint angles at rest, rad.
        joint_lower, joint_upper: limits, rad; velocity, acceleration, jerk: limits per joint, rad/s, /s^2, /s^3.
        hand_to_tcp: pose of the TCP (midpoint between the finger pads; z approach, y closing) in the hand body frame.
        hand_to_mount: frame in which cameras on the hand are mounted, if not the hand's own: as the TCP, 0.1034 m
            behind it, so that a camera sees the same of every gripper.
        pad_geom_classes: MJCF default classes of the geoms that make up the finger pads.
        gripper_force: force of each finger, N.
        ik: which solver serves the arm.
        velocity_gain: kv / kp of the arm's position servos, s; the feed-forward that cancels their lag.
    """

    name: str
    mjcf: Path
    gripper: GripperMount | None = None
    base_yaw: float = 0.0
    base_body: str
    flange_body: str
    hand_body: str
    finger_bodies: tuple[str, ...]
    mounted_bodies: tuple[str, ...] = ()
    joints: tuple[str, ...]
    finger_joints: tuple[str, str]
    linkage: Linkage | None = None
    arm_actuators: tuple[str, ...]
    gripper_actuator: str
    home: tuple[float, ...]
    joint_lower: tuple[float, ...]
    joint_upper: tuple[float, ...]
    velocity: tuple[float, ...]
    acceleration: tuple[float, ...]
    jerk: tuple[float, ...]
    hand_to_tcp: Pose
    hand_to_mount: Pose | None = None
    jaw: JawGeometry
    pad_geom_classes: tuple[str, ...]
    gripper_force: float
    ik: Literal["franka_analytic", "ssik"]
    velocity_gain: float
    source: Source

    def prefixed(self, prefix: str) -> RobotDescription:
        """The same arm in a model in which its bodies, joints and actuators have a prefix before their names."""
        if not prefix:
            return self

        def renamed(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(prefix + name for name in names)

        linkage = self.linkage
        if linkage is not None:
            linkage = linkage.model_copy(update={"joints": tuple(renamed(side) for side in linkage.joints)})
        one = {name: prefix + getattr(self, name) for name in _NAMES}
        several = {name: renamed(getattr(self, name)) for name in _NAME_LISTS}
        return self.model_copy(update={**one, **several, "linkage": linkage})


_NAMES = ("base_body", "flange_body", "hand_body", "gripper_actuator")
_NAME_LISTS = ("finger_bodies", "mounted_bodies", "joints", "finger_joints", "arm_actuators")
"""What of a description names an element of the robot's files."""
