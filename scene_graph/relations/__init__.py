"""Spatial relations: one class each says where the solver may put the subject, whether it holds, and how to say it.

Left, right, front and behind are meant as the robot sees them unless the relation states another frame: standing at
the base, looking along +x. Left is +y; "in front of" is nearer to the robot (smaller x), "behind" is farther away. The
third-person camera stands behind the robot, so the words agree with the picture.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scene_graph.relations.base import Relation, Verdict, statement
from scene_graph.relations.direction import Behind, Directional, InFrontOf, LeftOf, RightOf
from scene_graph.relations.proximity import Between, Near
from scene_graph.relations.ranking import ClosestTo, FarthestFrom, Ranked
from scene_graph.relations.support import In, On

AnyRelation = Annotated[
    In | On | Near | LeftOf | RightOf | InFrontOf | Behind | Between | ClosestTo | FarthestFrom,
    Field(discriminator="kind"),
]

__all__ = [
    "AnyRelation",
    "Behind",
    "Between",
    "ClosestTo",
    "Directional",
    "FarthestFrom",
    "In",
    "InFrontOf",
    "LeftOf",
    "Near",
    "On",
    "Ranked",
    "Relation",
    "RightOf",
    "Verdict",
    "statement",
]
