"""Pairs of surface points that two opposing fingers can press on without slipping off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array
from dataengine.grasps.solid import Solid


@dataclass(frozen=True)
class ContactPairs:
    """Antipodal pairs in the asset frame.

    Attributes:
        first, second: (n, 3) contact points.
        axis: (n, 3) unit vectors from first to second: the closing direction.
        width: (n,) metres.
        normals: (n, 2, 3) unit normals into the thing, at first and second.
        quality: (n,) cosine of the worse angle between the axis and a contact's inward normal; 1 is best.
    """

    first: Array
    second: Array
    axis: Array
    width: Array
    normals: Array
    quality: Array

    @property
    def middle(self) -> Array:
        """Halfway between the contacts, (n, 3)."""
        return (self.first + self.second) / 2

    def __len__(self) -> int:
        return len(self.width)

    def take(self, index: NDArray[np.intp]) -> ContactPairs:
        """A selection."""
        return ContactPairs(**{name: values[index] for name, values in vars(self).items()})


def sample_pairs(
    solid: Solid,
    count: int,
    rng: np.random.Generator,
    *,
    friction: float,
    width: tuple[float, float],
    up: Array | None = None,
    steepest: float = 0.5 * np.pi,
) -> ContactPairs:
    """Shoot `count` rays from the surface inwards, within the friction cone, and keep those that leave within another.

    A pair is force-closed for soft fingers when the line between its points lies inside both friction cones (Nguyen,
    Constructing force-closure grasps, IJRR 1988).

    Args:
        solid: what is to be held.
        count: rays; at most a third become pairs.
        rng: source of all choices.
        friction: Coulomb coefficient that both cones must satisfy.
        width: least and greatest distance between the points, metres.
        up: unit vector away from the support; every other ray is then level, since only a level jaw reaches far down
            beside a flat thing, and none starts on a face that no level enough jaw could press on.
        steepest: greatest angle between an axis and the level, rad.
    """
    half_angle = np.arctan(friction)
    points, normals = solid.sample(count, rng, up=up, steepest=min(steepest + half_angle, 0.5 * np.pi))
    axis = _within_cone(-normals, half_angle, rng)
    if up is not None:
        axis[::2] -= (axis[::2] @ up)[:, None] * up
        axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    exits = solid.exits(points, axis)
    axis, first, inward = axis[exits.ray], points[exits.ray], -normals[exits.ray]
    quality = np.minimum((axis * inward).sum(1), (axis * exits.normal).sum(1))
    good = (quality > np.cos(half_angle)) & (exits.distance > width[0]) & (exits.distance < width[1])
    if up is not None:
        good &= np.abs(axis @ up) < np.sin(steepest)
    axis, first, distance = axis[good], first[good], exits.distance[good]
    normals = np.stack([inward[good], -exits.normal[good]], 1)
    return ContactPairs(first, first + axis * distance[:, None], axis, distance, normals, quality[good])


def perpendiculars(axis: Array) -> tuple[Array, Array]:
    """Two unit vectors that complete each unit vector (n, 3) to a right-handed frame."""
    reference = np.where(np.abs(axis[:, :1]) < 0.9, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]])
    first = np.cross(axis, reference)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return first, np.cross(axis, first)


def _within_cone(axis: Array, half_angle: float, rng: np.random.Generator) -> Array:
    """Unit vectors within a cone about each axis, denser near it."""
    first, second = perpendiculars(axis)
    angle = half_angle * rng.random(len(axis))
    turn = 2 * np.pi * rng.random(len(axis))
    side = np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second
    return np.cos(angle)[:, None] * axis + np.sin(angle)[:, None] * side
