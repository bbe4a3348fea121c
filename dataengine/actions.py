"""What a number in an action means. The same specification travels with shards, checkpoints and the controller."""

from __future__ import annotations

from typing import Literal

from assets_index.robot import RobotDescription
from assets_index.schema import Schema


class ActionSpec(Schema):
    """An action vector: one entry per name.

    Joint entries are `command[t] - joint_position[t]` in radians: the joint target commanded during control step t,
    relative to the measured state at its start. The gripper entry is 1 for open and 0 for closed.

    Attributes:
        rate: control steps a second.
        chunk: actions predicted at once.
    """

    mode: Literal["joint_delta"] = "joint_delta"
    robot: str = "franka_panda"
    names: tuple[str, ...] = (*(f"joint{i}" for i in range(1, 8)), "gripper")
    units: tuple[str, ...] = (*("rad" for _ in range(7)), "open")
    gripper_index: int = 7
    rate: float = 20.0
    chunk: int = 16


def action_spec(robot: RobotDescription, rate: float) -> ActionSpec:
    """The actions of a robot: an entry for each of its joints, then the gripper's."""
    joints = len(robot.joints)
    return ActionSpec(
        robot=robot.name,
        names=(*robot.joints, "gripper"),
        units=(*("rad" for _ in range(joints)), "open"),
        gripper_index=joints,
        rate=rate,
    )
