"""What relations can speak of besides bodies: named areas of the table, and the robot's base.

To a relation they are bodies like any other, flat on the table top, so that no relation knows of them. Physics and
pictures do not have them, and they cannot be the subject of a relation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from assets_index.asset import Asset, Attributes, Source
from assets_index.spaces import Point2, SupportSurface

ROBOT_BASE = "robot_base"
"""The name under which relations speak of the robot's base; no node or area has it."""

LANDMARK_GROUP = "landmark"
"""The group of their assets; no thing is in it, and general nouns such as "object" do not mean them."""

BASE_RADIUS = 0.1
"""Radius of the circle that stands for the robot's base, about the world's origin, metres."""

_OUTLINE_CORNERS = 16
_SOURCE = Source(kind="procedural", reference="scene graph", creator="scene graph", license="CC0-1.0")


def landmark_words(name: str) -> str:
    """The noun phrase for an area or the robot's base by its name, e.g. "the left zone" for "left_zone"."""
    return f"the {' '.join(name.split('_'))}"


@lru_cache(maxsize=256)
def flat_asset(name: str, outline: tuple[Point2, ...], *, carries: bool) -> Asset:
    """What is known of a landmark, in the world's frame: a level outline at z = 0, on which things can be or not."""
    lower, upper = np.min(outline, axis=0), np.max(outline, axis=0)
    x, y = (float(value) for value in (lower + upper) / 2)
    return Asset(
        id=f"landmark-{name}",
        role="table",
        category=" ".join(name.split("_")),
        group=LANDMARK_GROUP,
        name=" ".join(name.split("_")),
        attributes=Attributes(),
        captions=(),
        extents=(float(upper[0] - lower[0]), float(upper[1] - lower[1]), 0.0),
        mass=0.0,
        center_of_mass=(x, y, 0.0),
        inertia=(0.0,) * 6,
        stable_poses=(),
        support=SupportSurface(height=0.0, outline=outline) if carries else None,
        source=_SOURCE,
        split="train",
    )


def rectangle(lower: Point2, upper: Point2) -> tuple[Point2, ...]:
    """Corners of an axis-aligned rectangle, counter-clockwise."""
    return (lower, (upper[0], lower[1]), upper, (lower[0], upper[1]))


def base_outline() -> tuple[Point2, ...]:
    """The circle that stands for the robot's base, as a polygon."""
    angles = 2 * np.pi * np.arange(_OUTLINE_CORNERS) / _OUTLINE_CORNERS
    return tuple((BASE_RADIUS * float(np.cos(a)), BASE_RADIUS * float(np.sin(a))) for a in angles)


def flat_hull(outline: Sequence[Point2]) -> np.ndarray:
    """The outline's corners at z = 0, (N, 3)."""
    return np.column_stack([np.asarray(outline, float), np.zeros(len(outline))])
