"""What every relation offers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import shapely

from assets_index.schema import Schema
from scene_graph.placed import PlacedBody, PlacedScene

IMPOSSIBLE = -10.0
"""Margin of a relation that no pose could make true, such as "in" something without a cavity: beyond any table."""

PLANE = shapely.box(-4.0, -4.0, 4.0, 4.0)
"""Everywhere that matters: a relation that does not know where an anchor may be."""


class Verdict(Schema):
    """Whether a relation holds, and by how many metres: positive inside, negative outside.

    No translation of the subject by less than `margin` changes a verdict that holds.
    """

    holds: bool
    margin: float

    @classmethod
    def of(cls, *margins: float) -> Verdict:
        """The verdict of conditions that must all be met."""
        margin = float(min(margins))
        return cls(holds=margin > 0.0, margin=margin)


class Relation(Schema):
    """What `subject` is to its anchors: other bodies, areas of the table, or the robot's base.

    Attributes:
        orients: whether it depends on orientations alone, so that its region is everywhere or nowhere.
    """

    subject: str

    orients: ClassVar[bool] = False

    @property
    @abstractmethod
    def anchors(self) -> tuple[str, ...]:
        """Names of the other nodes it speaks of."""

    @property
    def moving_parts(self) -> tuple[tuple[str, str], ...]:
        """Moving parts that it speaks of, each by the body's name and its own."""
        return ()

    @abstractmethod
    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """World xy positions of the subject's origin, at its present orientation, for which the relation holds."""

    @abstractmethod
    def holds(self, scene: PlacedScene) -> Verdict:
        """Whether it is true of these poses."""

    @abstractmethod
    def phrase(self, names: Mapping[str, str]) -> str:
        """The relation in words, e.g. "in the blue bowl"; `names` gives a noun phrase per anchor."""

    def anchor_region(self, anchor: PlacedBody, others: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """The same as `region` for one of the anchors, where the subject and any other anchor stand already."""
        inverse = self.inverse(anchor.name)
        return PLANE if inverse is None else inverse.region(anchor, others)

    def inverse(self, anchor: str) -> Relation | None:
        """The same fact said of `anchor`, e.g. right_of(b, a) for left_of(a, b); None where there is no such word."""
        del anchor
        return None

    def excludes(self, other: Relation) -> bool:
        """Whether no poses at all make both hold, as far as the two relations alone tell; asked of either is enough."""
        del other
        return False


def statement(relation: Relation) -> str:
    """A relation in words with the nodes' own names, e.g. "apple_0 in bowl_1"."""
    return f"{relation.subject} {relation.phrase({name: name for name in relation.anchors})}"


def listed(names: Sequence[str]) -> str:
    """Noun phrases as a list, e.g. "the mug, the bowl and the can"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def at_origin(body: PlacedBody) -> shapely.Polygon:
    """The body's footprint at its present orientation, with the body's origin at xy = 0."""
    x, y, _ = body.pose.position
    return shapely.transform(body.footprint, lambda points: points - (x, y))
