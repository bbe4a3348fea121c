"""What a generator of one category returns, and how it becomes an asset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assets_index.articulation import Articulation
from assets_index.asset import Cavity, Role, Source, SupportSurface, VisualPart
from assets_index.builder import BuiltAsset, make_asset
from assets_index.mass import mass_properties
from assets_index.stable import stable_poses
from assets_index.transforms import Array, rotation_from_quaternion


@dataclass(frozen=True)
class Recipe:
    """A thing as a generator makes it, z up as it lies or stands in a home.

    Attributes:
        density: kg/m^3, for all hulls or one each.
        synonyms: other nouns for the category; captions: true descriptions that attributes cannot give.
        settle: turn it into the nearest stable pose first; for things whose lowest line is not known in advance.
    """

    group: str
    parts: tuple[VisualPart, ...]
    hulls: tuple[Array, ...]
    density: float | Sequence[float]
    role: Role = "object"
    material: str | None = None
    synonyms: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    cavity: Cavity | None = None
    support: SupportSurface | None = None
    inscription: str | None = None
    articulation: Articulation | None = None
    settle: bool = False

    def build(self, category: str, source: Source) -> BuiltAsset:
        """The asset; raises UnusableMesh if the geometry is no good."""
        recipe = settled(self) if self.settle else self
        return make_asset(
            recipe.parts,
            recipe.hulls,
            role=recipe.role,
            category=category,
            group=recipe.group,
            source=source,
            density=recipe.density,
            material=recipe.material,
            synonyms=recipe.synonyms,
            captions=recipe.captions,
            cavity=recipe.cavity,
            support=recipe.support,
            inscription=recipe.inscription,
            articulation=recipe.articulation,
        )


def settled(recipe: Recipe) -> Recipe:
    """The recipe turned into the stable pose that is the smallest tilt away from how it was drawn."""
    poses = stable_poses(recipe.hulls, mass_properties(recipe.hulls, recipe.density).center)
    rotations = [rotation_from_quaternion(pose.quaternion) for pose in poses]
    rotation = max(rotations, key=lambda matrix: float(matrix[2, 2]))
    parts = tuple(
        replace(
            part,
            vertices=(part.vertices @ rotation.T).astype(np.float64),
            normals=(part.normals @ rotation.T).astype(np.float64),
        )
        for part in recipe.parts
    )
    return replace(recipe, parts=parts, hulls=tuple(hull @ rotation.T for hull in recipe.hulls))
