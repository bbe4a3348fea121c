"""The one control path: execution, replay of a record and policies all move the arm through `Simulation.step`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import ArrayLike

from assets_index.robot import RobotDescription
from assets_index.transforms import Array, Pose
from dataengine.physics.contacts import RobotContacts
from dataengine.physics.errors import InvalidCommand, UnstablePhysics
from dataengine.physics.jaw import Jaw
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
        joint_position, joint_velocity: (J,) rad, rad/s.
        finger_position: (2,) metres, distance of each finger from the middle plane.
        tcp_pose: (7,) x, y, z, qw, qx, qy, qz in the world.
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
        foreign: greatest force, over the integrator's steps, between the robot and anything but the target.
        gripper: normal force between the fingers and the target at the end.
        touched: name of the body that was touched hardest (not the target), "table", or None.
    """

    foreign: float
    gripper: float
    touched: str | None


class Simulation:
    """A scene in motion.

    It starts at rest with the bodies at their poses, the jaw open, and the arm at `joint_position`. The same start and
    the same commands give the same bits. Example::

        simulation = Simulation(scene.bodies.values(), robot(), target="mug")
        simulation.settle()
        contact = simulation.step(joint_command, gripper_command=1.0)
    """

    def __init__(
        self,
        bodies: Sequence[PlacedBody],
        robot: RobotDescription,
        settings: PhysicsSettings | None = None,
        *,
        target: str | None = None,
        joint_position: ArrayLike | None = None,
        landmarks: Mapping[str, PlacedBody] | None = None,
    ) -> None:
        self.robot = robot
        self.settings = settings or PhysicsSettings()
        self.bodies = tuple(bodies)
        self.landmarks = landmarks_of({}) if landmarks is None else landmarks
        self.target = target
        self.model = build_model(self.bodies, robot, self.settings, target)
        self.data = mujoco.MjData(self.model)
        self._arm = np.array([self.model.joint(name).qposadr[0] for name in robot.joints])
        self._jaw = Jaw(self.model, robot)
        self._arm_dofs = np.array([self.model.joint(name).dofadr[0] for name in robot.joints])
        self._arm_actuators = np.array([self.model.actuator(name).id for name in robot.arm_actuators])
        self._hand = self.model.body(robot.hand_body).id
        self._hand_to_tcp = robot.hand_to_tcp.matrix
        self._scene_bodies = SceneBodies(self.model, self.bodies)
        self._full_grip = self.model.actuator_forcerange[self._jaw.actuator].copy()
        self._part = np.arange(1, self.settings.periods + 1)[:, None] / self.settings.periods
        self._contacts = RobotContacts(self.model, self.data, robot, target)
        self._restart(
            np.array(robot.home if joint_position is None else joint_position, float),
            np.array([body.pose.vector for body in self.bodies]).reshape(-1, 7),
            joined_joints(self.bodies),
        )

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

    def set_grip(self, strength: float) -> None:
        """Scale the greatest force of the gripper's actuator: 1 for all of it, 0 for none."""
        self.model.actuator_forcerange[self._jaw.actuator] = strength * self._full_grip

    def _restart(self, joint_position: Array, object_pose: Array, articulation: Array) -> None:
        """Everything at rest, jaw open, nothing left over from before."""
        data = self.data
        mujoco.mj_resetData(self.model, data)
        data.qpos[self._arm] = joint_position
        data.qpos[self._jaw.joints] = self._jaw.joint_positions(self.robot.jaw.max_opening / 2)
        self._scene_bodies.put(data, object_pose, articulation)
        data.ctrl[self._arm_actuators] = joint_position
        data.ctrl[self._jaw.actuator] = self._jaw.opened
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

    def step(self, joint_command: ArrayLike, gripper_command: float) -> Contact:
        """Advance by one control step (1 / rate).

        Args:
            joint_command: (J,) rad, to be reached by the end of the step.
            gripper_command: 1 open, 0 closed.

        Raises:
            InvalidCommand: if a number in the command is not finite or one is missing.
            UnstablePhysics: if the state is no longer finite, or beyond `LARGEST`.
        """
        command = np.array(joint_command, float)
        if command.shape != self._command.shape or not np.isfinite(command).all():
            raise InvalidCommand(f"a joint command needs {len(self._command)} finite numbers, not {command.tolist()}")
        self._contacts.begin()
        for controls in self.controls(command, gripper_command):
            self.data.ctrl[:] = controls
            self._contacts.watch(self.settings.substeps)
        self._command, self._change = command, command - self._command
        if not (np.abs(self.data.qpos) <= LARGEST).all():
            raise UnstablePhysics("physics became unstable: a joint or body position is not finite, or absurdly great")
        return Contact(self._contacts.foreign, self._contacts.gripper_force(), self._contacts.touched)

    def controls(self, joint_command: Array, gripper_command: float) -> Array:
        """Control values (periods, actuators) of the coming step.

        The arm's target moves in a straight line from the last command to this one; a velocity feed-forward, itself
        changing without jumps, cancels the servos' lag. The jaw's target moves at its set speed towards open (command
        above 0.5) or closed.
        """
        part, closed, opened = self._part, self._jaw.closed, self._jaw.opened
        change = joint_command - self._command
        lead = self.robot.velocity_gain * self.settings.rate
        rows = np.empty((len(part), self.model.nu))
        rows[:, self._arm_actuators] = (
            self._command + lead * self._change + part * (change + lead * (change - self._change))
        )
        jaw = self.data.ctrl[self._jaw.actuator]
        stroke = part[:, 0] / self.settings.rate * abs(opened - closed) / GRIPPER_STROKE
        way = (opened if gripper_command > 0.5 else closed) - jaw
        rows[:, self._jaw.actuator] = jaw + np.clip(way, -stroke, stroke)
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
            joint_position=data.qpos[self._arm],
            joint_velocity=data.qvel[self._arm_dofs],
            finger_position=self._jaw.finger_position(data.qpos),
            tcp_pose=self._tcp_pose(),
            object_pose=self._scene_bodies.object_pose(data),
            articulation=self._scene_bodies.articulation(data),
        )

    def _tcp_pose(self) -> Array:
        rotation = self.data.xmat[self._hand].reshape(3, 3)
        pose = np.empty(7)
        pose[:3] = self.data.xpos[self._hand] + rotation @ self._hand_to_tcp[:3, 3]
        mujoco.mju_mat2Quat(pose[3:], (rotation @ self._hand_to_tcp[:3, :3]).ravel())
        return pose

    def poses(self) -> dict[str, Array]:
        """T_world_body, (4, 4), of bodies, moving parts and the robot's links by their names."""
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
