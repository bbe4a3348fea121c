"""How well two fingers close on a thing: the least push or turn, from anywhere, that would undo the grasp."""

from __future__ import annotations

import numpy as np
from scipy.spatial import ConvexHull

from assets_index.transforms import Array
from dataengine.grasps.antipodal import perpendiculars

CONE_EDGES = 6
"""Edges of the pyramid that stands for a friction cone."""


def closure_quality(
    contacts: Array, inward: Array, center: Array, *, friction: float, pad_radius: float, size: float
) -> Array:
    """The ball measure of Ferrari and Canny ("Planning optimal grasps", ICRA 1992) for soft fingers; (G,).

    It is the radius of the greatest ball about the origin within the convex hull of all wrenches that the fingers can
    exert with one newton each; 0 where they cannot resist every wrench. Each finger presses with a force in its
    friction cone, and turns about its normal as a round pad with even pressure can: by two thirds of friction times
    radius. Torques are taken about the centre of mass and divided by `size`, so that the measure has no unit and does
    not depend on the scale (Pollard, 1994).

    Args:
        contacts: (G, 2, 3) points.
        inward: (G, 2, 3) unit normals into the thing.
        center: (3,) centre of mass.
        friction: Coulomb coefficient.
        pad_radius: of a finger's pad, metres.
        size: of the thing, metres: the length by which torques are divided.
    """
    if not len(contacts):
        return np.zeros(0)
    wrenches = _wrenches(contacts - center, inward, friction, 2.0 / 3.0 * friction * pad_radius, size)
    return np.array([_ball(each) for each in wrenches])


def _wrenches(arms: Array, inward: Array, friction: float, turning: float, size: float) -> Array:
    """Wrenches (G, W, 6) at the edges of both fingers' cones and the ends of their turning."""
    count = len(arms)
    first, second = (each.reshape(count, 2, 1, 3) for each in perpendiculars(inward.reshape(-1, 3)))
    angle = np.linspace(0.0, 2 * np.pi, CONE_EDGES, endpoint=False)[:, None]
    normal = inward[:, :, None]
    edges = normal + friction * (np.cos(angle) * first + np.sin(angle) * second)
    force = np.concatenate([edges, normal, normal], 2)
    turn = np.zeros_like(force)
    turn[:, :, -2:] = normal * np.array([[turning], [-turning]])
    torque = (np.cross(arms[:, :, None], force) + turn) / size
    return np.concatenate([force, torque], 3).reshape(count, -1, 6)


def _ball(wrenches: Array) -> float:
    """Radius of the greatest ball about the origin within the convex hull of wrenches (W, 6)."""
    hull = ConvexHull(wrenches, qhull_options="QJ")  # joggled: two parallel pads give wrenches in special position
    return float(max(0.0, -hull.equations[:, -1].max()))
