"""Bodies with poses: what every relation, the solver and the judge look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from assets_index.asset import Asset
from assets_index.spaces import Point2
from assets_index.transforms import Array, Pose, apply
from scene_graph.landmarks import ROBOT_BASE, base_outline, flat_asset, flat_hull, rectangle
from scene_graph.polygons import center_of

if TYPE_CHECKING:
    from scene_graph.task import Layout, Rect, SceneGraph


class GeometrySource(Protocol):
    """Where assets and their collision hulls come from; `AssetIndex` is one. Hashable by identity."""

    def asset(self, asset_id: str) -> Asset:
        """The asset; raises MissingAsset."""
        ...

    def hulls(self, asset_id: str) -> Sequence[NDArray[np.float64]]:
        """Vertices of its convex collision hulls in the asset frame, each (N, 3)."""
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class PlacedBody:
    """One asset at one pose in the world frame.

    Attributes:
        name: the node's name in the scene graph.
        hulls: vertices of the collision hulls in the asset frame, each (N, 3), with every moving part at joint value 0.
        joints: value of each of the asset's joints, metres or radians; empty if all are 0 or it has none.
    """

    name: str
    asset: Asset
    pose: Pose
    hulls: tuple[Array, ...]
    joints: tuple[float, ...] = ()

    @cached_property
    def moved_hulls(self) -> tuple[Array, ...]:
        """The hulls in the asset frame with the moving parts where their joints have them."""
        if self.asset.articulation is None or not any(self.joints):
            return self.hulls
        moved = list(self.hulls)
        for part, value in zip(self.asset.articulation.parts, self.joints, strict=True):
            motion = part.motion(value)
            for i in part.hulls:
                if i < len(moved):  # a layout has one convex hull, the frame's, instead of all
                    moved[i] = apply(motion, moved[i])
        return tuple(moved)

    @cached_property
    def pieces(self) -> tuple[Array, ...]:
        """Vertices of each hull in the world, each (N, 3)."""
        return tuple(apply(self.pose.matrix, hull) for hull in self.moved_hulls)

    @cached_property
    def vertices(self) -> Array:
        """Hull vertices in the world, (N, 3)."""
        return apply(self.pose.matrix, np.concatenate(self.moved_hulls))

    def joint(self, part: str) -> float:
        """The joint value of one of its moving parts; KeyError if there is none of that name."""
        if self.asset.articulation is None:
            raise KeyError(part)
        number = self.asset.articulation.number(part)
        return self.joints[number] if self.joints else 0.0

    def part_matrix(self, part: str) -> Array:
        """T_world_asset of a moving part (4, 4): where its geometry, said in the asset frame, is in the world."""
        value = self.joint(part)
        assert self.asset.articulation is not None
        return self.pose.matrix @ self.asset.articulation.part(part).motion(value)

    @cached_property
    def footprint(self) -> shapely.Polygon:
        """Convex hull of the body's projection on the ground plane."""
        return shapely.convex_hull(shapely.multipoints(self.vertices[:, :2]))

    @cached_property
    def center(self) -> Array:
        """Centroid of the footprint, (2,): where a person would say the body is."""
        return center_of(self.footprint)

    @cached_property
    def center_of_mass(self) -> Array:
        """Centre of mass in the world, (3,)."""
        return apply(self.pose.matrix, self.asset.center_of_mass)

    @property
    def bottom(self) -> float:
        """Lowest z."""
        return float(self.vertices[:, 2].min())

    @property
    def top(self) -> float:
        """Highest z."""
        return float(self.vertices[:, 2].max())


def landmarks_of(regions: Mapping[str, Rect]) -> dict[str, PlacedBody]:
    """Named areas of the table, and the robot's base, as relations see them."""
    areas = {name: _landmark(name, rectangle(rect.lower, rect.upper), True) for name, rect in regions.items()}
    return {ROBOT_BASE: _BASE, **areas}


def _landmark(name: str, outline: tuple[Point2, ...], carries: bool) -> PlacedBody:
    asset = flat_asset(name, outline, carries=carries)
    return PlacedBody(name, asset, Pose.from_matrix(np.eye(4)), (flat_hull(outline),))


_BASE = _landmark(ROBOT_BASE, base_outline(), False)


@dataclass(frozen=True)
class PlacedScene:
    """Every body of a scene at its pose. World frame: robot base at the origin, x forward, table top at z = 0.

    Attributes:
        bodies: what stands there, by name.
        landmarks: what else relations may speak of, by name: areas of the table, and the robot's base.
    """

    bodies: Mapping[str, PlacedBody]
    landmarks: Mapping[str, PlacedBody] = field(default_factory=lambda: landmarks_of({}))

    def __getitem__(self, name: str) -> PlacedBody:
        return self.bodies[name] if name in self.bodies else self.landmarks[name]

    @cached_property
    def named(self) -> Mapping[str, PlacedBody]:
        """What words can mean: bodies, and areas of the table."""
        areas = {name: landmark for name, landmark in self.landmarks.items() if name != ROBOT_BASE}
        return {**self.bodies, **areas}

    def with_poses(self, poses: Mapping[str, Pose]) -> PlacedScene:
        """The same scene with some bodies elsewhere; KeyError if `poses` names an unknown body."""
        moved = {name: replace(self.bodies[name], pose=pose) for name, pose in poses.items()}
        return replace(self, bodies={name: moved.get(name, body) for name, body in self.bodies.items()})

    def with_joints(self, joints: Mapping[str, tuple[float, ...]]) -> PlacedScene:
        """The same scene with other joint values of some bodies; KeyError if `joints` names an unknown body."""
        moved = {name: replace(self.bodies[name], joints=values) for name, values in joints.items()}
        return replace(self, bodies={name: moved.get(name, body) for name, body in self.bodies.items()})


def place(scene: SceneGraph, layout: Layout, geometry: GeometrySource) -> PlacedScene:
    """Every node of a scene graph at its pose in a layout.

    Raises:
        MissingAsset: if a node's asset is not in `geometry`.
        KeyError: if the layout lacks a node.
    """
    bodies = {
        node.name: PlacedBody(
            name=node.name,
            asset=geometry.asset(node.asset_id),
            pose=layout.poses[node.name],
            hulls=tuple(geometry.hulls(node.asset_id)),
            joints=joint_values(geometry.asset(node.asset_id), node.joints),
        )
        for node in scene.nodes
    }
    return PlacedScene(bodies, landmarks_of(scene.regions))


def joint_values(asset: Asset, joints: Mapping[str, float]) -> tuple[float, ...]:
    """Values of all of an asset's joints, 0 where none is given; empty for a rigid asset."""
    if asset.articulation is None:
        return ()
    return tuple(joints.get(part.name, 0.0) for part in asset.articulation.parts)


def joined_joints(bodies: Sequence[PlacedBody]) -> Array:
    """The joint values of all bodies in a row, (A,)."""
    given = (body.joints or joint_values(body.asset, {}) for body in bodies)
    return np.array([value for values in given for value in values], float)


def split_joints(assets: Sequence[Asset], joined: Array) -> list[tuple[float, ...]]:
    """The joint values of each of some assets, from all of them in a row (A,)."""
    values = iter(joined.tolist())
    return [
        tuple(next(values) for _ in asset.articulation.parts) if asset.articulation is not None else ()
        for asset in assets
    ]
