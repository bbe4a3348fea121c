"""Does a grasp hold? Close the jaw on the asset, take its support away, and shake."""

from __future__ import annotations

from typing import NamedTuple

import mujoco
import numpy as np

from assets_index.asset import Asset
from assets_index.robot import RobotDescription
from assets_index.robot_setup import alone
from assets_index.transforms import Array, Pose, inverse
from dataengine.physics.jaw import Jaw
from dataengine.physics.model import BODY_PREFIX, build_model
from dataengine.physics.settings import PhysicsSettings
from scene_graph.placed import PlacedBody

GRAVITY = 9.81
CLOSING_TIME, SHAKING_TIME = 0.2, 0.6
GRAVITY_PERIOD = 0.01
SHAKE_GAIN = 0.4
"""Acceleration of the hand while shaken, in units of gravity."""

WIDEST_TILT = np.radians(70.0)


class Hold(NamedTuple):
    """How a grasp held: farthest movement of the centre of mass in the hand, metres, and the jaw's width at the end."""

    slip: float
    width: float


class ShakeTest:
    """Shakes one asset in the hand of an arm that stands still.

    The arm does not move: gravity does. In the frame of the hand that is the same thing, it needs no inverse
    kinematics, and every direction can be asked for.
    """

    def __init__(
        self, asset: Asset, hulls: tuple[Array, ...], robot: RobotDescription, physics: PhysicsSettings
    ) -> None:
        self._asset, self._robot = asset, robot
        self._model = build_model([PlacedBody(asset.id, asset, Pose(), hulls)], alone(robot), physics)
        self._model.opt.enableflags &= ~int(mujoco.mjtEnableBit.mjENBL_SLEEP)  # what sleeps does not feel gravity turn
        self._data = mujoco.MjData(self._model)
        self._joints = [self._model.joint(name).qposadr[0] for name in robot.joints]
        self._jaw = Jaw(self._model, robot)
        self._arm = [self._model.actuator(name).id for name in robot.arm_actuators]
        self._body = self._model.body(BODY_PREFIX + asset.id).id
        self._hand = self._model.body(robot.hand_body).id
        self._substeps = round(GRAVITY_PERIOD / physics.timestep)

    def hold(self, tcp: Array, width: float) -> Hold:
        """Grasp at a TCP pose in the asset frame (4, 4), with contacts `width` apart."""
        model, data = self._model, self._data
        widest = self._robot.jaw.max_opening
        finger = min(width / 2 + 0.002, widest / 2)
        self._place(tcp, finger)
        start, closed = self._jaw.control(finger), self._jaw.closed
        before = self._offset()
        for fraction in np.linspace(0.0, 1.0, round(CLOSING_TIME / GRAVITY_PERIOD)):
            data.ctrl[self._jaw.actuator] = start + (closed - start) * fraction
            mujoco.mj_step(model, data, self._substeps)
        gripped = self._offset()
        slip = 0.5 * float(np.linalg.norm(gripped - before))  # some self-centring is no fault
        steps = round(SHAKING_TIME / GRAVITY_PERIOD)
        for step in range(steps):
            model.opt.gravity[:] = self._gravity(step / steps)
            mujoco.mj_step(model, data, self._substeps)
            slip = max(slip, float(np.linalg.norm(self._offset() - gripped)))
            if slip > 0.05:
                break
        return Hold(slip, float(np.clip(self._jaw.finger_position(data.qpos).sum(), 0.0, widest)))

    def _place(self, tcp: Array, finger: float) -> None:
        """The arm at home, each finger `finger` metres from the middle, nothing moving, no gravity."""
        model, data, robot = self._model, self._data, self._robot
        mujoco.mj_resetData(model, data)
        model.opt.gravity[:] = 0.0
        data.qpos[self._joints] = data.ctrl[self._arm] = robot.home
        data.qpos[self._jaw.joints] = self._jaw.joint_positions(finger)
        data.ctrl[self._jaw.actuator] = self._jaw.control(finger)
        mujoco.mj_kinematics(model, data)
        hand = np.eye(4)
        hand[:3, :3] = data.xmat[self._hand].reshape(3, 3)
        hand[:3, 3] = data.xpos[self._hand]
        data.qpos[-7:] = Pose.from_matrix(hand @ robot.hand_to_tcp.matrix @ inverse(tcp)).vector
        mujoco.mj_forward(model, data)

    def _offset(self) -> Array:
        """Centre of mass of the asset in the hand frame, (3,)."""
        data = self._data
        return data.xmat[self._hand].reshape(3, 3).T @ (data.xipos[self._body] - data.xpos[self._hand])

    def _gravity(self, time: float) -> Array:
        """Gravity plus shaking at a time in 0..1: along the approach at first, then tilted all round."""
        tilt = WIDEST_TILT * np.sin(0.5 * np.pi * min(1.0, 2 * time))
        turn = 4 * np.pi * time
        shake = 1.0 + SHAKE_GAIN * np.sin(16 * np.pi * time)
        local = [np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)]
        return GRAVITY * shake * (self._data.xmat[self._hand].reshape(3, 3) @ local)
