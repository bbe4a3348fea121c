"""Boards: boxes that are drawn and collide alike, and their mass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets_index.articulation import Inertial
from assets_index.asset import Material, VisualPart
from assets_index.mass import mass_properties
from assets_index.procedural.collision import box_hull
from assets_index.procedural.paint import Albedo, choose, paint, to_albedo, wood_grain
from assets_index.procedural.surface import Patch, box, visual_part
from assets_index.transforms import Array, Vec3

WOOD_DENSITY = 550.0
COATS = ("brown", "brown", "white", "red", "green", "blue", "yellow", "gray")


@dataclass(frozen=True)
class Board:
    """A box by its least and greatest corner."""

    lower: Vec3
    upper: Vec3

    @property
    def size(self) -> Array:
        """Edges, (3,)."""
        return np.subtract(self.upper, self.lower)

    @property
    def center(self) -> Array:
        """Middle, (3,)."""
        return np.add(self.upper, self.lower) / 2

    @property
    def hull(self) -> Array:
        """Its corners."""
        return box_hull(self.size, self.center)


@dataclass(frozen=True)
class Coat:
    """What boards look like: painted, or bare wood with its grain."""

    material: Material
    albedo: Albedo | None

    def part(self, boards: Sequence[Board], bevel: float = 0.0012) -> VisualPart:
        """The boards as one visual part."""
        patches = [_grained(patch) for board in boards for patch in box(board.size, bevel, board.center)]
        return visual_part(patches, self.material, self.albedo, crease=np.radians(50))


def new_coat(rng: np.random.Generator) -> Coat:
    """Bare wood or paint, at random."""
    word = choose(rng, COATS)
    color = paint(rng, [word])
    if word == "brown":
        return Coat(
            Material(name="wood", roughness=0.65), to_albedo(wood_grain(rng, np.clip(1.25 * np.array(color), 0, 1)))
        )
    return Coat(Material(name="paint", color=color, roughness=0.45), None)


def _grained(patch: Patch) -> Patch:
    """Only a part of the map, so that the grain keeps its scale on narrow boards."""
    return Patch(patch.vertices, patch.faces, patch.uv * [0.5, 0.9])


def inertial(hulls: Sequence[Array], density: float = WOOD_DENSITY) -> Inertial:
    """Mass, centre and inertia of solid hulls."""
    body = mass_properties(hulls, density)
    x, y, z = (float(v) for v in body.center)
    return Inertial(mass=body.mass, center_of_mass=(x, y, z), inertia=body.inertia_vector)
