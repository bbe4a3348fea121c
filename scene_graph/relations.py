"""Spatial relations. One class each says where the solver may put the subject, whether it holds, and how a person says it.

Left, right, front and behind are meant as the robot sees them: standing at the base, looking along +x. Left is +y; "in
front of" is nearer to the robot (smaller x), "behind" is farther away. The third-person camera stands behind the robot, so
the words agree with the picture.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Literal

import shapely
from pydantic import Field

from assets_index.schema import Schema
from scene_graph.placed import PlacedBody, PlacedScene


class Verdict(Schema):
    """Whether a relation holds, and by how many metres: positive inside, negative outside."""

    holds: bool
    margin: float


class Relation(Schema):
    """What `subject` is to its anchors."""

    subject: str

    @property
    @abstractmethod
    def anchors(self) -> tuple[str, ...]:
        """Names of the other nodes it speaks of."""

    @abstractmethod
    def region(self, subject: PlacedBody, anchors: Mapping[str, PlacedBody]) -> shapely.Geometry:
        """World xy positions of the subject's origin, at its present orientation, for which the relation holds."""

    @abstractmethod
    def holds(self, scene: PlacedScene) -> Verdict:
        """Whether it is true of these poses."""

    @abstractmethod
    def phrase(self, names: Mapping[str, str]) -> str:
        """The relation in words, e.g. "in the blue bowl"; `names` gives a noun phrase per anchor."""


class In(Relation):
    """Inside a container's cavity."""

    kind: Literal["in"] = "in"
    anchor: str


class On(Relation):
    """Resting on a support surface."""

    kind: Literal["on"] = "on"
    anchor: str


AnyRelation = Annotated[In | On, Field(discriminator="kind")]
