"""Arms on one table: which ones, and where each of them stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pydantic import Field, field_validator

from assets_index.robot import RobotDescription
from assets_index.schema import Schema
from assets_index.transforms import Pose, Vec3

GRIPPER = "the gripper"
"""How one speaks of the gripper of an arm that is alone."""


class ArmMount(Schema):
    """One arm of a set-up, as it is configured.

    Attributes:
        name: stands before the names of its links and joints, e.g. "left".
        robot: name of its description, e.g. "franka_panda".
        position: of its base in the world, metres.
        yaw: turn of the base about the vertical, rad; at 0 the arm looks along x.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    robot: str = "franka_panda"
    position: Vec3 = (0.0, 0.0, 0.0)
    yaw: float = 0.0


class RobotSetup(Schema):
    """Independent arms on one table, the first of them being number 0."""

    arms: tuple[ArmMount, ...] = Field(min_length=1)

    @field_validator("arms")
    @classmethod
    def _check_names(cls, value: tuple[ArmMount, ...]) -> tuple[ArmMount, ...]:
        name, count = Counter(arm.name for arm in value).most_common(1)[0]
        if count > 1:
            raise ValueError(f"two arms are named {name!r}: give each its own name")
        return value


@dataclass(frozen=True)
class MountedArm:
    """An arm where it stands.

    Attributes:
        name: of the arm in its set-up; empty for an arm that is alone.
        robot: what is known of it, by the names in its files.
        base: T_world_base.
    """

    name: str
    robot: RobotDescription
    base: Pose

    @property
    def prefix(self) -> str:
        """Before the names of its links, joints and actuators wherever other arms are, too."""
        return f"{self.name}/" if self.name else ""

    @property
    def gripper(self) -> str:
        """How one speaks of its gripper: "the left gripper", or "the gripper" of an arm that is alone."""
        return " ".join(["the", *self.name.split("_"), "gripper"]) if self.name else GRIPPER

    @cached_property
    def prefixed(self) -> RobotDescription:
        """What is known of it, by the names in a model of the whole set-up."""
        return self.robot.prefixed(self.prefix)

    @property
    def at_origin(self) -> bool:
        """Whether its base frame is the world's."""
        return self.base == Pose()


def alone(robot: RobotDescription) -> tuple[MountedArm, ...]:
    """The set-up of one arm, at the world's origin."""
    return (MountedArm("", robot, Pose()),)


def mounted(mount: ArmMount, robot: RobotDescription) -> MountedArm:
    """An arm that stands where its mount says."""
    half = mount.yaw / 2
    return MountedArm(
        mount.name,
        robot,
        Pose(position=mount.position, quaternion=(float(np.cos(half)), 0.0, 0.0, float(np.sin(half)))),
    )
