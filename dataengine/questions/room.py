"""Whether there is room for a thing: proven however it is turned, and so is that there is none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from assets_index.transforms import Array
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import corners
from scene_graph.task import Rect


@dataclass(frozen=True)
class Footprint:
    """The footprint of a body whose middle is put at some point.

    Attributes:
        scene: what else there is; the body itself is never in its own way.
        clearance: left between things where there is room, metres.
    """

    body: PlacedBody
    scene: PlacedScene
    clearance: float

    def fits(self, points: Array, ignored: tuple[str, ...] = ()) -> NDArray[np.bool_]:
        """Whether it can stand at points (N, 3) clear of all bodies but those ignored, however it is turned; (N,)."""
        return ~self._within(points, self._outer_radius + self.clearance, ignored)

    def fits_table(self, points: Array, workspace: Rect) -> NDArray[np.bool_]:
        """Whether it can stand there and is wholly within the workspace."""
        radius = self._outer_radius
        inside = (points[:, :2] - radius > workspace.lower) & (points[:, :2] + radius < workspace.upper)
        return inside.all(axis=1) & self.fits(points)

    def collides(self, points: Array) -> NDArray[np.bool_]:
        """Whether it would meet another body at points (N, 3), however it is turned; (N,)."""
        return self._within(points, self._inner_radius, ())

    def _within(self, points: Array, radius: float, ignored: tuple[str, ...]) -> NDArray[np.bool_]:
        others = [body for name, body in self.scene.bodies.items() if name not in (self.body.name, *ignored)]
        taken = shapely.geometrycollections([other.footprint for other in others])
        shapely.prepare(taken)
        return np.asarray(shapely.dwithin(taken, shapely.points(points[:, :2]), radius))

    @cached_property
    def _outer_radius(self) -> float:
        """Farthest corner of the footprint from its middle, metres."""
        return float(np.linalg.norm(corners(self.body.footprint) - self.body.center, axis=1).max())

    @cached_property
    def _inner_radius(self) -> float:
        """Greatest circle about the middle that the footprint holds, metres; 0 if its middle is outside."""
        middle = shapely.Point(self.body.center)
        footprint = self.body.footprint
        return float(footprint.exterior.distance(middle)) if footprint.contains(middle) else 0.0
