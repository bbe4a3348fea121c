"""What the engine knows of a robot arm with a parallel gripper.

A second arm is a second `RobotDescription`; nothing else in the engine names a robot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from assets_index.asset import Source
from assets_index.schema import Schema
from assets_index.transforms import Pose, Vec3


class JawBox(Schema):
    """An axis-aligned box in the TCP frame: centre and half size in metres."""

    center: Vec3
    half: Vec3


class JawGeometry(Schema):
    """Gripper geometry as boxes in the TCP frame (z approach, y closing).

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


class RobotDescription(Schema):
    """One arm with a parallel gripper.

    Attributes:
        name: e.g. "franka_panda".
        mjcf: absolute path of the MJCF file inside an installed package.
        base_body, flange_body, hand_body: body names; finger_bodies: the two fingers.
        joints: arm joint names from base to flange; finger_joints: slide joints of the fingers.
        arm_actuators, gripper_actuator: actuator names.
        home: joint angles at rest, rad.
        joint_lower, joint_upper: limits, rad; velocity, acceleration, jerk: limits per joint, rad/s, /s^2, /s^3.
        hand_to_tcp: pose of the TCP (midpoint between the finger pads; z approach, y closing) in the hand body frame.
        pad_geom_classes: MJCF default classes of the geoms that make up the finger pads.
        gripper_force: force of each finger, N.
        ik: which solver serves the arm.
        velocity_gain: kv / kp of the arm's position servos, s; the feed-forward that cancels their lag.
    """

    name: str
    mjcf: Path
    base_body: str
    flange_body: str
    hand_body: str
    finger_bodies: tuple[str, str]
    joints: tuple[str, ...]
    finger_joints: tuple[str, str]
    arm_actuators: tuple[str, ...]
    gripper_actuator: str
    home: tuple[float, ...]
    joint_lower: tuple[float, ...]
    joint_upper: tuple[float, ...]
    velocity: tuple[float, ...]
    acceleration: tuple[float, ...]
    jerk: tuple[float, ...]
    hand_to_tcp: Pose
    jaw: JawGeometry
    pad_geom_classes: tuple[str, ...]
    gripper_force: float
    ik: Literal["franka_analytic", "mink"]
    velocity_gain: float
    source: Source
