"""Bodies with poses: what every relation, the solver and the judge look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from assets_index.asset import Asset
from assets_index.transforms import Array, Pose, apply


class GeometrySource(Protocol):
    """Where assets and their collision hulls come from; `AssetIndex` is one."""

    def asset(self, asset_id: str) -> Asset:
        """The asset; raises MissingAsset."""
        ...

    def hulls(self, asset_id: str) -> Sequence[NDArray[np.float64]]:
        """Vertices of its convex collision hulls in the asset frame, each (N, 3)."""
        ...


@dataclass(frozen=True)
class PlacedBody:
    """One asset at one pose in the world frame.

    Attributes:
        name: the node's name in the scene graph.
        hulls: vertices of the collision hulls in the asset frame, each (N, 3).
    """

    name: str
    asset: Asset
    pose: Pose
    hulls: tuple[Array, ...]

    @cached_property
    def vertices(self) -> Array:
        """Hull vertices in the world, (N, 3)."""
        return apply(self.pose.matrix, np.concatenate(self.hulls))

    @cached_property
    def footprint(self) -> shapely.Polygon:
        """Convex hull of the body's projection on the ground plane."""
        return shapely.MultiPoint(self.vertices[:, :2]).convex_hull

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


@dataclass(frozen=True)
class PlacedScene:
    """Every body of a scene at its pose. World frame: robot base at the origin, x forward, table top at z = 0."""

    bodies: Mapping[str, PlacedBody]

    def __getitem__(self, name: str) -> PlacedBody:
        return self.bodies[name]
