"""One thing of every procedural category, built once a test run, and what several tests ask of it."""

from functools import cache

import mujoco
import numpy as np
from scipy.spatial import ConvexHull

from assets_index.builder import BuiltAsset
from assets_index.procedural.library import GENERATORS, build

CATEGORIES = tuple(GENERATORS)
NUMBERS = (0, 1)


@cache
def built(category: str, number: int) -> BuiltAsset:
    return build(category, number)


THINGS = {category: [built(category, number) for number in NUMBERS] for category in CATEGORIES}
OBJECTS = tuple(category for category in CATEGORIES if THINGS[category][0].asset.role == "object")
CONTAINERS = tuple(category for category in CATEGORIES if THINGS[category][0].asset.role == "container")
CARRIERS = tuple(category for category in OBJECTS if THINGS[category][0].asset.support)
TABLES = tuple(category for category in CATEGORIES if THINGS[category][0].asset.role == "table")
HOLLOW = tuple(category for category in CATEGORIES if THINGS[category][0].asset.cavity)


def on_the_ground(thing: BuiltAsset, *, free: bool) -> mujoco.MjSpec:
    """A world with the thing standing on a slab, under settings that make grasps hold.

    A slab and not a plane: MuJoCo takes at most four vertices of a mesh against a plane, so that a round foot rocks.
    """
    spec = mujoco.MjSpec()
    spec.option.timestep = 0.0025
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10
    touch = {"condim": 4, "friction": [1, 0.01, 2e-4], "solref": [0.01, 1]}
    spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[1, 1, 0.1], pos=[0, 0, -0.1], **touch)
    body = spec.worldbody.add_body(name="thing")
    if free:
        body.add_freejoint()
        asset = thing.asset
        body.explicitinertial = True
        body.mass, body.ipos, body.fullinertia = asset.mass, asset.center_of_mass, asset.inertia
    for number, hull in enumerate(thing.hulls):
        spec.add_mesh(name=f"hull{number}", uservert=hull.ravel())
        body.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=f"hull{number}", **touch)
    return spec


def inside_any_hull(thing: BuiltAsset, points: np.ndarray, slack: float) -> np.ndarray:
    """Which points (N, 3) lie deeper than `slack` in a collision hull."""
    inside = np.zeros(len(points), bool)
    for hull in thing.hulls:
        planes = ConvexHull(hull).equations
        inside |= (points @ planes[:, :3].T + planes[:, 3] < -slack).all(1)
    return inside
