"""Spatial relations: one class each says where the solver may put the subject, whether it holds, and how to say it.

Left, right, front and behind are meant as the robot sees them unless the relation states another frame: standing at
the base, looking along +x. Left is +y; "in front of" is nearer to the robot (smaller x), "behind" is farther away. The
third-person camera stands behind the robot, so the words agree with the picture.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scene_graph.relations.articulation import Closed, InsideDrawer, Open, Pressed, Released
from scene_graph.relations.base import Relation, Verdict, statement
from scene_graph.relations.direction import Behind, Directional, InFrontOf, LeftOf, RightOf
from scene_graph.relations.orientation import AlignedWith, Facing, Lying, Upright
from scene_graph.relations.proximity import Between, Near
from scene_graph.relations.ranking import ClosestTo, FarthestFrom, Ranked
from scene_graph.relations.stacking import StackedOn
from scene_graph.relations.support import In, On

AnyRelation = Annotated[
    In
    | On
    | StackedOn
    | Near
    | Between
    | LeftOf
    | RightOf
    | InFrontOf
    | Behind
    | ClosestTo
    | FarthestFrom
    | AlignedWith
    | Facing
    | Upright
    | Lying
    | Open
    | Closed
    | Pressed
    | Released
    | InsideDrawer,
    Field(discriminator="kind"),
]

__all__ = [
    "AlignedWith",
    "AnyRelation",
    "Behind",
    "Between",
    "Closed",
    "ClosestTo",
    "Directional",
    "Facing",
    "FarthestFrom",
    "In",
    "InFrontOf",
    "InsideDrawer",
    "LeftOf",
    "Lying",
    "Near",
    "On",
    "Open",
    "Pressed",
    "Ranked",
    "Relation",
    "Released",
    "RightOf",
    "StackedOn",
    "Upright",
    "Verdict",
    "statement",
]
