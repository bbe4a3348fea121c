"""What physics knows of an episode's bodies, as UsdPhysics: masses, hulls, friction, joints, gravity.

The arm's links are kinematic and stand where they are: obstacles, with a convex collider for each piece of surface.
Every program that reads USD has robots of its own, with the joints, motors and controllers that it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics, UsdShade

from assets_index.articulation import Inertial, MovingPart, part_name
from assets_index.transforms import Array, quaternion_from_rotation
from dataengine.physics.model import TABLE_FRICTION
from renderers.usd.paths import WORLD, ScenePaths, prim_names
from renderers.usd.surfaces import define_triangles
from scene_graph.placed import PlacedBody

PHYSICS = f"{WORLD}/Physics"
TABLE_HALF_SIZE = (2.0, 2.0, 0.1)
"""The table is a box with its top at z = 0, as in the engine's own physics, metres."""


def add_physics(stage: Usd.Stage, paths: ScenePaths, bodies: Sequence[PlacedBody], links: Iterable[str]) -> None:
    """Give physics to a stage that holds what is to be seen.

    Args:
        stage: as `renderers.usd.scene.new_scene` makes it.
        paths: where things lie in it.
        bodies: what stands on the table, where it stands in the stage.
        links: names of the robot's bodies.
    """
    UsdGeom.Scope.Define(stage, PHYSICS)
    scene = UsdPhysics.Scene.Define(stage, f"{PHYSICS}/Scene")
    scene.CreateGravityDirectionAttr(Gf.Vec3f(0.0, 0.0, -1.0))
    scene.CreateGravityMagnitudeAttr(9.81)
    _add_table(stage)
    for link in links:
        prim = stage.GetPrimAtPath(paths.bodies[link])
        UsdPhysics.RigidBodyAPI.Apply(prim).CreateKinematicEnabledAttr(True)
        for surface in prim.GetChildren():
            _make_collider(surface)
    for body in bodies:
        if body.asset.articulation is None:
            asset = body.asset
            inertial = Inertial(mass=asset.mass, center_of_mass=asset.center_of_mass, inertia=asset.inertia)
            _add_rigid_body(stage, paths.bodies[body.name], inertial)
            _add_hulls(stage, paths.bodies[body.name], body, range(len(body.hulls)))
        else:
            _add_articulated(stage, paths, body)


def _add_table(stage: Usd.Stage) -> None:
    table = UsdGeom.Cube.Define(stage, f"{PHYSICS}/Table")
    table.CreatePurposeAttr(UsdGeom.Tokens.guide)
    table.AddTranslateOp().Set(Gf.Vec3d(0.0, 0.0, -TABLE_HALF_SIZE[2]))
    table.AddScaleOp().Set(Gf.Vec3f(*TABLE_HALF_SIZE))
    UsdPhysics.CollisionAPI.Apply(table.GetPrim())
    _set_friction(stage, table.GetPrim(), TABLE_FRICTION)


def _add_articulated(stage: Usd.Stage, paths: ScenePaths, body: PlacedBody) -> None:
    """A frame and its parts on joints; a bolted frame is no rigid body, so that its joints are fixed in the world."""
    articulation = body.asset.articulation
    assert articulation is not None
    frame = paths.bodies[body.name]
    owned = {i for part in articulation.parts for i in part.hulls}
    if not articulation.bolted:
        _add_rigid_body(stage, frame, articulation.frame)
    _add_hulls(stage, frame, body, [i for i in range(len(body.hulls)) if i not in owned])
    names = prim_names(part.name for part in articulation.parts)
    for part, name in zip(articulation.parts, names, strict=True):
        moving = paths.bodies[part_name(body.name, part.name)]
        _add_rigid_body(stage, moving, part.inertial)
        _add_hulls(stage, moving, body, part.hulls)
        _add_joint(stage, f"{PHYSICS}/{Sdf.Path(frame).name}_{name}", part, frame, moving)


def _add_rigid_body(stage: Usd.Stage, path: str, inertial: Inertial) -> None:
    prim = stage.GetPrimAtPath(path)
    UsdPhysics.RigidBodyAPI.Apply(prim)
    mass = UsdPhysics.MassAPI.Apply(prim)
    moments, axes = principal_axes(inertial)
    mass.CreateMassAttr(inertial.mass)
    mass.CreateCenterOfMassAttr(Gf.Vec3f(*inertial.center_of_mass))
    mass.CreateDiagonalInertiaAttr(Gf.Vec3f(*moments.tolist()))
    mass.CreatePrincipalAxesAttr(_quaternion(axes))


