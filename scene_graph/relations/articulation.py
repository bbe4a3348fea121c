"""States of moving parts: open, closed, pressed, released, and what is inside a drawer.

Margins are metres along the joint, measured at the handle. No translation of the whole changes them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import shapely
from pydantic import Field

from assets_index.articulation import MovingPart, PartKind
from assets_index.transforms import Array, apply, inverse
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import placements_inside, signed_distance
from scene_graph.relations.base import IMPOSSIBLE, PLANE, Relation, Verdict, at_origin
from scene_graph.relations.support import FLOOR_TOLERANCE, uprightness

CLOSED_GAP = 0.01
"""A part whose handle is nearer than this to where it is when closed counts as closed, metres."""


class PartState(Relation):
    """Said of one moving part of the subject.

    Attributes:
        part: name of the moving part.
        of: kinds of parts that can be in this state; any other is not.
    """

    part: str

    orients: ClassVar[bool] = True
    of: ClassVar[tuple[PartKind, ...]] = ("drawer", "door")
    contrary: ClassVar[str] = ""
    state: ClassVar[str] = ""

    @property
    def anchors(self) -> tuple[str, ...]:
        """None: it is said of one thing alone."""
        return ()

    @property
    def moving_parts(self) -> tuple[tuple[str, str], ...]:
        """The one it is said of."""
        return ((self.subject, self.part),)

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """Everywhere, or nowhere."""
        del anchors
        return PLANE if self._margin(subject) > 0.0 else shapely.Polygon()

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: how far the handle may move along the joint."""
        return Verdict.of(self._margin(scene[self.subject]))

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "with its top drawer open"."""
        del names
        return f"with its {self.part} {self.state}"

    def excludes(self, other: Relation) -> bool:
        """The contrary state of the same part."""
        if not isinstance(other, PartState) or (other.subject, other.part) != (self.subject, self.part):
            return False
        return other.state == self.contrary

    def _margin(self, subject: PlacedBody) -> float:
        part = part_of(subject, self.part)
        if part is None or part.kind not in self.of:
            return IMPOSSIBLE
        return self.spare(part, part.lever * subject.joint(self.part))

    @abstractmethod
    def spare(self, part: MovingPart, displacement: float) -> float:
        """The margin, where the handle is displaced by so many metres along its joint."""


class MovedFar(PartState):
    """Moved by at least a share of its travel."""

    share: float = Field(default=0.6, gt=0.0, lt=1.0)

    def spare(self, part: MovingPart, displacement: float) -> float:
        """How far it could move back."""
        return displacement - self.share * part.travel * part.lever


class Open(MovedFar):
    """A drawer or a door that is open by at least a share of its travel."""

    kind: Literal["open"] = "open"

    state: ClassVar[str] = "open"
    contrary: ClassVar[str] = "closed"


class Closed(PartState):
    """The handle within a centimetre of where it is when quite closed."""

    kind: Literal["closed"] = "closed"

    state: ClassVar[str] = "closed"
    contrary: ClassVar[str] = "open"

    def spare(self, part: MovingPart, displacement: float) -> float:
        """How far it could open."""
        del part
        return CLOSED_GAP - displacement


class Pressed(MovedFar):
    """A button that is down by at least a share of its travel."""

    kind: Literal["pressed"] = "pressed"

    of: ClassVar[tuple[PartKind, ...]] = ("button",)
    state: ClassVar[str] = "pressed"
    contrary: ClassVar[str] = "released"


class Released(PartState):
    """A button that is down by no more than a share of its travel."""

    kind: Literal["released"] = "released"
    share: float = Field(default=0.3, gt=0.0, lt=1.0)

    of: ClassVar[tuple[PartKind, ...]] = ("button",)
    state: ClassVar[str] = "released"
    contrary: ClassVar[str] = "pressed"

    def spare(self, part: MovingPart, displacement: float) -> float:
        """How far it could go down."""
        return self.share * part.travel * part.lever - displacement


class InsideDrawer(Relation):
    """Inside a drawer's cavity, wherever the drawer is.

    Holds as `In` does, in the frame of the drawer. The region asks for more: the whole footprint over the part of the
    opening that has come out of the cabinet, so that a thing can be put there from above.
    """

    kind: Literal["inside_drawer"] = "inside_drawer"
    anchor: str
    part: str

    @property
    def anchors(self) -> tuple[str, ...]:
        """The body that has the drawer."""
        return (self.anchor,)

    @property
    def moving_parts(self) -> tuple[tuple[str, str], ...]:
        """The drawer."""
        return ((self.anchor, self.part),)

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """Positions with the whole footprint over the open part of the drawer; empty where it does not fit."""
        cabinet = anchors[self.anchor]
        part = part_of(cabinet, self.part)
        if part is None or part.cavity is None:
            return shapely.Polygon()
        outside = _come_out(part, cabinet.joint(self.part))
        if outside.area == 0.0:
            return shapely.Polygon()
        corners = np.asarray(outside.exterior.coords)[:-1]
        points = np.column_stack([corners, np.full(len(corners), part.cavity.rim)])
        return placements_inside(shapely.Polygon(apply(cabinet.pose.matrix, points)[:, :2]), at_origin(subject))

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: least of the distances to the opening's edge, the rim, and 1 cm below the floor."""
        subject, cabinet = scene[self.subject], scene[self.anchor]
        part = part_of(cabinet, self.part)
        if part is None or part.cavity is None:
            return Verdict.of(IMPOSSIBLE)
        T_drawer_world = inverse(cabinet.part_matrix(self.part))
        lowest = float(apply(T_drawer_world, subject.vertices)[:, 2].min())
        return Verdict.of(
            signed_distance(apply(T_drawer_world, subject.center_of_mass)[:2], shapely.Polygon(part.cavity.opening)),
            part.cavity.rim - lowest,
            lowest - part.cavity.floor + FLOOR_TOLERANCE,
            uprightness(cabinet),
        )

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "in the top drawer of the white cabinet"."""
        return f"in the {self.part} of {names[self.anchor]}"


def part_of(body: PlacedBody, name: str) -> MovingPart | None:
    """The body's moving part of that name; None if it has none."""
    articulation = body.asset.articulation
    if articulation is None or name not in {part.name for part in articulation.parts}:
        return None
    return articulation.part(name)


def _come_out(part: MovingPart, value: float) -> shapely.Polygon:
    """The opening of a drawer, in the asset frame, as far as it lies before the edge that it has when closed."""
    assert part.cavity is not None
    axis, opening = np.array(part.axis)[:2], np.array(part.cavity.opening)
    edge = float((opening @ axis).max())
    moved = shapely.Polygon(opening + part.motion(value)[:2, 3])
    across, far = np.array([-axis[1], axis[0]]), 1.0
    before = np.array([edge * axis - far * across, edge * axis + far * across])
    return moved.intersection(shapely.Polygon(_closed(before, before + far * axis)))


def _closed(near: Array, beyond: Array) -> Array:
    """The corners of the strip between two edges, (4, 2), in order."""
    return np.concatenate([near, beyond[::-1]])
