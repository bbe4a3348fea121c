"""Handles on a vertical front that faces -x, for a jaw that closes along y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets_index.articulation import Handle
from assets_index.asset import Material, VisualPart
from assets_index.procedural.collision import box_hull, round_hull
from assets_index.procedural.paint import choose, paint
from assets_index.procedural.surface import Z_TO_X, box, revolve, visual_part
from assets_index.transforms import Array, Vec3

REACH = 0.024
"""From the front to the middle of what the fingers hold, m: fingertips that come obliquely from above fit behind."""


@dataclass(frozen=True)
class FittedHandle:
    """A handle with its surface and its collision hulls."""

    handle: Handle
    part: VisualPart
    hulls: tuple[Array, ...]


def fitted_handle(kind: str, finish: Material, at: Vec3) -> FittedHandle:
    """A handle of a kind ("knob", "bar" or "fin") on a front at x = `at[0]`, its middle at y and z of `at`."""
    makers = {"knob": _knob, "bar": _bar, "fin": _fin}
    return makers[kind](finish, np.array(at))


HANDLES = ("knob", "bar", "fin")


def handle_finish(rng: np.random.Generator) -> Material:
    """What a handle is made of: metal or plastic."""
    if rng.random() < 0.5:
        return Material(name="metal", color=paint(rng, ["gray"]), roughness=0.35, metallic=1.0)
    return Material(name="plastic", color=paint(rng, [choose(rng, ("black", "white", "brown"))]), roughness=0.5)


def _described(at: Array, width: float) -> Handle:
    x, y, z = (float(v) for v in np.subtract(at, (REACH, 0.0, 0.0)))
    return Handle(position=(x, y, z), outward=(-1.0, 0.0, 0.0), closing=(0.0, 1.0, 0.0), width=width)


def _knob(finish: Material, at: Array) -> FittedHandle:
    radius, head = 0.012, 0.016
    profile = [(0.005, 0.0), (0.005, REACH - head / 2), (radius, REACH - head / 2), (radius, REACH + head / 2)]
    turned = -Z_TO_X  # the profile's axis points out of the front
    turned = turned @ np.diag([1.0, -1.0, 1.0]) if np.linalg.det(turned) < 0 else turned
    outer = [*profile[:-1], (radius, REACH + head / 2 - 0.002), (radius - 0.002, REACH + head / 2)]
    surface = revolve(outer, 20, caps=True).moved(at, turned)
    hulls = tuple(round_hull(piece, 12) @ turned.T + at for piece in (profile[:2], profile[2:]))
    return FittedHandle(_described(at, 2 * radius), visual_part(surface, finish), hulls)


def _bar(finish: Material, at: Array) -> FittedHandle:
    """A vertical bar on two feet."""
    width, thick, length = 0.014, 0.012, 0.05
    solids = [((thick, width, length), (-REACH, 0.0, 0.0))]
    gap = REACH - thick / 2
    solids += [((gap, 0.008, 0.008), (-gap / 2, 0.0, s * (length / 2 - 0.006))) for s in (-1, 1)]
    return _of_boxes(solids, finish, at, width)


def _fin(finish: Material, at: Array) -> FittedHandle:
    """An upright plate that stands out of the front."""
    width = 0.010
    return _of_boxes([((REACH + 0.010, width, 0.036), (-(REACH + 0.010) / 2, 0.0, 0.0))], finish, at, width)


def _of_boxes(solids: list[tuple[Vec3, Vec3]], finish: Material, at: Array, width: float) -> FittedHandle:
    patches = [patch for size, center in solids for patch in box(size, 0.0015, at + center)]
    hulls = tuple(box_hull(size, at + center) for size, center in solids)
    return FittedHandle(_described(at, width), visual_part(patches, finish, crease=np.radians(50)), hulls)
