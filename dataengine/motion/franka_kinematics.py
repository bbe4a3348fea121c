"""Analytic inverse kinematics of a Franka arm."""

from __future__ import annotations

import itertools

import frankik
import numpy as np
from numpy.typing import ArrayLike

from assets_index.robot import RobotDescription
from assets_index.transforms import Array, inverse, rotation_z
from dataengine.motion.joint_limits import EXACT, LIMIT_MARGIN, MOST

FLANGE_TO_HAND_YAW = -np.pi / 4
FRANKIK_TCP_Z = 0.1034
"""frankik's forward kinematics ends at this TCP of the Franka hand, its inverse starts from the flange."""

TURNS = np.array([0.0, -0.04, 0.04, -0.09, 0.09])
"""Changes of the last joint, rad, with which the arm may go on to the next pose: as many as it takes to find `ROOM`."""

ROOM = 0.3
"""Distance of every joint from its limits, rad, with which a path goes on without looking for more."""

REDUNDANCY = np.linspace(-2.8, 2.8, 24)
"""Values of the last joint tried; each gives up to four solutions."""

COARSE, REST = REDUNDANCY[2::4], np.delete(REDUNDANCY, np.s_[2::4])
"""The same values in two parts, the first of which mostly answers whether there is any solution."""


class FrankaKinematics:
    """Closed-form inverse kinematics of a Franka arm for each value of its last joint.

    He and Liu, Analytical inverse kinematics for Franka Emika Panda (2021), as implemented by frankik.
    """

    def __init__(self, robot: RobotDescription) -> None:
        self._lower = np.array(robot.joint_lower) + LIMIT_MARGIN
        self._upper = np.array(robot.joint_upper) - LIMIT_MARGIN
        flange_to_hand = np.eye(4)
        flange_to_hand[:3, :3] = rotation_z(FLANGE_TO_HAND_YAW)
        self._tcp_to_flange = inverse(flange_to_hand @ robot.hand_to_tcp.matrix)
        flange_to_hand[2, 3] = FRANKIK_TCP_Z
        self._flange_to_frankik = flange_to_hand

    def solve(self, tcp: Array, near: ArrayLike) -> Array:
        """As `Kinematics.solve`."""
        return self._solutions(tcp, np.asarray(near, float), REDUNDANCY, MOST)

    def reaches(self, tcp: Array, near: ArrayLike) -> bool:
        """As `Kinematics.reaches`."""
        near = np.asarray(near, float)
        return any(len(self._solutions(tcp, near, angles, 1)) for angles in (COARSE, REST))

    def follow(self, tcp: Array, near: Array, reach: float = 0.35) -> Array | None:
        """As `Kinematics.follow`."""
        best, room = None, -np.inf
        for change in TURNS:
            solutions = self._solutions(tcp, near, near[6:] + change, 1)
            if not len(solutions) or np.abs(solutions[0] - near).max() >= reach:
                continue
            left = float(np.minimum(solutions[0] - self._lower, self._upper - solutions[0]).min())
            if left > room:
                best, room = np.asarray(solutions[0]), left
            if room > ROOM:
                break
        return best

    def _solutions(self, tcp: Array, near: Array, last_joint: Array, most: int) -> Array:
        flange = tcp @ self._tcp_to_flange
        found = np.concatenate([frankik.ik_full(flange, near, angle) for angle in last_joint])
        found = found[((found > self._lower) & (found < self._upper)).all(1)]  # where there is none, it is not a number
        found = found[np.argsort(np.abs(found - near).max(1), kind="stable")]
        reached = flange @ self._flange_to_frankik
        exact = (joints for joints in found if np.abs(frankik.fk(joints) - reached).max() < EXACT)
        return np.array(list(itertools.islice(exact, most))).reshape(-1, len(near))
