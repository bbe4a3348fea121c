"""One arm's planning in one scene: where it can go and when it gets there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.transforms import Array
from dataengine.motion.clearance import ClearanceModel
from dataengine.motion.joint_limits import LIMIT_MARGIN
from dataengine.motion.kinematics import kinematics
from dataengine.motion.path import joint_path, tcp_line, tcp_path
from dataengine.motion.timing import MotionLimits, timed
from dataengine.physics.simulation import Simulation

REACH_MARGIN = 0.006
"""Distance kept on joint paths, metres: more than the arm lags behind its commands."""


class ArmPlanner:
    """Kinematics, clearance and timing of a simulation's arm.

    Attributes:
        clearance: the planner's picture of the scene.
        tempo: scale of this episode's motions, at most 1.
    """

    def __init__(
        self, simulation: Simulation, target: str, limits: MotionLimits, rng: np.random.Generator, tempo: float = 1.0
    ) -> None:
        self.robot = simulation.robot
        self.clearance = ClearanceModel(simulation, target)
        self.rng = rng
        self.tempo = tempo
        self._limits = limits
        self._rate = simulation.settings.rate
        self._kinematics = kinematics(self.robot)
        self._range = (np.array(self.robot.joint_lower) + LIMIT_MARGIN, np.array(self.robot.joint_upper) - LIMIT_MARGIN)

    def solutions(self, tcp: Array, near: Array) -> Array:
        """Joint configurations (S, J) that reach a TCP pose, nearest first."""
        return self._kinematics.solve(tcp, near)

    def path(self, start: Array, goal: Array) -> Array | None:
        """Free joint waypoints (K, J), or None."""
        return joint_path(self.clearance, start, goal, self._range, self.rng, REACH_MARGIN)

    def line(self, joints: Array, start: Array, goal: Array, margin: float | None) -> Array | None:
        """Joint waypoints (K, J) of a straight TCP line; see `tcp_line`."""
        return tcp_line(self._kinematics, self.clearance, start, goal, joints, margin)

    def through(self, joints: Array, poses: Sequence[Array], margin: float | None) -> Array | None:
        """Joint waypoints (K + 1, J) through TCP poses; see `tcp_path`."""
        return tcp_path(self._kinematics, self.clearance, poses, joints, margin)

    def commands(self, path: Array, speed: float = 1.0) -> Array:
        """Joint commands (T, J) along straight pieces between waypoints, at rest at each."""
        pieces = [self.smooth(path[i : i + 2], speed) for i in range(len(path) - 1)]
        return np.concatenate(pieces) if pieces else np.empty((0, len(self.robot.joints)))

    def smooth(self, path: Array, speed: float = 1.0) -> Array:
        """Joint commands (T, J) along a finely sampled path without a stop."""
        return timed(path, self.robot, self._limits, self._rate, self.tempo * speed)
