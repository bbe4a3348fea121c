"""What a goal says about the place where its target is to be put down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import shapely

from assets_index.articulation import MovingPart
from assets_index.transforms import Array
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import placements_within_gap
from scene_graph.relations import In, InsideDrawer, On
from scene_graph.relations.articulation import part_of
from scene_graph.relations.base import Relation, at_origin

GAP = 0.004
"""Distance of the target's footprint from others' where it is put down, metres."""

LEVEL = 0.003
"""What rises less above the floor of the place is part of it."""


@dataclass(frozen=True)
class Destination:
    """What the goal says about the place.

    Attributes:
        relations: goal relations whose subject is the target.
        scene: every body where it is now.
        target: the target's name.
        obstacles: (P, 3) points on surfaces near the place, in the world.
        width: distance between the fingers when closed on the target, metres.
    """

    relations: tuple[Relation, ...]
    scene: PlacedScene
    target: str
    obstacles: Array
    width: float

    @cached_property
    def host(self) -> PlacedBody | None:
        """What the target is to lie in or on; None for the table."""
        hosts = [relation.anchors[0] for relation in self.relations if isinstance(relation, In | On | InsideDrawer)]
        return self.scene[hosts[0]] if hosts else None

    @cached_property
    def drawer(self) -> MovingPart | None:
        """The drawer that the target is to be in; None for any other place."""
        parts = [relation.part for relation in self.relations if isinstance(relation, InsideDrawer)]
        return part_of(self.host, parts[0]) if parts and self.host is not None else None

    @cached_property
    def floor(self) -> float:
        """Height of the plane that the target is to lie on, metres."""
        if self.host is None:
            return 0.0
        support = self.host.asset.support
        cavity = self.drawer.cavity if self.drawer else self.host.asset.cavity
        inside = self._into
        height = cavity.floor if inside and cavity else support.height if support else 0.0
        return self.host.pose.position[2] + height

    def heights(self, drops: Sequence[float]) -> list[float]:
        """Heights of the target's lowest point to try, lowest first."""
        return [self.floor + drop for drop in (drops if self._into else drops[:2])]

    @property
    def _into(self) -> bool:
        return any(isinstance(relation, In | InsideDrawer) for relation in self.relations)

    def region(self, body: PlacedBody) -> shapely.Geometry:
        """World positions of the target's origin, at the body's orientation, for which the whole goal can hold.

        What stands there already is left out; but in a vessel that is full, things may lie on each other.
        """
        regions = [
            relation.region(body, {name: self.scene[name] for name in relation.anchors}) for relation in self.relations
        ]
        wanted = reduce(shapely.intersection, regions) if regions else shapely.Polygon()
        if wanted.is_empty:
            return wanted
        free = shapely.difference(wanted, self._taken(body, wanted))
        return wanted if free.is_empty and self._into else free

    def _taken(self, body: PlacedBody, wanted: shapely.Geometry) -> shapely.Geometry:
        """Of the wanted positions, those with the body against something that rises above the floor of the place."""
        footprint = at_origin(body)
        around = shapely.box(*np.add(wanted.bounds, footprint.bounds)).buffer(2 * GAP)
        near = [other for other in self._others if around.intersects(other)]
        return shapely.union_all([placements_within_gap(other, footprint, GAP) for other in near])

    @cached_property
    def _others(self) -> list[shapely.Polygon]:
        """What else rises above the floor of the place: other bodies, and what juts out over a drawer."""
        around = [
            other.footprint
            for name, other in self.scene.bodies.items()
            if name != self.target and other is not self.host and other.top > self.floor + LEVEL
        ]
        return around + self._overhead

    @cached_property
    def _overhead(self) -> list[shapely.Polygon]:
        """Fronts and handles of the other drawers of the cabinet that lie above the one that the target is to be in."""
        if self.host is None or self.host.asset.articulation is None or self.drawer is None or not self.drawer.cavity:
            return []
        rim = self.host.pose.position[2] + self.drawer.cavity.rim
        others = [part for part in self.host.asset.articulation.parts if part.name != self.drawer.name]
        pieces = [self.host.pieces[i] for part in others for i in part.hulls]
        return [shapely.convex_hull(shapely.multipoints(each[:, :2])) for each in pieces if each[:, 2].max() > rim]