def principal_axes(inertial: Inertial) -> tuple[Array, Array]:
    """Principal moments (3,) and the rotation (3, 3) from their frame to that of the asset."""
    xx, yy, zz, xy, xz, yz = inertial.inertia
    moments, axes = np.linalg.eigh(np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]))
    return moments, axes * np.sign(np.linalg.det(axes))


def _add_hulls(stage: Usd.Stage, path: str, body: PlacedBody, numbers: Iterable[int]) -> None:
    """Convex colliders, not drawn."""
    from scipy.spatial import ConvexHull

    for i in numbers:
        hull = body.hulls[i]
        mesh = define_triangles(stage, f"{path}/hull_{i}", hull, ConvexHull(hull).simplices)
        mesh.CreatePurposeAttr(UsdGeom.Tokens.guide)
        _make_collider(mesh.GetPrim())
        _set_friction(stage, mesh.GetPrim(), body.asset.friction)


def _make_collider(mesh: Usd.Prim) -> None:
    """Let a mesh collide as its convex hull."""
    UsdPhysics.CollisionAPI.Apply(mesh)
    UsdPhysics.MeshCollisionAPI.Apply(mesh).CreateApproximationAttr(UsdPhysics.Tokens.convexHull)


def _set_friction(stage: Usd.Stage, prim: Usd.Prim, friction: float) -> None:
    """Bind the physics material of that friction; there is one for each value."""
    path = f"{PHYSICS}/friction_{friction:.4g}".replace(".", "_")
    material = UsdShade.Material.Get(stage, path)
    if not material:
        material = UsdShade.Material.Define(stage, path)
        physics = UsdPhysics.MaterialAPI.Apply(material.GetPrim())
        physics.CreateStaticFrictionAttr(friction)
        physics.CreateDynamicFrictionAttr(friction)
        physics.CreateRestitutionAttr(0.0)
    binding = UsdShade.MaterialBindingAPI.Apply(prim)
    binding.Bind(material, UsdShade.Tokens.weakerThanDescendants, "physics")


def _add_joint(stage: Usd.Stage, path: str, part: MovingPart, frame: str, moving: str) -> None:
    """A part's joint, 0 where the two bodies have the same pose; angles are in degrees."""
    sliding = part.joint == "slide"
    kind = UsdPhysics.PrismaticJoint if sliding else UsdPhysics.RevoluteJoint
    unit = 1.0 if sliding else float(np.rad2deg(1.0))
    joint = kind.Define(stage, path)
    joint.CreateBody0Rel().SetTargets([frame])
    joint.CreateBody1Rel().SetTargets([moving])
    joint.CreateAxisAttr(UsdPhysics.Tokens.x)
    joint.CreateLowerLimitAttr(0.0)
    joint.CreateUpperLimitAttr(part.travel * unit)
    joint.CreateCollisionEnabledAttr(False)
    turn = _quaternion(_taking_x_to(np.array(part.axis)))
    for position, rotation in (
        (joint.CreateLocalPos0Attr(), joint.CreateLocalRot0Attr()),
        (joint.CreateLocalPos1Attr(), joint.CreateLocalRot1Attr()),
    ):
        position.Set(Gf.Vec3f(*part.origin))
        rotation.Set(turn)
    degree_of_freedom = UsdPhysics.Tokens.linear if sliding else UsdPhysics.Tokens.angular
    drive = UsdPhysics.DriveAPI.Apply(joint.GetPrim(), degree_of_freedom)
    drive.CreateTypeAttr(UsdPhysics.Tokens.force)
    drive.CreateDampingAttr(part.damping / unit)


def _taking_x_to(axis: Array) -> Array:
    """A rotation (3, 3) that takes x to a unit vector."""
    helper = np.eye(3)[np.abs(axis).argmin()]
    y = np.cross(helper, axis)
    y /= np.linalg.norm(y)
    return np.stack([axis, y, np.cross(axis, y)], 1)


def _quaternion(rotation: Array) -> Gf.Quatf:
    w, *xyz = quaternion_from_rotation(rotation).tolist()
    return Gf.Quatf(w, *xyz)
