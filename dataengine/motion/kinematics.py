"""Inverse kinematics: which joint angles bring the TCP to a pose."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from numpy.typing import ArrayLike

from assets_index.robot import RobotDescription
from assets_index.robot_setup import MountedArm
from assets_index.transforms import Array, inverse
from dataengine.motion.franka_kinematics import FrankaKinematics
from dataengine.motion.six_axis_kinematics import SixAxisKinematics


class Kinematics(Protocol):
    """What motion planning asks of an arm."""

    def solve(self, tcp: Array, near: ArrayLike) -> Array:
        """Joint angles that bring the TCP to a pose, the nearest (greatest joint difference) first.

        Args:
            tcp: T_base_tcp (4, 4); T_world_tcp for `mounted_kinematics`.
            near: (J,) joint angles to stay close to, rad.

        Returns:
            (S, J) within the joint limits; S is 0 to `MOST`.
        """
        ...

    def reaches(self, tcp: Array, near: ArrayLike) -> bool:
        """Whether `solve` has any solution; much cheaper."""
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


class _Mounted:
    """Kinematics whose TCP poses are in the world, of an arm that stands elsewhere than at its origin."""

    def __init__(self, arm: MountedArm) -> None:
        self._kinematics, self._world_to_base = kinematics(arm.robot), inverse(arm.base.matrix)

    def solve(self, tcp: Array, near: ArrayLike) -> Array:
        """As `Kinematics.solve`."""
        return self._kinematics.solve(self._world_to_base @ tcp, near)

    def reaches(self, tcp: Array, near: ArrayLike) -> bool:
        """As `Kinematics.reaches`."""
        return self._kinematics.reaches(self._world_to_base @ tcp, near)

    def follow(self, tcp: Array, near: Array, reach: float = 0.35) -> Array | None:
        """As `Kinematics.follow`."""
        return self._kinematics.follow(self._world_to_base @ tcp, near, reach)


@lru_cache(maxsize=8)
def mounted_kinematics(arm: MountedArm) -> Kinematics:
    """The inverse kinematics of an arm where it stands.

    Raises:
        UnsupportedRobot: as `kinematics`.
    """
    return kinematics(arm.robot) if arm.at_origin else _Mounted(arm)
