"""A simulation that looks at everything at every integrator step: slower, and independent of how episodes are judged.

Engine and verification count contacts with sensors and measure bodies once a control step, from the recorded poses.
Here the list of contacts, the constraint forces and the centres of mass of the physics engine are read directly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import mujoco
import numpy as np

from dataengine.physics.contacts import RobotContacts
from dataengine.physics.model import BODY_PREFIX
from dataengine.physics.simulation import Simulation


@dataclass
class Seen:
    """The greatest of each since a target was set. Forces in newtons, lengths in metres.

    Attributes:
        force: of an arm on one thing that was not its target, within one integrator step.
        touched: name of that thing.
        shifts: of the centre of mass of each body and moving part, by name, from where it was when the target was set.
    """

    force: float = 0.0
    touched: str = ""
    shifts: dict[str, float] = field(default_factory=dict)


class Witness(Simulation):
    """A simulation that moves bit for bit like any other and notes what the robot touches and what else moves.

    Attributes:
        seen: what was noted, an entry for each target that was set, the one at the beginning included.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._contacts = contacts = _EveryContact(self.model, self.data, self.arms, self.target)
        self.seen = contacts.seen


class _EveryContact(RobotContacts):
    """Reads all contacts after each integrator step, without the sensors."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, *arguments: Any) -> None:
        self.seen: list[Seen] = []
        names = [model.body(i).name for i in range(model.nbody)]
        self._names = ["table", *(name.removeprefix(BODY_PREFIX) for name in names[1:])]
        self._is_thing = np.array([name.startswith(BODY_PREFIX) for name in names])
        self._centers: np.ndarray | None = None
        self._shifts = np.zeros(model.nbody)
        super().__init__(model, data, *arguments)

    def retarget(self, target: str) -> None:
        """From now on another body may be touched, and shifts are measured from where things are now."""
        super().retarget(target)
        self._centers, self._shifts = None, np.zeros(len(self._names))
        self.seen.append(Seen())

    def watch(self, steps: int) -> None:
        """Take integrator steps and look after each."""
        for _ in range(steps):
            mujoco.mj_step(self._model, self._data)
            self._look_at_contacts()
            self._look_at_bodies()
        things = np.flatnonzero(self._is_thing)
        self.seen[-1].shifts = {self._names[i]: float(self._shifts[i]) for i in things}

    def _look_at_contacts(self) -> None:
        contact, count = self._data.contact, self._data.ncon
        pairs = self._body_of_geom[contact.geom[:count]]
        owner = self._owner[pairs]
        mixed = np.flatnonzero((owner[:, 0] != owner[:, 1]) & (contact.efc_address[:count] >= 0))
        others = np.where(owner[mixed, 0] >= 0, pairs[mixed, 1], pairs[mixed, 0])
        foreign = others != self._target
        # The first three rows of an elliptic contact are its normal and its two tangential forces.
        rows = contact.efc_address[mixed[foreign], None] + np.arange(3)
        newtons = np.linalg.norm(self._data.efc_force[rows], axis=1)
        force = np.bincount(others[foreign], newtons, minlength=1)
        if force.max() > self.seen[-1].force:
            self.seen[-1].force, self.seen[-1].touched = float(force.max()), self._names[int(force.argmax())]

    def _look_at_bodies(self) -> None:
        centers = self._data.xipos
        if self._centers is None:
            self._centers = centers.copy()
        self._shifts = np.maximum(self._shifts, np.linalg.norm(centers - self._centers, axis=1))
