"""What the arms touch, read at every integrator step for next to nothing."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array
from dataengine.physics.arm import Arm
from dataengine.physics.model import BODY_PREFIX, TARGET_SENSOR, TOUCH_SENSOR


class RobotContacts:
    """Forces between the arms and the rest of the scene, and between one arm and another.

    Two sensors for each arm count, in C, its contacts with anything and with the target. Only when they differ, which
    is rare, is the list of contacts looked at.
    """

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, arms: Sequence[Arm], target: str | None) -> None:
        self._model, self._data = model, data
        self._body_of_geom = model.geom_bodyid
        self._owner = np.full(model.nbody, -1)
        for number, arm in enumerate(arms):
            self._owner[arm.links] = number
        fingers = [[model.body(name).id for name in arm.robot.finger_bodies] for arm in arms]
        self._is_finger = np.array([np.isin(self._body_of_geom, each) for each in fingers])
        self._target = -1
        prefixes = [] if target is None else [arm.mounted.prefix for arm in arms]
        self._sensors = [
            (int(model.sensor(prefix + TOUCH_SENSOR).adr[0]), int(model.sensor(prefix + TARGET_SENSOR).adr[0]))
            for prefix in prefixes
        ]
        self._refids = [int(model.sensor(prefix + TARGET_SENSOR).id) for prefix in prefixes]
        if target is not None:
            self.retarget(target)
        self._wrench = np.zeros(6)
        self.begin()

    def retarget(self, target: str) -> None:
        """From now on another body may be touched. Needs a model that was built with a target."""
        self._target = self._model.body(BODY_PREFIX + target).id
        self._model.sensor_refid[self._refids] = self._target
        # For each arm, 1 for geoms of its fingers and 2 for those of the target: where they meet, that makes 3.
        self._meeting = np.where(self._is_finger, 1, np.where(self._body_of_geom == self._target, 2, 0))

    def begin(self) -> None:
        """Forget what was touched."""
        self.foreign = 0.0
        self.touched: str | None = None

    def watch(self, steps: int) -> None:
        """Take integrator steps and keep the greatest foreign force."""
        model, data = self._model, self._data
        if not self._sensors:
            mujoco.mj_step(model, data, steps)
            return
        counts = data.sensordata
        for _ in range(steps):
            mujoco.mj_step(model, data)
            for anything, target in self._sensors:
                if counts[anything] != counts[target]:
                    self._read_foreign()
                    break

    def _read_foreign(self) -> None:
        force: dict[int, float] = {}
        for index, other in self._robot_contacts():
            if other != self._target:
                force[other] = force.get(other, 0.0) + self._force(index)
        for other, newtons in force.items():
            if newtons > self.foreign:
                self.foreign = newtons
                self.touched = self._model.body(other).name.removeprefix(BODY_PREFIX) if other else "table"

    def _robot_contacts(self) -> list[tuple[int, int]]:
        """Index of each contact with an arm and the other body's id; between two arms, of either's."""
        count = self._data.ncon
        first = self._body_of_geom[self._data.contact.geom1[:count]]
        second = self._body_of_geom[self._data.contact.geom2[:count]]
        mixed = np.flatnonzero(self._owner[first] != self._owner[second])
        return [(int(i), int(second[i] if self._owner[first[i]] >= 0 else first[i])) for i in mixed]

    def _force(self, index: int) -> float:
        mujoco.mj_contactForce(self._model, self._data, index, self._wrench)
        return float(np.linalg.norm(self._wrench[:3]))

    def gripper_force(self) -> Array:
        """Sum of the normal forces between each arm's fingers and the target at the last integrator step, N, (G,)."""
        force = np.zeros(len(self._is_finger))
        counts = self._data.sensordata
        for number, (_, target) in enumerate(self._sensors):
            if counts[target] > 0:
                force[number] = self._pressed(self._meeting[number])
        return force

    def _pressed(self, meeting: NDArray[np.intp]) -> float:
        data, contacts = self._data, self._data.contact
        geoms = contacts.geom
        rows = contacts.efc_address[meeting[geoms[:, 0]] + meeting[geoms[:, 1]] == 3]
        return float(data.efc_force[rows[rows >= 0]].sum())  # the first row of an elliptic contact is its normal
