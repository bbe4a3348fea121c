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

NEWTON_STEPS = 8
NEWTON_EXACT = 1e-9
"""Greatest error, metres and rad, at which Newton's method ends; it is quadratic, so this costs no step more."""


class SixAxisKinematics:
    """Every closed-form solution of a six-axis arm, from the joint axes of its model.

    By subproblem decomposition: Elias and Wen, IK-Geo: unified robot inverse kinematics using subproblem decomposition
    (2025), as implemented by ssik. One close by is found faster by Newton's method.
    """

    def __init__(self, robot: RobotDescription) -> None:
        self._lower = np.array(robot.joint_lower) + LIMIT_MARGIN
        self._upper = np.array(robot.joint_upper) - LIMIT_MARGIN
        self._chain = _Chain(robot)
        axes, offsets, zero = self._chain.at_zero()
        self._arm = _manipulator(robot, axes, offsets)
        self._tcp_to_tip = inverse(zero)

    def solve(self, tcp: Array, near: ArrayLike) -> Array:
        """As `Kinematics.solve`."""
        near = np.asarray(near, float)
        found = self._solutions(tcp, near)
        inside = found[((found > self._lower) & (found < self._upper)).all(1)]
        return np.asarray(inside[np.argsort(np.abs(inside - near).max(1), kind="stable")][:MOST])

    def reaches(self, tcp: Array, near: ArrayLike) -> bool:
        """As `Kinematics.reaches`."""
        return len(self.solve(tcp, near)) > 0

    def follow(self, tcp: Array, near: Array, reach: float = 0.35) -> Array | None:
        """As `Kinematics.follow`."""
        joints = self._chain.newton(tcp, near)
        if joints is None:  # near a singularity
            solutions = self.solve(tcp, near)
            joints = solutions[0] if len(solutions) else None
        if joints is None or np.abs(joints - near).max() >= reach:
            return None
        return joints if np.all((joints > self._lower) & (joints < self._upper)) else None

    def _solutions(self, tcp: Array, near: Array) -> Array:
        """Solutions (S, 6), each joint at that of its turns within the limits that is nearest to `near`."""
        found = self._arm.solve(tcp @ self._tcp_to_tip, respect_limits=False, enumerate_windings=False)
        joints = np.array([each.q for each in found if each.fk_residual < EXACT]).reshape(-1, len(near))
        joints = near + (joints - near + np.pi) % TURN - np.pi
        joints = np.where(joints > self._upper, joints - TURN, joints)
        return np.where(joints < self._lower, joints + TURN, joints)


class _Chain:
    """Forward kinematics of the arm's model: its joints and the TCP."""

    def __init__(self, robot: RobotDescription) -> None:
        self._model = kinematic_model(robot)
        self._data = mujoco.MjData(self._model)
        self._qpos = [int(self._model.joint(name).qposadr[0]) for name in robot.joints]
        self._dofs = [int(self._model.joint(name).dofadr[0]) for name in robot.joints]
        self._joints = [int(self._model.joint(name).id) for name in robot.joints]
        self._hand = int(self._model.body(robot.hand_body).id)
        self._hand_to_tcp = robot.hand_to_tcp.matrix
        self._jacobian = np.zeros((6, self._model.nv))

    def _tcp(self, joints: Array) -> Array:
        self._data.qpos[self._qpos] = joints
        mujoco.mj_kinematics(self._model, self._data)
        hand = np.eye(4)
        hand[:3, :3], hand[:3, 3] = self._data.xmat[self._hand].reshape(3, 3), self._data.xpos[self._hand]
        return hand @ self._hand_to_tcp

    def at_zero(self) -> tuple[Array, Array, Array]:
        """Joint axes (6, 3), offsets from joint to joint and on to the TCP (7, 3), and the TCP's rotation, all at zero.

        The rotation is a pose (4, 4) without a translation.
        """
        tcp = self._tcp(np.zeros(len(self._qpos)))
        anchors = np.vstack([np.zeros(3), self._data.xanchor[self._joints], tcp[:3, 3]])
        tcp[:3, 3] = 0.0
        return self._data.xaxis[self._joints].copy(), np.diff(anchors, axis=0), tcp

    def newton(self, tcp: Array, near: Array) -> Array | None:
        """The root that Newton's method finds from `near`, or None if it finds none in a few steps."""
        joints = np.array(near, float)
        for _ in range(NEWTON_STEPS):
            now = self._tcp(joints)
            turn = tcp[:3, :3] @ now[:3, :3].T
            skew = 0.5 * (turn - turn.T)  # of a small rotation, its vector as a cross product
            error = np.array([*(tcp[:3, 3] - now[:3, 3]), skew[2, 1], skew[0, 2], skew[1, 0]])
            if np.abs(error).max() < NEWTON_EXACT and turn[0, 0] + turn[1, 1] + turn[2, 2] > 2.0:
                return joints
            mujoco.mj_comPos(self._model, self._data)
            mujoco.mj_jac(
                self._model,
                self._data,
                self._jacobian[:3],
                self._jacobian[3:],
                np.ascontiguousarray(now[:3, 3]),
                self._hand,
            )
            try:
                joints = joints + np.linalg.solve(self._jacobian[:, self._dofs], error)
            except np.linalg.LinAlgError:
                return None
        return None


def _manipulator(robot: RobotDescription, axes: Array, offsets: Array) -> Any:
    if len(robot.joints) != 6:
        raise UnsupportedRobot(f"{robot.name}: closed-form inverse kinematics need six joints, not {len(robot.joints)}")
    try:
        import ssik
    except ImportError as error:
        install = "pip install 'st4vla-dataengine[arms]'"
        raise UnsupportedRobot(f"{robot.name}: its inverse kinematics need ssik: {install}") from error
    return ssik.Manipulator.from_axes(axes, offsets)
