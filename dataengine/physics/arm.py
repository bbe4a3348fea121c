"""One arm in a compiled model: where its joints, its jaw and its hand are."""

from __future__ import annotations

import mujoco
import numpy as np

from assets_index.robot_setup import MountedArm
from assets_index.transforms import Array
from dataengine.physics.jaw import Jaw

LAST_ROW = (0.0, 0.0, 0.0, 1.0)
"""Of every rigid transform."""


class Arm:
    """Indices of one of a model's arms.

    Attributes:
        mounted: the arm and where it stands.
        robot: what is known of it, by the names in the model.
        columns: of its joints among those of all arms.
        joints, dofs: of its joints in `qpos` and `qvel`; actuators: among the controls.
        jaw: its gripper.
        hand: id of its hand's body; links: ids of all of its bodies.
    """

    def __init__(self, model: mujoco.MjModel, mounted: MountedArm, first: int) -> None:
        self.mounted, self.robot = mounted, (robot := mounted.prefixed)
        self.columns = slice(first, first + len(robot.joints))
        self.joints = np.array([model.joint(name).qposadr[0] for name in robot.joints])
        self.dofs = np.array([model.joint(name).dofadr[0] for name in robot.joints])
        self.actuators = np.array([model.actuator(name).id for name in robot.arm_actuators])
        self.jaw = Jaw(model, robot)
        self.hand = int(model.body(robot.hand_body).id)
        self.links = np.flatnonzero(model.body_rootid == model.body_rootid[model.body(robot.base_body).id])
        self._hand_to_tcp = robot.hand_to_tcp.matrix

    def tcp(self, data: mujoco.MjData) -> Array:
        """T_world_tcp, (4, 4), where the hand's frame is now."""
        hand = np.empty((4, 4))
        hand[:3, :3] = data.xmat[self.hand].reshape(3, 3)
        hand[:3, 3] = data.xpos[self.hand]
        hand[3] = LAST_ROW
        return np.asarray(hand @ self._hand_to_tcp)

    def tcp_pose(self, data: mujoco.MjData) -> Array:
        """The same as x, y, z, qw, qx, qy, qz."""
        tcp, pose = self.tcp(data), np.empty(7)
        pose[:3] = tcp[:3, 3]
        mujoco.mju_mat2Quat(pose[3:], tcp[:3, :3].ravel())
        return pose


def arms_in(model: mujoco.MjModel, arms: tuple[MountedArm, ...]) -> tuple[Arm, ...]:
    """Every arm of a set-up in its model, in order."""
    firsts = np.cumsum([0, *(len(arm.robot.joints) for arm in arms)])
    return tuple(Arm(model, arm, int(first)) for arm, first in zip(arms, firsts[:-1], strict=True))
