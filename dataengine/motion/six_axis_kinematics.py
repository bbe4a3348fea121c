"""Inverse kinematics of an arm with six revolute joints."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
from numpy.typing import ArrayLike

from assets_index.robot import RobotDescription
from assets_index.robot_model import kinematic_model
from assets_index.transforms import Array, inverse
from dataengine.motion.joint_limits import EXACT, LIMIT_MARGIN, MOST
from dataengine.physics.errors import UnsupportedRobot

TURN = 2 * np.pi


class SixAxisKinematics:
    """Every closed-form solution of a six-axis arm, from the joint axes of its model.

    By subproblem decomposition: Elias and Wen, IK-Geo: unified robot inverse kinematics using subproblem decomposition
    (2025), as implemented by ssik.
    """

    def __init__(self, robot: RobotDescription) -> None:
        self._lower = np.array(robot.joint_lower) + LIMIT_MARGIN
        self._upper = np.array(robot.joint_upper) - LIMIT_MARGIN
        axes, offsets, zero = _chain(robot)
        self._arm = _manipulator(robot, axes, offsets)
        self._tcp_to_tip = inverse(zero)

    def solve(self, tcp: Array, near: ArrayLike) -> Array:
        """As `Kinematics.solve`."""
        near = np.asarray(near, float)
        found = self._solutions(tcp, near)
        inside = found[((found > self._lower) & (found < self._upper)).all(1)]
        return np.asarray(inside[np.argsort(np.abs(inside - near).max(1), kind="stable")][:MOST])

    def follow(self, tcp: Array, near: Array, reach: float = 0.35) -> Array | None:
        """As `Kinematics.follow`."""
        solutions = self.solve(tcp, near)
        return solutions[0] if len(solutions) and np.abs(solutions[0] - near).max() < reach else None

    def _solutions(self, tcp: Array, near: Array) -> Array:
        """Solutions (S, 6), each joint at that of its turns within the limits that is nearest to `near`."""
        found = self._arm.solve(tcp @ self._tcp_to_tip, respect_limits=False, enumerate_windings=False)
        joints = np.array([each.q for each in found if each.fk_residual < EXACT]).reshape(-1, len(near))
        joints = near + (joints - near + np.pi) % TURN - np.pi
        joints = np.where(joints > self._upper, joints - TURN, joints)
        return np.where(joints < self._lower, joints + TURN, joints)


def _chain(robot: RobotDescription) -> tuple[Array, Array, Array]:
    """Joint axes (6, 3), offsets from joint to joint and on to the TCP (7, 3), and the TCP's rotation, all at zero.

    The rotation is a pose (4, 4) without a translation.
    """
    model = kinematic_model(robot)
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    joints = [model.joint(name).id for name in robot.joints]
    hand = np.eye(4)
    hand[:3, :3], hand[:3, 3] = data.body(robot.hand_body).xmat.reshape(3, 3), data.body(robot.hand_body).xpos
    tcp = hand @ robot.hand_to_tcp.matrix
    anchors = np.vstack([np.zeros(3), data.xanchor[joints], tcp[:3, 3]])
    tcp[:3, 3] = 0.0
    return data.xaxis[joints].copy(), np.diff(anchors, axis=0), tcp


def _manipulator(robot: RobotDescription, axes: Array, offsets: Array) -> Any:
    if len(robot.joints) != 6:
        raise UnsupportedRobot(f"{robot.name}: closed-form inverse kinematics need six joints, not {len(robot.joints)}")
    try:
        import ssik
    except ImportError as error:
        install = "pip install 'st4vla-dataengine[arms]'"
        raise UnsupportedRobot(f"{robot.name}: its inverse kinematics need ssik: {install}") from error
    return ssik.Manipulator.from_axes(axes, offsets)
