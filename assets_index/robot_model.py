"""A robot's MuJoCo specification: its file, with the gripper on the flange if that has a file of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import mujoco
import numpy as np

from assets_index.errors import EngineError
from assets_index.robot import GripperMount, RobotDescription


class InvalidRobot(EngineError):
    """A robot file that cannot be read, or lacks what its description names."""


def robot_spec(robot: RobotDescription) -> mujoco.MjSpec:
    """The robot as its files have it, standing at the origin and looking along x.

    Raises:
        InvalidRobot: if a file cannot be read, or lacks a site, body, joint, actuator or class that the description
            names.
    """
    spec = _read(robot.mjcf, robot.name)
    if robot.gripper is not None:
        _mount(spec, robot.gripper, robot.name)
    for kind, name, element in _named(spec, robot):
        if element is None:
            raise InvalidRobot(f"{robot.name}: {robot.mjcf} has no {kind} {name!r}, which its description names")
    if robot.base_yaw:
        base, turn = spec.body(robot.base_body), np.zeros(4)
        mujoco.mju_axisAngle2Quat(turn, np.array([0.0, 0.0, 1.0]), robot.base_yaw)
        mujoco.mju_mulQuat(turn, turn.copy(), base.quat)
        base.quat = turn
    return spec


def kinematic_model(robot: RobotDescription) -> mujoco.MjModel:
    """The robot's joints and bodies alone: its meshes take a second to load and do not move anything.

    Raises:
        InvalidRobot: as `robot_spec`.
    """
    spec = robot_spec(robot)
    for element in (*spec.geoms, *spec.meshes):
        spec.delete(element)
    return spec.compile()


def _read(file: Path, name: str) -> mujoco.MjSpec:
    try:
        return mujoco.MjSpec.from_file(str(file))
    except ValueError as error:
        raise InvalidRobot(f"{name}: {file} cannot be read: {' '.join(str(error).split())}") from error


def _mount(spec: mujoco.MjSpec, mount: GripperMount, name: str) -> None:
    """Bolt the gripper to its site. Its parts do not meet each other, nor what they are bolted to."""
    site, gripper = spec.site(mount.site), _read(mount.mjcf, name)
    if site is None:
        raise InvalidRobot(f"{name}: the arm's file has no site {mount.site!r} to mount the gripper on")
    flange, parts = site.parent.name, [mount.prefix + body.name for body in gripper.bodies[1:]]
    gripper.option = spec.option
    spec.attach(gripper, prefix=mount.prefix, site=site)
    present = {frozenset((each.bodyname1, each.bodyname2)) for each in spec.excludes}
    for first, second in itertools.combinations((flange, *parts), 2):
        if frozenset((first, second)) not in present:
            spec.add_exclude(bodyname1=first, bodyname2=second)


def _named(spec: mujoco.MjSpec, robot: RobotDescription) -> Iterator[tuple[str, str, object]]:
    """Kind, name and element of everything the description names."""
    bodies = (robot.base_body, robot.flange_body, robot.hand_body, *robot.finger_bodies, *robot.mounted_bodies)
    linkage = itertools.chain.from_iterable(robot.linkage.joints) if robot.linkage else ()
    yield from (("body", name, spec.body(name)) for name in bodies)
    yield from (("joint", name, spec.joint(name)) for name in (*robot.joints, *robot.finger_joints, *linkage))
    yield from (("actuator", name, spec.actuator(name)) for name in (*robot.arm_actuators, robot.gripper_actuator))
    yield from (("class", name, spec.find_default(name)) for name in robot.pad_geom_classes)
