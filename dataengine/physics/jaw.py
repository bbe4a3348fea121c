"""The jaw of a robot in a model: where its joints are when its fingers are somewhere, and what to command."""

from __future__ import annotations

import itertools

import mujoco
import numpy as np
from numpy.typing import ArrayLike

from assets_index.robot import RobotDescription
from assets_index.transforms import Array

GRIPPER_STIFFNESS = 2000.0
GRIPPER_DAMPING = 60.0
"""Of the position servo of fingers on slide joints, N/m and N s/m."""

OVERSHOOT = 1.25
"""Closed is commanded so far beyond shut that the actuator pushes with this multiple of its greatest force."""


class Jaw:
    """Joints and control of one model's jaw.

    A finger's position is its distance from the middle plane, metres: half the opening.

    Attributes:
        actuator: its index among the controls.
        joints: columns of `qpos` that move with the jaw.
        closed, opened: control values; closed so far beyond shut that the jaw always pushes with its full force.
    """

    def __init__(self, model: mujoco.MjModel, robot: RobotDescription) -> None:
        self._linkage = robot.linkage
        names = robot.finger_joints if robot.linkage is None else tuple(itertools.chain(*robot.linkage.joints))
        self.actuator = int(model.actuator(robot.gripper_actuator).id)
        self.joints = np.array([model.joint(name).qposadr[0] for name in names])
        self.closed, self.opened = gripper_range(robot)
        self._measured = np.array([model.joint(name).qposadr[0] for name in robot.finger_joints])

    def joint_positions(self, finger_position: ArrayLike) -> Array:
        """Values of `joints` with both fingers, or each of the two, at a position."""
        fingers = np.broadcast_to(np.asarray(finger_position, float), 2)
        if self._linkage is None:
            return fingers
        return np.repeat(self._linkage.angle(fingers), [len(side) for side in self._linkage.joints])

    def control(self, finger_position: float) -> float:
        """The control value that holds both fingers at a position."""
        if self._linkage is None:
            return finger_position
        return self._linkage.drive_ratio * float(self._linkage.angle(np.array(finger_position)))

    def finger_position(self, qpos: Array) -> Array:
        """Where the fingers are, (2,), at generalized positions."""
        measured = qpos[self._measured]
        return measured if self._linkage is None else self._linkage.half_opening(measured)


def gripper_range(robot: RobotDescription) -> tuple[float, float]:
    """Control values for closed and open: metres of one finger's travel, or what turns its linkage."""
    stiffness, _, force = gripper_servo(robot)
    if robot.linkage is None:
        return -OVERSHOOT * force / stiffness, robot.jaw.max_opening / 2
    shut, opened = robot.linkage.angle(np.array([0.0, robot.jaw.max_opening / 2])) * robot.linkage.drive_ratio
    return float(shut + OVERSHOOT * force / stiffness), float(opened)


def gripper_servo(robot: RobotDescription) -> tuple[float, float, float]:
    """Stiffness, damping and greatest force of the gripper's position servo, in units of its control."""
    if robot.linkage is None:
        return GRIPPER_STIFFNESS, GRIPPER_DAMPING, 2 * robot.gripper_force
    linkage = robot.linkage  # by virtual work, where the lever is longest
    return linkage.stiffness, linkage.damping, 2 * robot.gripper_force * linkage.radius / linkage.drive_ratio
