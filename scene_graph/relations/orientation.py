"""How a thing is turned: upright, lying, aligned with another, facing it.

Angles become metres so that margins can be compared: an angle is said as the arc that a point moves through which is
`LEVER` away from the axis. Facing has a margin in metres of its own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import shapely
from pydantic import Field

from assets_index.transforms import Array
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import center_of, translated
from scene_graph.relations.base import IMPOSSIBLE, PLANE, Relation, Verdict, at_origin

LEVER = 0.1
"""Metres from an axis at which an angle is measured as an arc."""
LEAST_LEVEL = float(np.sin(np.radians(45.0)))
"""Least length of a front's unit vector as seen from above: one that points up or down faces nothing."""

Axis = Literal["x", "y", "z"]
Front = Literal["x", "-x", "y", "-y", "z", "-z"]

_FAR = 4.0  # metres; where the wedge of a region is cut off, beyond any table


class Turned(Relation):
    """A relation about orientations alone: no translation changes it."""

    orients: ClassVar[bool] = True

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """Everywhere, or nowhere."""
        return PLANE if self.arc(subject, anchors) > 0.0 else shapely.Polygon()

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: the arc, at 10 cm from the axis, by which the subject could be turned."""
        return Verdict.of(self.arc(scene[self.subject], {name: scene[name] for name in self.anchors}))

    @abstractmethod
    def arc(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> float:
        """The margin in metres of arc."""


class Upright(Turned):
    """The subject's own z axis points up, within `tolerance` radians."""

    kind: Literal["upright"] = "upright"
    tolerance: float = Field(default=float(np.radians(15.0)), gt=0.0, lt=np.pi / 2)

    @property
    def anchors(self) -> tuple[str, ...]:
        """None: it is said of one thing alone."""
        return ()

    def arc(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> float:
        """How much farther the subject could be tilted."""
        del anchors
        return LEVER * (self.tolerance - _tilt(subject))

    def phrase(self, names: Mapping[str, str]) -> str:
        """Always "upright"."""
        del names
        return "upright"

    def excludes(self, other: Relation) -> bool:
        """Lying, unless the tolerances of both meet."""
        if not isinstance(other, Lying) or other.subject != self.subject:
            return False
        return self.tolerance + other.tolerance <= np.pi / 2


class Lying(Turned):
    """The subject's own z axis is level, within `tolerance` radians: what narrows to one end lies aslant."""

    kind: Literal["lying"] = "lying"
    tolerance: float = Field(default=float(np.radians(30.0)), gt=0.0, lt=np.pi / 2)

    @property
    def anchors(self) -> tuple[str, ...]:
        """None: it is said of one thing alone."""
        return ()

    def arc(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> float:
        """How much farther the subject could be raised."""
        del anchors
        return LEVER * (self.tolerance - abs(np.pi / 2 - _tilt(subject)))

    def phrase(self, names: Mapping[str, str]) -> str:
        """Always "lying on its side"."""
        del names
        return "lying on its side"


class AlignedWith(Turned):
    """An axis of the subject is parallel to one of the anchor, in either sense, within `tolerance` radians.

    Attributes:
        axis, anchor_axis: axes of the two asset frames; those of a landmark are the world's.
    """

    kind: Literal["aligned_with"] = "aligned_with"
    anchor: str
    axis: Axis = "x"
    anchor_axis: Axis = "x"
    tolerance: float = Field(default=float(np.radians(15.0)), gt=0.0, lt=np.pi / 2)

    @property
    def anchors(self) -> tuple[str, ...]:
        """What it is parallel to."""
        return (self.anchor,)

    def arc(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> float:
        """How much farther the subject could be turned away."""
        own, other = axis_of(subject, self.axis), axis_of(anchors[self.anchor], self.anchor_axis)
        angle = np.arctan2(np.linalg.norm(np.cross(own, other)), abs(own @ other))
        return LEVER * float(self.tolerance - angle)

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "aligned with the tray"."""
        return f"aligned with {names[self.anchor]}"

    def inverse(self, anchor: str) -> Relation:
        """Alignment is mutual."""
        return AlignedWith(
            subject=anchor,
            anchor=self.subject,
            axis=self.anchor_axis,
            anchor_axis=self.axis,
            tolerance=self.tolerance,
        )


class Facing(Relation):
    """The subject's front points at the anchor's centre, seen from above, within `tolerance` radians.

    Attributes:
        front: axis of the subject's asset frame that is its front; one that points up or down faces nothing.
    """

    kind: Literal["facing"] = "facing"
    anchor: str
    front: Front
    tolerance: float = Field(default=float(np.radians(30.0)), gt=0.0, lt=np.pi / 2)

    @property
    def anchors(self) -> tuple[str, ...]:
        """What it looks at."""
        return (self.anchor,)

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """The wedge behind the anchor, seen along the subject's front."""
        ahead = self._ahead(subject)
        if ahead is None:
            return shapely.Polygon()
        return translated(self._wedge(anchors[self.anchor].center, -ahead), -center_of(at_origin(subject)))

    def anchor_region(self, anchor: PlacedBody, others: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """The wedge in front of the subject."""
        subject = others[self.subject]
        ahead = self._ahead(subject)
        if ahead is None:
            return shapely.Polygon()
        return translated(self._wedge(subject.center, ahead), -center_of(at_origin(anchor)))

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: distance of the anchor's centre from the edge of the wedge in front of the subject."""
        subject = scene[self.subject]
        ahead = self._ahead(subject)
        if ahead is None:
            return Verdict.of(IMPOSSIBLE)
        offset = scene[self.anchor].center - subject.center
        angle = np.arctan2(abs(ahead[0] * offset[1] - ahead[1] * offset[0]), ahead @ offset)
        return Verdict.of(np.linalg.norm(offset) * np.sin(max(self.tolerance - angle, -np.pi / 2)))

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "facing the mug"."""
        return f"facing {names[self.anchor]}"

    def excludes(self, other: Relation) -> bool:
        """Facing the same with the opposite side."""
        if not isinstance(other, Facing) or (other.subject, other.anchor) != (self.subject, self.anchor):
            return False
        return other.front != self.front and other.front[-1] == self.front[-1]

    def _ahead(self, subject: PlacedBody) -> Array | None:
        """Unit vector (2,) of the front, seen from above; None if it points up or down."""
        front = axis_of(subject, self.front)[:2]
        length = float(np.linalg.norm(front))
        return front / length if length >= LEAST_LEVEL else None

    def _wedge(self, apex: Array, along: Array) -> shapely.Polygon:
        side = np.array([-along[1], along[0]]) * np.tan(self.tolerance)
        return shapely.Polygon([apex, apex + _FAR * (along - side), apex + _FAR * (along + side)])


def axis_of(body: PlacedBody, axis: Front) -> Array:
    """Unit vector (3,) in the world of an axis of a body's asset frame."""
    sign = -1.0 if axis.startswith("-") else 1.0
    return np.asarray(sign * body.pose.matrix[:3, "xyz".index(axis[-1])])


def _tilt(body: PlacedBody) -> float:
    """Angle between the body's z axis and the vertical, radians."""
    x, y, z = axis_of(body, "z")
    return float(np.arctan2(np.hypot(x, y), z))
