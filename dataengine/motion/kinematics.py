"""Inverse kinematics: which joint angles bring the TCP to a pose."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from numpy.typing import ArrayLike

from assets_index.robot import RobotDescription
from assets_index.transforms import Array
from dataengine.motion.franka_kinematics import FrankaKinematics
from dataengine.motion.six_axis_kinematics import SixAxisKinematics


class Kinematics(Protocol):
    """What motion planning asks of an arm."""

    def solve(self, tcp: Array, near: ArrayLike) -> Array:
        """Joint angles that bring the TCP to a pose, the nearest (greatest joint difference) first.

        Args:
            tcp: T_world_tcp (4, 4).
            near: (J,) joint angles to stay close to, rad.

        Returns:
            (S, J) within the joint limits; S is 0 to `MOST`.
        """
        ...

    def follow(self, tcp: Array, near: Array, reach: float = 0.35) -> Array | None:
        """The one solution that continues from `near` without any joint moving farther than `reach` rad, or None."""
        ...


@lru_cache(maxsize=8)
def kinematics(robot: RobotDescription) -> Kinematics:
    """The inverse kinematics that serve a robot.

    Raises:
        UnsupportedRobot: if the package that they need is not installed, or the arm has no such solution.
    """
    solver = FrankaKinematics if robot.ik == "franka_analytic" else SixAxisKinematics
    return solver(robot)
