"""Carrying commands out and writing down what happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets_index.articulation import part_name
from assets_index.transforms import Array
from dataengine.physics.simulation import Contact, Simulation, State
from dataengine.record import ClosedAgain, Displacement, Disturbance, Phase, Slip
from dataengine.skills.segment import Segment


@dataclass(frozen=True)
class Trajectory:
    """Arrays of an `EpisodeRecord`, by the same names and shapes."""

    joint_position: Array
    joint_velocity: Array
    finger_position: Array
    tcp_pose: Array
    object_pose: Array
    articulation: Array
    joint_command: Array
    gripper_command: Array
    phase: NDArray[np.int8]
    foreign_force: NDArray[np.float32]
    gripper_force: NDArray[np.float32]


class Execution:
    """Runs segments on a simulation, step by step, keeping what is commanded apart from what is measured.

    Attributes:
        arm: number of the arm at work, to which segments are given; the others stand still.
        disturbances: what is done to the simulation on the way, each at its step.
    """

    def __init__(self, simulation: Simulation, disturbances: Sequence[Disturbance] = ()) -> None:
        self.simulation = simulation
        self.arm = 0
        self.disturbances: list[Disturbance] = list(disturbances)
        self._states: list[State] = [simulation.state()]
        self._contacts: list[Contact] = []
        self._commands: list[Array] = []
        self._grippers: list[Array] = []
        self._phases: list[int] = []

    @property
    def steps(self) -> int:
        """Control steps so far."""
        return len(self._commands)

    @property
    def state(self) -> State:
        """The latest measurement."""
        return self._states[-1]

    @property
    def command(self) -> Array:
        """The last joint command (J,) of the arm at work, rad."""
        return self.simulation.command[self._columns]

    @property
    def opening(self) -> float:
        """Distance between the fingers of the arm at work, metres."""
        return float(self.state.finger_position[self.arm].sum())

    @property
    def tcp_pose(self) -> Array:
        """Where the TCP of the arm at work is, (7,)."""
        return np.asarray(self.state.tcp_pose[self.arm])

    @property
    def grip(self) -> float:
        """Force between the fingers of the arm at work and the target in the latest step, N."""
        return float(self.contact.gripper[self.arm])

    @property
    def _columns(self) -> slice:
        return self.simulation.arms[self.arm].columns

    @property
    def contact(self) -> Contact:
        """What was touched in the latest step."""
        return self._contacts[-1]

    def run(self, segments: Sequence[Segment], force_limit: float = np.inf) -> bool:
        """Carry segments out; False as soon as the robot presses on something foreign harder than the limit, N."""
        for segment in segments:
            for command in segment.commands:
                joints = self.simulation.command.copy()
                joints[self._columns] = command
                grippers = self._grippers[-1].copy() if self._grippers else np.ones(len(self.simulation.arms))
                grippers[self.arm] = segment.gripper
                if self.step(segment.phase, joints, grippers).foreign > force_limit:
                    return False
        return True

    def step(self, phase: Phase, joint_command: Array, gripper_command: Array) -> Contact:
        """Carry one command for all arms out: (J,) rad and (G,), 1 open, 0 closed."""
        self._disturb()
        contact = self.simulation.step(joint_command, gripper_command)
        self._commands.append(joint_command)
        self._grippers.append(gripper_command)
        self._phases.append(int(phase))
        self._contacts.append(contact)
        self._states.append(self.simulation.state())
        return contact

    def _disturb(self) -> None:
        """Do what is to be done before the coming step."""
        for disturbance in self.disturbances:
            if isinstance(disturbance, Displacement) and disturbance.step == self.steps:
                self.simulation.displace(disturbance.body, disturbance.pose)
            elif isinstance(disturbance, Slip) and self.steps in (disturbance.step, disturbance.end):
                self.simulation.set_grip(0.0 if self.steps == disturbance.step else 1.0, self.arm)
            elif isinstance(disturbance, ClosedAgain) and self.steps in (disturbance.step, disturbance.end):
                effort = disturbance.effort if self.steps == disturbance.step else 0.0
                self.simulation.push(part_name(disturbance.body, disturbance.part), effort)

    def cancel_disturbances(self) -> None:
        """Leave out what was to be done later."""
        self.disturbances = [each for each in self.disturbances if each.step < self.steps]

    def done_since(self, step: int, phases: Sequence[Phase]) -> Array:
        """The commands (T, J) of the arm at work since a control step that belong to these phases.

        The one before the first of them is put before them.
        """
        rows = [row for row in range(step, self.steps) if self._phases[row] in phases]
        if not rows:
            return np.empty((0, len(self.command)))
        before = self._commands[rows[0] - 1] if rows[0] else self._states[0].joint_position
        return np.array([before, *(self._commands[row] for row in rows)])[:, self._columns]

    def trajectory(self) -> Trajectory:
        """Everything so far."""
        joints, arms = len(self.simulation.command), len(self.simulation.arms)
        return Trajectory(
            joint_position=np.array([state.joint_position for state in self._states]),
            joint_velocity=np.array([state.joint_velocity for state in self._states]),
            finger_position=np.array([state.finger_position for state in self._states]),
            tcp_pose=np.array([state.tcp_pose for state in self._states]),
            object_pose=np.array([state.object_pose for state in self._states]),
            articulation=np.array([state.articulation for state in self._states]),
            joint_command=np.array(self._commands).reshape(-1, joints),
            gripper_command=np.array(self._grippers).reshape(-1, arms),
            phase=np.array(self._phases, np.int8),
            foreign_force=np.array([contact.foreign for contact in self._contacts], np.float32),
            gripper_force=np.array([contact.gripper for contact in self._contacts], np.float32).reshape(-1, arms),
        )
