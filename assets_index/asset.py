"""What is known of one thing that can stand in a scene.

Asset frame: z up in the natural (upright) orientation, origin at the centre of the footprint's bounding box, z = 0 at
the lowest point. Metres, kilograms. Meshes are not held here: `AssetIndex.visual` and `AssetIndex.hulls` load them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assets_index.articulation import Articulation
from assets_index.schema import Schema
from assets_index.spaces import Cavity, Point2, SupportSurface
from assets_index.transforms import Quat, Vec3

__all__ = [
    "Asset",
    "Attributes",
    "Cavity",
    "Material",
    "Point2",
    "Role",
    "Source",
    "Split",
    "StablePose",
    "SupportSurface",
    "VisualPart",
]

Role = Literal["object", "container", "table", "fixture"]
"""A fixture stays where it stands; it has parts that move."""

Split = Literal["train", "heldout"]


class Attributes(Schema):
    """Words that are true of the asset; None where no word is certain."""

    color: str | None = None
    material: str | None = None
    shape: str | None = None
    size: Literal["small", "medium", "large"] | None = None


class Source(Schema):
    """Where an asset comes from, as an attribution file must say it."""

    kind: Literal["procedural", "sweethome3d", "folder", "package"]
    reference: str
    creator: str
    license: str
    url: str | None = None


class StablePose(Schema):
    """An orientation in which the asset rests on a plane.

    Attributes:
        quaternion: asset frame to world, wxyz, before any yaw about the vertical.
        height: height of the asset's origin above the plane.
        probability: how often a dropped asset comes to rest so.
        upright: whether the asset's z axis points up.
    """

    quaternion: Quat
    height: float
    probability: float
    upright: bool


class Material(Schema):
    """Metallic-roughness material of one visual part; `color` is sRGB in 0..1 and multiplies the albedo map."""

    name: str
    color: Vec3 = (1.0, 1.0, 1.0)
    roughness: float = 0.6
    metallic: float = 0.0


class Asset(Schema):
    """One thing that can stand in a scene.

    Attributes:
        id: `<category>-<first 12 hex digits of the content hash>`.
        category: the noun, singular, e.g. "mug".
        group: the wider kind, e.g. "fruit", "tool", "tableware".
        name: noun phrase with its attributes, e.g. "red ceramic mug".
        synonyms: other nouns a person may use for the category.
        captions: short true descriptions.
        extents: size of the bounding box in the asset frame.
        center_of_mass: in the asset frame.
        inertia: about the centre of mass in the asset frame: xx, yy, zz, xy, xz, yz.
        friction: sliding friction coefficient.
        inscription: what can be read on it and sets it apart, e.g. "$7" on a price tag.
        articulation: parts that move, such as drawers; None for rigid assets.
    """

    id: str
    role: Role
    category: str
    group: str
    name: str
    synonyms: tuple[str, ...] = ()
    attributes: Attributes
    captions: tuple[str, ...]
    extents: Vec3
    mass: float
    center_of_mass: Vec3
    inertia: tuple[float, float, float, float, float, float]
    friction: float = 1.0
    stable_poses: tuple[StablePose, ...]
    cavity: Cavity | None = None
    support: SupportSurface | None = None
    articulation: Articulation | None = None
    inscription: str | None = None
    source: Source
    split: Split

    @property
    def upright_pose(self) -> StablePose:
        """The most probable stable pose with z up; the most probable one if none is upright."""
        upright = [pose for pose in self.stable_poses if pose.upright]
        return max(upright or self.stable_poses, key=lambda pose: pose.probability)


@dataclass(frozen=True)
class VisualPart:
    """A piece of an asset's surface that has one material, in the asset frame.

    Attributes:
        vertices: (V, 3) float32; normals: (V, 3) float32; uv: (V, 2) float32, v up, or None.
        faces: (F, 3) int32, counter-clockwise from outside.
        albedo: (H, W, 3) uint8 sRGB map, or None for the plain `material.color`.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    normals: NDArray[np.float32]
    uv: NDArray[np.float32] | None
    material: Material
    albedo: NDArray[np.uint8] | None = None
