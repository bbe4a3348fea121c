"""Left, right, in front and behind, as the robot sees them.

One definition serves all four: along the direction, the footprints are apart (a gap of at least zero between their
extents), and the line between their centres lies within 45 degrees of the direction. So at most one of the four holds
for a pair, left_of(a, b) is right_of(b, a), and each orders its pair strictly along its axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import shapely

from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import center_of
from scene_graph.relations.base import Relation, Verdict, at_origin

_FAR = 4.0  # metres; where the cone of a region is cut off, beyond any table


class Directional(Relation):
    """The subject lies from the anchor along `sign` times the world's axis number `axis`."""

    anchor: str

    axis: ClassVar[int]
    sign: ClassVar[int]
    words: ClassVar[str]

    @property
    def anchors(self) -> tuple[str, ...]:
        """The body that the direction starts from."""
        return (self.anchor,)

    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """The cone of 45 degrees about the direction, as far as the footprints are apart."""
        footprint, anchor = at_origin(subject), anchors[self.anchor]
        center = center_of(footprint)
        apex = anchor.center - center
        near_edge = self._extent(anchor.footprint)[1] - self._extent(footprint)[0]
        start = near_edge - self.sign * apex[self.axis]
        along, aside = np.array([start, start, _FAR, _FAR]), np.array([-start, start, _FAR, -_FAR])
        points = np.empty((4, 2))
        points[:, self.axis] = apex[self.axis] + self.sign * along
        points[:, 1 - self.axis] = apex[1 - self.axis] + aside
        return shapely.Polygon(points)

    def holds(self, scene: PlacedScene) -> Verdict:
        """Margin: least of the gap between the footprints along the direction, and the distance to the cone's side."""
        subject, anchor = scene[self.subject], scene[self.anchor]
        gap = self._extent(subject.footprint)[0] - self._extent(anchor.footprint)[1]
        offset = subject.center - anchor.center
        along, aside = self.sign * offset[self.axis], abs(offset[1 - self.axis])
        return Verdict.of(gap, (along - aside) / np.sqrt(2.0))

    def phrase(self, names: Mapping[str, str]) -> str:
        """E.g. "to the left of the mug"."""
        return f"{self.words} {names[self.anchor]}"

    def inverse(self, anchor: str) -> Relation:
        """The opposite direction, said of the anchor."""
        return _OPPOSITE[type(self)](subject=anchor, anchor=self.subject)

    def _extent(self, footprint: shapely.Polygon) -> tuple[float, float]:
        """Least and greatest coordinate along the direction."""
        bounds = footprint.bounds
        low, high = bounds[self.axis], bounds[self.axis + 2]
        return (low, high) if self.sign > 0 else (-high, -low)


class LeftOf(Directional):
    """Towards +y of the anchor."""

    kind: Literal["left_of"] = "left_of"
    axis: ClassVar[int] = 1
    sign: ClassVar[int] = 1
    words: ClassVar[str] = "to the left of"


class RightOf(Directional):
    """Towards -y of the anchor."""

    kind: Literal["right_of"] = "right_of"
    axis: ClassVar[int] = 1
    sign: ClassVar[int] = -1
    words: ClassVar[str] = "to the right of"


class InFrontOf(Directional):
    """Towards -x of the anchor: nearer to the robot."""

    kind: Literal["in_front_of"] = "in_front_of"
    axis: ClassVar[int] = 0
    sign: ClassVar[int] = -1
    words: ClassVar[str] = "in front of"


class Behind(Directional):
    """Towards +x of the anchor: farther from the robot."""

    kind: Literal["behind"] = "behind"
    axis: ClassVar[int] = 0
    sign: ClassVar[int] = 1
    words: ClassVar[str] = "behind"


_OPPOSITE: dict[type[Directional], type[Directional]] = {
    LeftOf: RightOf,
    RightOf: LeftOf,
    InFrontOf: Behind,
    Behind: InFrontOf,
}
