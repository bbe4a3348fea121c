"""One arm's planning in one scene: where it can go and when it gets there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from assets_index.transforms import Array
from dataengine.motion.bow import bowed, corners
from dataengine.motion.clearance import ClearanceModel
from dataengine.motion.joint_limits import LIMIT_MARGIN
from dataengine.motion.kinematics import mounted_kinematics
from dataengine.motion.path import joint_path, tcp_line, tcp_path
from dataengine.motion.timing import MotionLimits, timed
from dataengine.physics.simulation import Simulation

REACH_MARGIN = 0.006
"""Distance kept on joint paths, metres: more than the arm lags behind its commands."""


class ArmPlanner:
    """Kinematics, clearance and timing of one of a simulation's arms.

    Attributes:
        robot: what is known of the arm.
        clearance: the planner's picture of the scene.
        tempo: scale of this episode's motions, at most 1.

    Args:
        bow: spread of the sideways bends of free paths, as a share of their length; see `bowed`.
        arm: number of the arm; the others stand still.
    """

    def __init__(
        self,
        simulation: Simulation,
        target: str,
        limits: MotionLimits,
        rng: np.random.Generator,
        tempo: float = 1.0,
        bow: float = 0.0,
        arm: int = 0,
    ) -> None:
        mounted = simulation.arms[arm].mounted
        self.robot = mounted.robot
        self.clearance = ClearanceModel(simulation, target, arm)
        self.rng = rng
        self.tempo = tempo
        self._bow = bow
        self._limits = limits
        self._rate = simulation.settings.rate
        self._kinematics = mounted_kinematics(mounted)
        self._range = (np.array(self.robot.joint_lower) + LIMIT_MARGIN, np.array(self.robot.joint_upper) - LIMIT_MARGIN)

    def solutions(self, tcp: Array, near: Array) -> Array:
        """Joint configurations (S, J) that reach a TCP pose, nearest first."""
        return self._kinematics.solve(tcp, near)

    def path(self, start: Array, goal: Array) -> Array | None:
        """Free joint waypoints (K, J), or None. What could be a straight line is bent by chance, if there is room."""
        found = joint_path(self.clearance, start, goal, self._range, self.rng, REACH_MARGIN)
        if found is None or len(found) > 2 or self._bow == 0.0:
            return found
        bent = bowed(start, goal, self._bow, self.rng)
        return bent if self._within_limits(bent) and self._is_free(bent) else found

    def _within_limits(self, path: Array) -> bool:
        return bool(((path >= self._range[0]) & (path <= self._range[1]))[1:].all())

    def _is_free(self, path: Array) -> bool:
        pairs = itertools.pairwise(path)
        return all(self.clearance.is_free_between(first, second, REACH_MARGIN) for first, second in pairs)

    def line(self, joints: Array, start: Array, goal: Array, margin: float | None) -> Array | None:
        """Joint waypoints (K, J) of a straight TCP line; see `tcp_line`."""
        return tcp_line(self._kinematics, self.clearance, start, goal, joints, margin)

    def through(self, joints: Array, poses: Sequence[Array], margin: float | None) -> Array | None:
        """Joint waypoints (K + 1, J) through TCP poses; see `tcp_path`."""
        return tcp_path(self._kinematics, self.clearance, poses, joints, margin)

    def commands(self, path: Array, speed: float = 1.0) -> Array:
        """Joint commands (T, J) along a path, at rest at its corners."""
        pieces = [self.smooth(path[a : b + 1], speed) for a, b in itertools.pairwise(corners(path))]
        return np.concatenate(pieces) if pieces else np.empty((0, len(self.robot.joints)))

    def smooth(self, path: Array, speed: float = 1.0) -> Array:
        """Joint commands (T, J) along a finely sampled path without a stop."""
        return timed(path, self.robot, self._limits, self._rate, self.tempo * speed)
