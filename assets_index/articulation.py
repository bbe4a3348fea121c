"""Parts of an asset that move: drawers and doors on their joints, and buttons in their sockets.

A joint has one value: 0 as the asset is built (closed, not pressed) and `travel` at the other end, metres for a slide
and radians for a hinge. Everything is said in the asset frame, with every joint at 0.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from assets_index.schema import Schema
from assets_index.spaces import Cavity
from assets_index.transforms import Array, Vec3, rotation_about

PartKind = Literal["drawer", "door", "button"]


def part_name(body: str, part: str) -> str:
    """Name of a moving part among all bodies of a scene, e.g. "cabinet_0/top drawer"."""
    return f"{body}/{part}"


class Inertial(Schema):
    """Mass in kg, centre of mass in the asset frame, and inertia about it: xx, yy, zz, xy, xz, yz."""

    mass: float = Field(gt=0.0)
    center_of_mass: Vec3
    inertia: tuple[float, float, float, float, float, float]


class Handle(Schema):
    """Where a part is taken hold of, or pressed.

    Attributes:
        position: the middle of what the fingers hold, or of the face that is pressed.
        outward: unit vector out of the part, against which the hand comes.
        closing: unit vector along which a jaw closes on it; None if it is only to be pressed.
        width: its size along `closing`, or across the face that is pressed, metres.
    """

    position: Vec3
    outward: Vec3
    closing: Vec3 | None = None
    width: float = Field(gt=0.0)


class MovingPart(Schema):
    """One part on one joint.

    Attributes:
        name: noun phrase that is unique in its asset, e.g. "top drawer" or "red button".
        joint: how it moves; axis: unit vector along the slide, or of the hinge by the right-hand rule.
        origin: a point on a hinge's axis; without meaning for a slide.
        travel: greatest value of the joint; the least is 0.
        friction: force, N, or torque, Nm, that holds the part where it is; damping: the same for each m/s or rad/s.
        hulls, visuals: indices of the asset's collision hulls and visual parts that move with it.
        cavity: inside of a drawer.
        label: what is written on it or beside it.
    """

    name: str
    kind: PartKind
    joint: Literal["slide", "hinge"]
    axis: Vec3
    origin: Vec3 = (0.0, 0.0, 0.0)
    travel: float = Field(gt=0.0)
    friction: float = Field(gt=0.0)
    damping: float = Field(gt=0.0)
    inertial: Inertial
    hulls: tuple[int, ...] = Field(min_length=1)
    visuals: tuple[int, ...] = Field(min_length=1)
    handle: Handle
    cavity: Cavity | None = None
    label: str | None = None

    def motion(self, value: float) -> Array:
        """Transform (4, 4) that takes the part from joint value 0 to `value`, in the asset frame."""
        transform, axis = np.eye(4), np.array(self.axis)
        if self.joint == "slide":
            transform[:3, 3] = value * axis
            return transform
        transform[:3, :3] = rotation_about(axis, value)
        transform[:3, 3] = np.array(self.origin) - transform[:3, :3] @ self.origin
        return transform

    @property
    def lever(self) -> float:
        """Metres that the handle moves for one unit of the joint's value."""
        if self.joint == "slide":
            return 1.0
        arm = np.subtract(self.handle.position, self.origin)
        return float(np.linalg.norm(np.cross(self.axis, arm)))


class Articulation(Schema):
    """The frame of an asset and its moving parts.

    Attributes:
        frame: what does not move on a joint.
        bolted: whether the frame is fixed where it stands. If not, it is a free body.
    """

    frame: Inertial
    parts: tuple[MovingPart, ...] = Field(min_length=1)
    bolted: bool = True

    @model_validator(mode="after")
    def _check(self) -> Articulation:
        names = [part.name for part in self.parts]
        hulls = [hull for part in self.parts for hull in part.hulls]
        if len(set(names)) < len(names):
            raise ValueError("two moving parts have the same name")
        if len(set(hulls)) < len(hulls) or 0 in hulls:
            raise ValueError("a hull belongs to two moving parts, or the first one, which is the frame's, to one")
        return self

    def part(self, name: str) -> MovingPart:
        """The part of that name; KeyError if there is none."""
        return {part.name: part for part in self.parts}[name]

    def number(self, name: str) -> int:
        """The part's place among the joint values; KeyError if there is none."""
        return {part.name: number for number, part in enumerate(self.parts)}[name]


def moved_articulation(articulation: Articulation, offset: Array) -> Articulation:
    """The same in a frame whose origin lies at -`offset` (3,), rounded as an asset's numbers are."""
    return articulation.model_copy(
        update={
            "frame": _moved_inertial(articulation.frame, offset),
            "parts": tuple(_moved_part(part, offset) for part in articulation.parts),
        }
    )


def _moved_part(part: MovingPart, offset: Array) -> MovingPart:
    handle = part.handle.model_copy(update={"position": _moved(part.handle.position, offset)})
    return part.model_copy(
        update={
            "origin": _moved(part.origin, offset) if part.joint == "hinge" else part.origin,
            "travel": round(part.travel, 6),
            "inertial": _moved_inertial(part.inertial, offset),
            "handle": handle.model_copy(update={"width": round(handle.width, 6)}),
            "cavity": part.cavity and part.cavity.moved(offset),
        }
    )


def _moved_inertial(inertial: Inertial, offset: Array) -> Inertial:
    ixx, iyy, izz, ixy, ixz, iyz = (float(f"{v:.6e}") for v in inertial.inertia)
    return Inertial(
        mass=round(inertial.mass, 5),
        center_of_mass=_moved(inertial.center_of_mass, offset),
        inertia=(ixx, iyy, izz, ixy, ixz, iyz),
    )


def _moved(point: Vec3, offset: Array) -> Vec3:
    x, y, z = (round(float(v), 6) + 0.0 for v in np.add(point, offset))
    return x, y, z
