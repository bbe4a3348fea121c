"""How a body can stand: its stable poses, turned about the vertical."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
import shapely
from pydantic import Field

from assets_index.asset import Asset, StablePose
from assets_index.transforms import Array, Pose, Quat, rotation_from_quaternion, rotation_z
from scene_graph.placed import GeometrySource, PlacedBody

Orientation = Literal["upright", "random"] | Annotated[tuple[int, ...], Field(min_length=1)]
"""Which stable poses a body may take: the upright one, any by its probability, or those of these indices by theirs."""


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


def draw_stance(asset: Asset, orientation: Orientation, rng: np.random.Generator) -> Stance:
    """One of the stable poses that an orientation allows, by its probability, with a yaw drawn uniformly."""
    poses = standing_poses(asset, orientation)
    weights = np.array([pose.probability for pose in poses])
    total = weights.sum()
    chosen = poses[rng.choice(len(poses), p=weights / total)] if total > 0.0 else poses[0]
    rotation = rotation_z(rng.uniform(-np.pi, np.pi)) @ rotation_from_quaternion(chosen.quaternion)
    return Stance(stable_pose=asset.stable_poses.index(chosen), rotation=rotation, height=chosen.height)


def standing_poses(asset: Asset, orientation: Orientation) -> tuple[StablePose, ...]:
    """The stable poses an orientation allows."""
    if orientation == "upright":
        return (asset.upright_pose,)
    return asset.stable_poses if orientation == "random" else tuple(asset.stable_poses[i] for i in orientation)


def body_at(
    name: str, asset: Asset, geometry: GeometrySource, stance: Stance, position: tuple[float, float, float]
) -> PlacedBody:
    """A body in a stance, its origin at `position`; only its convex hull is kept, which is all that a layout needs."""
    transform = np.eye(4)
    transform[:3, :3], transform[:3, 3] = stance.rotation, position
    return PlacedBody(name, asset, Pose.from_matrix(transform), (convex_vertices(geometry, asset.id),))


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
    """Corners of an asset's convex hull, (N, 3): footprint, bottom and top are those of all its hulls."""
    from scipy.spatial import ConvexHull  # a third of a second that reading a task need not pay

    points = np.unique(np.concatenate([np.asarray(hull, float) for hull in geometry.hulls(asset_id)]), axis=0)
    corners = points[ConvexHull(points).vertices]
    corners.setflags(write=False)
    return corners
