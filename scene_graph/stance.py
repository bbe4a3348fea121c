"""How a body can stand: its stable poses, turned about the vertical."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
import shapely
from pydantic import Field

from assets_index.asset import Asset, StablePose
from assets_index.transforms import Array, Pose, Quat, apply, rotation_from_quaternion, rotation_z
from scene_graph.placed import GeometrySource, PlacedBody

Orientation = Literal["upright", "random"] | Annotated[tuple[int, ...], Field(min_length=1)]
"""Which stable poses a body may take: the upright one, any by its probability, or those of these indices by theirs."""

SWING = (0.25, 0.5, 0.75, 1.0)
"""Shares of its travel at which a part on a hinge is looked at for the room that it takes."""


@dataclass(frozen=True)
class Stance:
    """An orientation at rest on a level plane.

    Attributes:
        stable_pose: index into `asset.stable_poses`.
        rotation: asset frame to world, (3, 3), with the yaw.
        height: of the asset's origin above the plane, metres.
    """

    stable_pose: int
    rotation: Array
    height: float


def draw_stance(
    asset: Asset,
    orientation: Orientation,
    rng: np.random.Generator,
    heading: tuple[float, float] | None = None,
) -> Stance:
    """One of the stable poses an orientation allows, by its probability, and a yaw drawn evenly from `heading`."""
    allowed = _allowed_poses(asset, orientation)
    weights = np.array([asset.stable_poses[number].probability for number in allowed])
    total = weights.sum()
    number = allowed[rng.choice(len(allowed), p=weights / total)] if total > 0.0 else allowed[0]
    pose = asset.stable_poses[number]
    rotation = rotation_z(rng.uniform(*(heading or (-np.pi, np.pi)))) @ _rotation(pose.quaternion)
    return Stance(stable_pose=number, rotation=rotation, height=pose.height)


def standing_poses(asset: Asset, orientation: Orientation) -> tuple[StablePose, ...]:
    """The stable poses an orientation allows."""
    return tuple(asset.stable_poses[number] for number in _allowed_poses(asset, orientation))


def _allowed_poses(asset: Asset, orientation: Orientation) -> tuple[int, ...]:
    if orientation == "upright":
        return (asset.stable_poses.index(asset.upright_pose),)
    return tuple(range(len(asset.stable_poses))) if orientation == "random" else orientation


@lru_cache(maxsize=8192)
def _rotation(quaternion: Quat) -> Array:
    rotation = rotation_from_quaternion(quaternion)
    rotation.setflags(write=False)
    return rotation


def body_at(
    name: str,
    asset: Asset,
    geometry: GeometrySource,
    stance: Stance,
    position: tuple[float, float, float],
    joints: tuple[float, ...] = (),
) -> PlacedBody:
    """A body in a stance, its origin at `position`; only its convex hull is kept, which is all that a layout needs."""
    transform = np.eye(4)
    transform[:3, :3], transform[:3, 3] = stance.rotation, position
    return PlacedBody(name, asset, Pose.from_matrix(transform), (convex_vertices(geometry, asset.id),), joints)


def standing_footprints(
    geometry: GeometrySource, asset: Asset, orientation: Orientation
) -> tuple[shapely.Polygon, ...]:
    """Footprint about the asset's origin in each stable pose that an orientation allows."""
    return tuple(_footprint(geometry, asset.id, pose.quaternion) for pose in standing_poses(asset, orientation))


@lru_cache(maxsize=8192)
def _footprint(geometry: GeometrySource, asset_id: str, quaternion: Quat) -> shapely.Polygon:
    vertices = convex_vertices(geometry, asset_id) @ rotation_from_quaternion(quaternion).T
    return shapely.convex_hull(shapely.multipoints(vertices[:, :2]))


@lru_cache(maxsize=4096)
def convex_vertices(geometry: GeometrySource, asset_id: str) -> Array:
    """Corners of an asset's convex hull, (N, 3): footprint, bottom and top are those of all its hulls.

    With moving parts it is the hull of all they sweep, so that a layout leaves a drawer the room to open.
    """
    from scipy.spatial import ConvexHull  # a third of a second that reading a task need not pay

    hulls = [np.asarray(hull, float) for hull in geometry.hulls(asset_id)]
    articulation = geometry.asset(asset_id).articulation
    for part in articulation.parts if articulation else ():
        for share in (1.0,) if part.joint == "slide" else SWING:
            hulls += [apply(part.motion(share * part.travel), hulls[i]) for i in part.hulls]
    points = np.unique(np.concatenate(hulls), axis=0)
    corners = points[ConvexHull(points).vertices]
    corners.setflags(write=False)
    return corners
