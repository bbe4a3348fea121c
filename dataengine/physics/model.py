"""The MuJoCo model of a table, arms, free bodies and fixtures with moving parts.

The settings are those under which grasps were measured to hold: elliptic cones with impratio 10, enough line-search
iterations, stiff pads that take priority over what they touch, and a gripper that pushes with a set force.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from functools import lru_cache

import mujoco
import numpy as np

from assets_index.articulation import Articulation, Inertial, part_name
from assets_index.robot import RobotDescription
from assets_index.robot_model import robot_spec
from assets_index.robot_setup import MountedArm
from dataengine.physics.arm import arms_in
from dataengine.physics.errors import ArmsTooClose
from dataengine.physics.jaw import gripper_range, gripper_servo
from dataengine.physics.settings import PhysicsSettings
from scene_graph.placed import PlacedBody

BODY_PREFIX = "scene/"
"""Before the names of free bodies, so that none can collide with a link of the robot."""

ROBOT_CONTYPE, ROBOT_CONAFFINITY = 2, 1
"""Of the first arm; the others have bits of their own, so that arms meet each other but not themselves."""

WORLD_CONTYPE, WORLD_CONAFFINITY = 1, 3
PAD_FRICTION = (1.5, 0.01, 2e-4)
PAD_SOLIMP = (0.95, 0.99, 0.001, 0.5, 2.0)
TORSIONAL_AND_ROLLING = (0.01, 2e-4)
TABLE_FRICTION = 0.8
OBJECT_SOLREF = (0.01, 1.0)

APART = 0.05
"""Distance that arms at rest keep from each other, metres: they begin an episode a little away from their homes."""

TOUCH_SENSOR, TARGET_SENSOR = "robot_contacts", "robot_target_contacts"


def build_model(
    bodies: Sequence[PlacedBody],
    arms: tuple[MountedArm, ...],
    settings: PhysicsSettings,
    target: str | None = None,
) -> mujoco.MjModel:
    """Compile a scene.

    The model depends on the assets, their names and their order; poses play no part but those of what is bolted down.

    Args:
        bodies: everything that stands on the table; their joints follow the arms' in this order.
        arms: bolted to the table where they are mounted.
        settings: time step and rates.
        target: the body, or the moving part of one ("cabinet/drawer"), that the hand may touch; with it come two
            sensors for each arm that count its contacts with anything and with the target.

    Raises:
        ArmsTooClose: if arms of a set-up are too close to each other at rest.
    """
    spec = _arms_spec(arms, settings).copy()
    spec.worldbody.add_geom(  # a box, not a plane: against a plane meshes rock and never fall asleep
        name="table",
        type=mujoco.mjtGeom.mjGEOM_BOX,
        pos=[0.0, 0.0, -0.1],
        size=[2.0, 2.0, 0.1],
        contype=WORLD_CONTYPE,
        conaffinity=WORLD_CONAFFINITY,
        condim=3,
        friction=[TABLE_FRICTION, *TORSIONAL_AND_ROLLING],
    )
    for body in bodies:
        if body.asset.articulation is None:
            add_free_body(spec, body)
        else:
            _add_articulated_body(spec, body, body.asset.articulation)
    if target is not None:
        for arm in arms:
            base = arm.prefixed.base_body
            _add_contact_counter(spec, arm.prefix + TOUCH_SENSOR, base, None)
            _add_contact_counter(spec, arm.prefix + TARGET_SENSOR, base, BODY_PREFIX + target)
    return spec.compile()


def set_solver(spec: mujoco.MjSpec, settings: PhysicsSettings) -> None:
    """Write the integrator's and solver's settings."""
    option = spec.option
    option.timestep = settings.timestep
    option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    option.impratio = 10.0
    option.iterations = 100
    option.ls_iterations = 50  # 20 breaks grasps
    option.tolerance = 1e-8
    option.noslip_iterations = 3  # halves the creep of tapered things out of the jaw, at no cost
    option.enableflags |= int(mujoco.mjtEnableBit.mjENBL_SLEEP)
    option.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_AUTORESET)  # instability is to be seen, not hidden


def add_free_body(spec: mujoco.MjSpec, body: PlacedBody) -> None:
    """Add one asset as a free body with its collision hulls and its stated mass, centre and inertia."""
    asset = body.asset
    name = BODY_PREFIX + body.name
    node = spec.worldbody.add_body(name=name)
    node.add_freejoint()
    node.explicitinertial = True
    node.mass = asset.mass
    node.ipos = asset.center_of_mass
    node.fullinertia = asset.inertia
    _add_hulls(spec, node, body, range(len(body.hulls)))


def _add_articulated_body(spec: mujoco.MjSpec, body: PlacedBody, articulation: Articulation) -> None:
    """Add the frame of an asset, bolted down or free, and its parts on their joints as children.

    The parts do not touch the frame or each other: their joints guide them, and stop them at both ends.
    """
    name = BODY_PREFIX + body.name
    node = spec.worldbody.add_body(name=name)
    if articulation.bolted:
        node.pos, node.quat = body.pose.position, body.pose.quaternion
    else:
        node.add_freejoint()
    _set_inertia(node, articulation.frame)
    owned = {i for part in articulation.parts for i in part.hulls}
    _add_hulls(spec, node, body, [i for i in range(len(body.hulls)) if i not in owned])
    names = [name]
    for part in articulation.parts:
        child = node.add_body(name=part_name(name, part.name))
        _set_inertia(child, part.inertial)
        _add_hulls(spec, child, body, part.hulls)
        child.add_joint(
            name=child.name,
            type=mujoco.mjtJoint.mjJNT_SLIDE if part.joint == "slide" else mujoco.mjtJoint.mjJNT_HINGE,
            axis=part.axis,
            pos=part.origin,
            limited=mujoco.mjtLimited.mjLIMITED_TRUE,
            range=[0.0, part.travel],
            frictionloss=part.friction,
            damping=[part.damping, 0.0, 0.0],
            solref_limit=OBJECT_SOLREF,
        )
        names.append(child.name)
    for first, second in itertools.combinations(names, 2):
        spec.add_exclude(bodyname1=first, bodyname2=second)


def _set_inertia(node: mujoco.MjsBody, inertial: Inertial) -> None:
    node.explicitinertial = True
    node.mass, node.ipos, node.fullinertia = inertial.mass, inertial.center_of_mass, inertial.inertia


def _add_hulls(spec: mujoco.MjSpec, node: mujoco.MjsBody, body: PlacedBody, numbers: Iterable[int]) -> None:
    """Add some of a body's collision hulls to one of its nodes; all nodes have the asset's frame."""
    for i in numbers:
        mesh = f"{body.asset.id}/{i}"
        if spec.mesh(mesh) is None:
            spec.add_mesh(name=mesh, uservert=np.ascontiguousarray(body.hulls[i], float).ravel())
        node.add_geom(
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=mesh,
            mass=0.0,
            contype=WORLD_CONTYPE,
            conaffinity=WORLD_CONAFFINITY,
            condim=4,
            friction=[body.asset.friction, *TORSIONAL_AND_ROLLING],
            solref=OBJECT_SOLREF,
        )


@lru_cache(maxsize=8)
def _arms_spec(arms: tuple[MountedArm, ...], settings: PhysicsSettings) -> mujoco.MjSpec:
    """All arms where they stand, and nothing else; copied for every scene."""
    if len(arms) == 1 and not arms[0].name and arms[0].at_origin:
        return _robot_spec(arms[0].robot, settings)
    spec = mujoco.MjSpec()
    set_solver(spec, settings)
    for number, arm in enumerate(arms):
        robot = _robot_spec(arm.robot, settings).copy()
        others = sum(ROBOT_CONTYPE << i for i in range(len(arms)) if i != number)
        for geom in robot.geoms:
            geom.contype <<= number
            geom.conaffinity |= others
        frame = spec.worldbody.add_frame(pos=arm.base.position, quat=arm.base.quaternion)
        spec.attach(robot, prefix=arm.prefix, frame=frame)
    _check_apart(spec.compile(), arms)
    return spec


def _check_apart(model: mujoco.MjModel, arms: tuple[MountedArm, ...]) -> None:
    """Raise ArmsTooClose if two arms at rest are nearer to each other than `APART`."""
    data, present = mujoco.MjData(model), arms_in(model, arms)
    for arm in present:
        data.qpos[arm.joints] = arm.robot.home
    model.geom_margin[:] = model.body_margin[:] = APART
    mujoco.mj_kinematics(model, data)
    mujoco.mj_collision(model, data)
    pairs = model.geom_bodyid[data.contact.geom]
    for first, second in itertools.combinations(present, 2):
        both = np.isin(pairs, first.links).any(1) & np.isin(pairs, second.links).any(1)
        if (data.contact.dist[both] < APART).any():
            names = f"{first.mounted.name} and {second.mounted.name}"
            raise ArmsTooClose(
                f"arms {names} are within {100 * APART:g} cm of each other at rest: mount them farther apart"
            )


@lru_cache(maxsize=8)
def _robot_spec(robot: RobotDescription, settings: PhysicsSettings) -> mujoco.MjSpec:
    """The robot alone, without what is only to be looked at; copied for every scene."""
    spec = robot_spec(robot)
    set_solver(spec, settings)
    drop_visuals(spec)
    for geom in spec.geoms:
        geom.contype, geom.conaffinity = ROBOT_CONTYPE, ROBOT_CONAFFINITY
        if geom.classname.name in robot.pad_geom_classes:
            geom.condim, geom.priority = 4, 1
            geom.friction, geom.solimp = PAD_FRICTION, PAD_SOLIMP
            geom.solref = [2 * settings.timestep, 1.0]
    for geom in spec.body(robot.base_body).geoms:
        geom.contype = geom.conaffinity = 0  # bolted to the table: only other arms can meet it
    for name in robot.mounted_bodies:
        spec.add_exclude(bodyname1="world", bodyname2=name)
    for body in spec.bodies[1:]:
        body.gravcomp = 1.0
    for name in robot.finger_joints:
        spec.joint(name).solref_limit = [2 * settings.timestep, 1.0]
        spec.joint(name).solimp_limit = PAD_SOLIMP
    _strengthen_gripper(spec, robot)
    return spec


def drop_visuals(spec: mujoco.MjSpec) -> None:
    """Delete geoms that collide with nothing, and the meshes, lights and keyframes that are then of no use."""
    for geom in spec.geoms:
        if geom.contype == 0 and geom.conaffinity == 0:
            spec.delete(geom)
    used = {geom.meshname for geom in spec.geoms}
    for mesh in spec.meshes:
        if (mesh.name or mesh.file.rsplit(".", 1)[0]) not in used:
            spec.delete(mesh)
    for rest in (*spec.keys, *spec.lights):
        spec.delete(rest)


def _strengthen_gripper(spec: mujoco.MjSpec, robot: RobotDescription) -> None:
    """Make the gripper's actuator a stiff position servo that saturates at the gripper's force."""
    actuator = spec.actuator(robot.gripper_actuator)
    stiffness, damping, force = gripper_servo(robot)
    actuator.ctrlrange = sorted(gripper_range(robot))
    actuator.forcerange = [-force, force]
    actuator.gainprm[0] = stiffness
    actuator.biasprm[1] = -stiffness
    actuator.biasprm[2] = -damping


def _add_contact_counter(spec: mujoco.MjSpec, name: str, subtree: str, other: str | None) -> None:
    """Count, in the engine's own C code, the contacts between a subtree and anything or one other body."""
    sensor = spec.add_sensor(name=name, type=mujoco.mjtSensor.mjSENS_CONTACT, objtype=mujoco.mjtObj.mjOBJ_XBODY)
    sensor.objname = subtree
    if other is not None:
        sensor.reftype, sensor.refname = mujoco.mjtObj.mjOBJ_BODY, other
    sensor.intprm[0], sensor.intprm[1], sensor.intprm[2] = 1 << int(mujoco.mjtConDataField.mjCONDATA_FOUND), 0, 1
