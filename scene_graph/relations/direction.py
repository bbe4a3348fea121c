"""Left, right, in front and behind, as the robot, a camera, or somebody at the table's front edge sees them.

One definition serves all four: along the direction, the footprints are apart (a gap of at least zero between their
extents), and the line between their centres lies within 45 degrees of the direction. So at most one of the four holds
for a pair in one frame, left_of(a, b) is right_of(b, a), and each orders its pair strictly along its direction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import shapely
from pydantic import model_validator

from assets_index.transforms import Array
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import center_of, corners
from scene_graph.relations.base import Relation, Verdict, at_origin

FrameName = Literal["robot", "camera", "table"]

_FAR = 4.0  # metres; where the cone of a region is cut off, beyond any table
_QUARTER_TURNS = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])  # away, left, towards, right
_SEEN_FROM: dict[FrameName, str] = {
    "robot": "",
    "camera": " as the camera sees it",
    "table": " as seen from the front edge of the table",
}


class Directional(Relation):
    """The subject lies from the anchor towards one side of whoever looks.

    Attributes:
        frame: who looks: the robot along +x, a camera, or somebody who stands at the table's front edge.
        yaw: where a camera or that person looks, radians about z from +x; the robot has none.
    """

    anchor: str
    frame: FrameName = "robot"
    yaw: float | None = None

    turns: ClassVar[int]
    """Quarter turns from where the viewer looks to the direction, to the left."""
    words: ClassVar[str]

    @model_validator(mode="after")
    def _check_frame(self) -> Directional:
        if self.frame == "robot" and self.yaw is not None:
            raise ValueError("the robot looks along +x: only frame camera or table takes a yaw")
        if self.frame != "robot" and self.yaw is None:
            raise ValueError(f"frame {self.frame} needs a yaw: where one looks, radians from +x")
        return self

    @property
    def anchors(self) -> tuple[str, ...]:
        """What the direction starts from."""
        return (self.anchor,)

    @property
    def direction(self) -> Array:
        """Unit vector in the world (2,) from the anchor towards the subject."""
        x, y = _QUARTER_TURNS[self.turns]
        if self.yaw is None:
            return np.array([x, y])
        cos, sin = np.cos(self.yaw), np.sin(self.yaw)
        return np.array([cos * x - sin * y, sin * x + cos * y])

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """The cone of 45 degrees about the direction, as far as the footprints are apart."""
        footprint, anchor, along = at_origin(subject), anchors[self.anchor], self.direction
        apex = anchor.center - center_of(footprint)
        near_edge = (corners(anchor.footprint) @ along).max() - (corners(footprint) @ along).min()
        start = float(near_edge - apex @ along)
        aside = np.array([-along[1], along[0]])
        ends = ((start, -start), (start, start), (_FAR, _FAR), (_FAR, -_FAR))
        return shapely.Polygon([apex + forth * along + across * aside for forth, across in ends])

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: least of the gap between the footprints along the direction, and the distance to the cone's side."""
        subject, anchor, direction = scene[self.subject], scene[self.anchor], self.direction
        gap = (corners(subject.footprint) @ direction).min() - (corners(anchor.footprint) @ direction).max()
        offset = subject.center - anchor.center
        along, aside = offset @ direction, abs(offset[1] * direction[0] - offset[0] * direction[1])
        return Verdict.of(gap, (along - aside) / np.sqrt(2.0))

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "to the left of the mug"; who looks is said unless it is the robot."""
        return f"{self.words} {names[self.anchor]}{_SEEN_FROM[self.frame]}"

    def inverse(self, anchor: str) -> Directional:
        """The opposite direction in the same frame, said of the anchor."""
        return _OPPOSITE[type(self)](subject=anchor, anchor=self.subject, frame=self.frame, yaw=self.yaw)

    def excludes(self, other: Relation) -> bool:
        """Two directions for one pair that are a right angle apart or more: their cones meet in a line only."""
        if not isinstance(other, Directional):
            return False
        same = other.inverse(other.anchor) if other.subject == self.anchor else other
        if (same.subject, same.anchor) != (self.subject, self.anchor):
            return False
        return bool(same.direction @ self.direction < 1e-9)


class LeftOf(Directional):
    """To the left of the anchor: towards +y for the robot."""

    kind: Literal["left_of"] = "left_of"
    turns: ClassVar[int] = 1
    words: ClassVar[str] = "to the left of"


class RightOf(Directional):
    """To the right of the anchor: towards -y for the robot."""

    kind: Literal["right_of"] = "right_of"
    turns: ClassVar[int] = 3
    words: ClassVar[str] = "to the right of"


class InFrontOf(Directional):
    """Nearer than the anchor: towards -x for the robot."""

    kind: Literal["in_front_of"] = "in_front_of"
    turns: ClassVar[int] = 2
    words: ClassVar[str] = "in front of"


class Behind(Directional):
    """Beyond the anchor: towards +x for the robot."""

    kind: Literal["behind"] = "behind"
    turns: ClassVar[int] = 0
    words: ClassVar[str] = "behind"


_OPPOSITE: dict[type[Directional], type[Directional]] = {
    LeftOf: RightOf,
    RightOf: LeftOf,
    InFrontOf: Behind,
    Behind: InFrontOf,
}
