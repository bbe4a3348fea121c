"""What the robot touches, read at every integrator step for next to nothing."""

from __future__ import annotations

import mujoco
import numpy as np

from assets_index.robot import RobotDescription
from dataengine.physics.model import BODY_PREFIX, TARGET_SENSOR, TOUCH_SENSOR


class RobotContacts:
    """Forces between the robot and the rest of the scene.

    Two sensors count, in C, the robot's contacts with anything and with the target. Only when they differ, which is
    rare, is the list of contacts looked at.
    """

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, robot: RobotDescription, target: str | None) -> None:
        self._model, self._data = model, data
        self._body_of_geom = model.geom_bodyid
        base = model.body(robot.base_body).id
        self._is_robot = model.body_rootid == model.body_rootid[base]
        self._is_finger = np.isin(np.arange(model.nbody), [model.body(name).id for name in robot.finger_bodies])
        self._target = -1
        self._touch = None if target is None else int(model.sensor(TOUCH_SENSOR).adr[0])
        self._touch_target = None if target is None else int(model.sensor(TARGET_SENSOR).adr[0])
        if target is not None:
            self.retarget(target)
        self._wrench = np.zeros(6)
        self.begin()

    def retarget(self, target: str) -> None:
        """From now on another body may be touched. Needs a model that was built with a target."""
        self._target = self._model.body(BODY_PREFIX + target).id
        self._model.sensor_refid[self._model.sensor(TARGET_SENSOR).id] = self._target

    def begin(self) -> None:
        """Forget what was touched."""
        self.foreign = 0.0
        self.touched: str | None = None

    def watch(self, steps: int) -> None:
        """Take integrator steps and keep the greatest foreign force."""
        model, data = self._model, self._data
        if self._touch is None:
            mujoco.mj_step(model, data, steps)
            return
        counts = data.sensordata
        for _ in range(steps):
            mujoco.mj_step(model, data)
            if counts[self._touch] != counts[self._touch_target]:
                self._read_foreign()

    def _read_foreign(self) -> None:
        force: dict[int, float] = {}
        for index, other in self._robot_contacts():
            if other != self._target:
                force[other] = force.get(other, 0.0) + self._force(index)
        for other, newtons in force.items():
            if newtons > self.foreign:
                self.foreign = newtons
                name = self._model.body(other).name
                self.touched = name.removeprefix(BODY_PREFIX) if name.startswith(BODY_PREFIX) else "table"

    def _robot_contacts(self) -> list[tuple[int, int]]:
        """Index of each contact with the robot and the other body's id."""
        count = self._data.ncon
        first = self._body_of_geom[self._data.contact.geom1[:count]]
        second = self._body_of_geom[self._data.contact.geom2[:count]]
        mixed = np.flatnonzero(self._is_robot[first] != self._is_robot[second])
        return [(int(i), int(second[i] if self._is_robot[first[i]] else first[i])) for i in mixed]

    def _force(self, index: int) -> float:
        mujoco.mj_contactForce(self._model, self._data, index, self._wrench)
        return float(np.linalg.norm(self._wrench[:3]))

    def gripper_force(self) -> float:
        """Sum of the normal forces between the fingers and the target as of the last integrator step, N."""
        data = self._data
        if self._touch_target is None or data.sensordata[self._touch_target] == 0:
            return 0.0
        count = data.ncon
        contacts = data.contact
        first = self._body_of_geom[contacts.geom1[:count]]
        second = self._body_of_geom[contacts.geom2[:count]]
        held = (self._is_finger[first] & (second == self._target)) | (self._is_finger[second] & (first == self._target))
        rows = contacts.efc_address[:count][held]
        return float(data.efc_force[rows[rows >= 0]].sum())  # the first row of an elliptic contact is its normal
