"""What a number in an action means. The same specification travels with shards, checkpoints and the controller."""

from __future__ import annotations

from typing import Literal

from assets_index.robot_setup import RobotSetup
from assets_index.robots import arms
from assets_index.schema import Schema


class ActionSpec(Schema):
    """An action vector: one entry per name, those of all arms' joints first, then one for each gripper.

    Joint entries are `command[t] - joint_position[t]` in radians: the joint target commanded during control step t,
    relative to the measured state at its start. A gripper's entry is 1 for open and 0 for closed.

    Attributes:
        mode: what this engine makes and carries out are joint deltas. Data of others may have end-effector deltas: how
            far position and rotation vector of the TCP are to move during a control step, in the units that are named.
        rate: control steps a second.
        chunk: actions predicted at once.
    """

    mode: Literal["joint_delta", "end_effector_delta"] = "joint_delta"
    robot: str | RobotSetup = "franka_panda"
    names: tuple[str, ...] = (*(f"joint{i}" for i in range(1, 8)), "gripper")
    units: tuple[str, ...] = (*("rad" for _ in range(7)), "open")
    gripper_indices: tuple[int, ...] = (7,)
    rate: float = 20.0
    chunk: int = 16


def action_spec(robot: str | RobotSetup, rate: float) -> ActionSpec:
    """The actions of an arm or a set-up: an entry for each joint of one arm after another, then each arm's gripper."""
    setup = arms(robot)
    joints = [name for arm in setup for name in arm.prefixed.joints]
    grippers = [f"{arm.prefix}gripper" for arm in setup]
    return ActionSpec(
        robot=robot,
        names=(*joints, *grippers),
        units=(*("rad" for _ in joints), *("open" for _ in grippers)),
        gripper_indices=tuple(range(len(joints), len(joints) + len(grippers))),
        rate=rate,
    )
