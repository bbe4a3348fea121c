"""The one control path: execution, replay of a record and policies all move the arms through `Simulation.step`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import ArrayLike, NDArray

from assets_index.robot import RobotDescription
from assets_index.robot_setup import MountedArm, alone
from assets_index.transforms import Array, Pose
from dataengine.physics.arm import arms_in
from dataengine.physics.contacts import RobotContacts
from dataengine.physics.errors import InvalidCommand, UnstablePhysics
from dataengine.physics.model import BODY_PREFIX, build_model
from dataengine.physics.scene_bodies import SceneBodies
from dataengine.physics.settings import GRIPPER_STROKE, PhysicsSettings
from scene_graph.placed import PlacedBody, PlacedScene, joined_joints, landmarks_of, split_joints

LARGEST = mujoco.mjMAXVAL
"""A position beyond this, in any unit, is no position: the engine warns of it too, before it becomes infinite."""


@dataclass(frozen=True)
class State:
    """What is measured between two control steps.

    Attributes:
        joint_position, joint_velocity: (J,) rad, rad/s, of one arm after another.
        finger_position: (G, 2) metres, distance of each finger of each of the G arms from the middle plane of its jaw.
        tcp_pose: (G, 7) x, y, z, qw, qx, qy, qz in the world.
        object_pose: (N, 7), in the order of the bodies.
        articulation: (A,) joint values of moving parts, m and rad, in the order of `moving_parts`.
    """

    joint_position: Array
    joint_velocity: Array
    finger_position: Array
    tcp_pose: Array
    object_pose: Array
    articulation: Array


@dataclass(frozen=True)
class Contact:
    """What was touched during one control step, newtons.

    Attributes:
        foreign: greatest force, over the integrator's steps, between an arm and anything but the target.
        gripper: (G,) normal force between the fingers of each arm and the target at the end.
        touched: name of the body or link that was touched hardest (not the target), "table", or None.
    """

    foreign: float
    gripper: Array
    touched: str | None


class Simulation:
    """A scene in motion.

    It starts at rest with the bodies at their poses, the jaws open, and the arms at `joint_position`. The same start
    and the same commands give the same bits. Example::

        simulation = Simulation(scene.bodies.values(), robot(), target="mug")
        simulation.settle()
        contact = simulation.step(joint_command, gripper_command=1.0)

    Args:
        robot: one arm, which stands at the world's origin, or the arms of a set-up.

    Attributes:
        arms: where each of them is in `model`.
    """

    def __init__(
        self,
        bodies: Sequence[PlacedBody],
        robot: RobotDescription | tuple[MountedArm, ...],
        settings: PhysicsSettings | None = None,
        *,
        target: str | None = None,
        joint_position: ArrayLike | None = None,
        landmarks: Mapping[str, PlacedBody] | None = None,
    ) -> None:
        mounted = alone(robot) if isinstance(robot, RobotDescription) else robot
        self.settings = settings or PhysicsSettings()
        self.bodies = tuple(bodies)
        self.landmarks = landmarks_of({}) if landmarks is None else landmarks
        self.target = target
        self.model = build_model(self.bodies, mounted, self.settings, target)
        self.data = mujoco.MjData(self.model)
        self.arms = arms_in(self.model, mounted)
        self._line_up_arms()
        self._scene_bodies = SceneBodies(self.model, self.bodies)
        self._full_grip = self.model.actuator_forcerange.copy()
        self._substeps = self.settings.substeps
        self._contacts = RobotContacts(self.model, self.data, self.arms, target)
        self._restart(
            np.array(home(mounted) if joint_position is None else joint_position, float),
            np.array([body.pose.vector for body in self.bodies]).reshape(-1, 7),
            joined_joints(self.bodies),
        )

    def _line_up_arms(self) -> None:
        """Indices and constants of control of all arms, one after another."""
        arms, settings = self.arms, self.settings
        self._joints = _span(np.concatenate([arm.joints for arm in arms]))
        self._dofs = _span(np.concatenate([arm.dofs for arm in arms]))
        self._actuators = _span(np.concatenate([arm.actuators for arm in arms]))
        self._lead = settings.rate * np.concatenate([[arm.robot.velocity_gain] * len(arm.joints) for arm in arms])
        self._jaws = _span(np.array([arm.jaw.actuator for arm in arms]))
        self._closed, self._opened = np.array([(arm.jaw.closed, arm.jaw.opened) for arm in arms]).T
        self._part = np.arange(1, settings.periods + 1)[:, None] / settings.periods
        self._stroke = self._part / settings.rate * np.abs(self._opened - self._closed) / GRIPPER_STROKE

    def retarget(self, target: str) -> None:
        """Let the hand touch another body from now on. Forces are counted anew; the motion is not changed by it.

        Only a simulation that was made with a target counts forces.
        """
        if self.target is not None:
            self.target = target
            self._contacts.retarget(target)

    def displace(self, name: str, pose: Pose) -> None:
        """Put a free body somewhere else, at rest; KeyError if there is none of that name."""
        joint = self.model.joint(int(self.model.body(BODY_PREFIX + name).jntadr[0]))
        position, velocity = int(joint.qposadr[0]), int(joint.dofadr[0])
        self.data.qpos[position : position + 7] = pose.vector
        self.data.qvel[velocity : velocity + 6] = 0.0

    def set_grip(self, strength: float, arm: int = 0) -> None:
        """Scale the greatest force of an arm's gripper: 1 for all of it, 0 for none."""
        jaw = self.arms[arm].jaw.actuator
        self.model.actuator_forcerange[jaw] = strength * self._full_grip[jaw]

    def push(self, part: str, effort: float) -> None:
        """Push a moving part along its joint from now on, N or Nm; 0 for no more. KeyError if there is none."""
        self.data.qfrc_applied[self.model.joint(BODY_PREFIX + part).dofadr[0]] = effort

    def _restart(self, joint_position: Array, object_pose: Array, articulation: Array) -> None:
        """Everything at rest, jaws open, nothing left over from before."""
        data = self.data
        mujoco.mj_resetData(self.model, data)
        data.qpos[self._joints] = joint_position
        for arm in self.arms:
            data.qpos[arm.jaw.joints] = arm.jaw.joint_positions(arm.robot.jaw.max_opening / 2)
        self._scene_bodies.put(data, object_pose, articulation)
        data.ctrl[self._actuators] = joint_position
        data.ctrl[self._jaws] = self._opened
        self._command, self._change = joint_position, np.zeros(len(joint_position))
        mujoco.mj_forward(self.model, data)

    def settle(self, least: float = 0.2, most: float = 2.0) -> bool:
        """Let the bodies come to rest, then start anew from where they lie.

        Args:
            least: simulated seconds that it takes at least.
            most: simulated seconds after which to give up.

        Returns:
            Whether they rest.
        """
        least_steps, most_steps = (round(seconds * self.settings.rate) for seconds in (least, most))
        for step in range(most_steps):
            if step >= least_steps and self.at_rest():
                break
            self.step(self._command, 1.0)
        resting = self.at_rest()
        state = self.state()
        self._restart(self._command, state.object_pose, state.articulation)
        return resting

    def at_rest(self) -> bool:
        """Whether every free body and moving part is slower than `REST_SPEED`."""
        return self._scene_bodies.at_rest(self.data)

    def step(self, joint_command: ArrayLike, gripper_command: ArrayLike) -> Contact:
        """Advance by one control step (1 / rate).

        Args:
            joint_command: (J,) rad, to be reached by the end of the step.
            gripper_command: (G,) 1 open, 0 closed; a single number is meant for every arm.

        Raises:
            InvalidCommand: if a number in the command is not finite or one is missing.
            UnstablePhysics: if the state is no longer finite, or beyond `LARGEST`.
        """
        command = np.array(joint_command, float)
        if command.shape != self._command.shape or not np.isfinite(command).all():
            raise InvalidCommand(f"a joint command needs {len(self._command)} finite numbers, not {command.tolist()}")
        if np.shape(gripper_command) not in ((), (len(self.arms),)):
            raise InvalidCommand(f"a gripper command needs {len(self.arms)} numbers, not {gripper_command!r}")
        self._contacts.begin()
        applied = self.data.ctrl
        for controls in self.controls(command, gripper_command):
            applied[:] = controls
            self._contacts.watch(self._substeps)
        self._command, self._change = command, command - self._command
        if not np.abs(self.data.qpos).max() <= LARGEST:  # false of what is not a number
            raise UnstablePhysics("physics became unstable: a joint or body position is not finite, or absurdly great")
        return Contact(self._contacts.foreign, self._contacts.gripper_force(), self._contacts.touched)

    def controls(self, joint_command: Array, gripper_command: ArrayLike) -> Array:
        """Control values (periods, actuators) of the coming step.

        An arm's target moves in a straight line from the last command to this one; a velocity feed-forward, itself
        changing without jumps, cancels the servos' lag. The jaw's target moves at its set speed towards open (command
        above 0.5) or closed.
        """
        part, lead = self._part, self._lead
        change = joint_command - self._command
        rows = np.empty((len(part), self.model.nu))
        rows[:, self._actuators] = (
            self._command + lead * self._change + part * (change + lead * (change - self._change))
        )
        jaw = self.data.ctrl[self._jaws]
        way = np.where(np.asarray(gripper_command) > 0.5, self._opened, self._closed) - jaw
        rows[:, self._jaws] = jaw + np.copysign(np.minimum(np.abs(way), self._stroke), way)
        return rows

    @property
    def command(self) -> Array:
        """The last joint command, (J,) rad."""
        return self._command

    def state(self) -> State:
        """What can be measured now."""
        data = self.data
        mujoco.mj_kinematics(self.model, data)  # mj_step leaves the frames one integrator step behind
        return State(
            joint_position=np.array(data.qpos[self._joints]),
            joint_velocity=np.array(data.qvel[self._dofs]),
            finger_position=np.array([arm.jaw.finger_position(data.qpos) for arm in self.arms]),
            tcp_pose=np.array([arm.tcp_pose(data) for arm in self.arms]),
            object_pose=self._scene_bodies.object_pose(data),
            articulation=self._scene_bodies.articulation(data),
        )

    def poses(self) -> dict[str, Array]:
        """T_world_body, (4, 4), of bodies, moving parts and the arms' links by their names."""
        mujoco.mj_kinematics(self.model, self.data)
        poses = {}
        for i in range(1, self.model.nbody):
            pose = np.eye(4)
            pose[:3, :3] = self.data.xmat[i].reshape(3, 3)
            pose[:3, 3] = self.data.xpos[i]
            poses[self.model.body(i).name.removeprefix(BODY_PREFIX)] = pose
        return poses

    def scene(self) -> PlacedScene:
        """The bodies where they are now, for the judge."""
        state = self.state()
        return placed_at(self.bodies, state.object_pose, state.articulation, self.landmarks)


def _span(indices: NDArray[np.intp]) -> NDArray[np.intp] | slice:
    """The same indices, as a slice where they follow each other: to index with that is quicker by far."""
    first, end = int(indices[0]), int(indices[-1]) + 1
    return slice(first, end) if np.array_equal(indices, np.arange(first, end)) else indices


def home(arms: Sequence[MountedArm]) -> Array:
    """Joint angles at rest (J,) of one arm after another, rad."""
    return np.concatenate([arm.robot.home for arm in arms])


def placed_at(
    bodies: Sequence[PlacedBody], object_pose: Array, articulation: Array, landmarks: Mapping[str, PlacedBody]
) -> PlacedScene:
    """Bodies at other poses (N, 7) and joint values (A,), both in their order, among the landmarks of their scene."""
    joints = split_joints([body.asset for body in bodies], articulation)
    placed = {
        body.name: PlacedBody(body.name, body.asset, Pose.from_vector(pose), body.hulls, values)
        for body, pose, values in zip(bodies, object_pose, joints, strict=True)
    }
    return PlacedScene(placed, landmarks)
