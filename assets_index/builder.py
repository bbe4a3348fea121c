"""From a surface and collision hulls to a described asset, for procedural and real things alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assets_index.articulation import Articulation, moved_articulation
from assets_index.asset import Asset, Attributes, Cavity, Role, Source, SupportSurface, VisualPart
from assets_index.describe import measured_attributes
from assets_index.errors import UnusableMesh
from assets_index.mass import mass_properties
from assets_index.stable import stable_poses
from assets_index.store import content_hash, split_of
from assets_index.transforms import Array

DEFAULT_DENSITY = 400.0  # kg/m^3; household things are mostly hollow


class BuiltAsset(NamedTuple):
    """What `AssetIndex.add` takes: `index.add(*make_asset(...))`."""

    asset: Asset
    parts: tuple[VisualPart, ...]
    hulls: tuple[Array, ...]


def make_asset(
    parts: Sequence[VisualPart],
    hulls: Sequence[Array],
    *,
    role: Role,
    category: str,
    group: str,
    source: Source,
    density: float | Sequence[float] = DEFAULT_DENSITY,
    mass: float | None = None,
    material: str | None = None,
    attributes: Attributes | None = None,
    name: str | None = None,
    synonyms: Sequence[str] = (),
    captions: Sequence[str] = (),
    cavity: Cavity | None = None,
    support: SupportSurface | None = None,
    friction: float = 1.0,
    inscription: str | None = None,
    articulation: Articulation | None = None,
) -> BuiltAsset:
    """Bring a thing into the asset frame and find out everything an `Asset` says of it.

    All geometry comes in one frame with z up in the natural orientation and is moved so that the hulls stand on z = 0
    with their footprint centred. Numbers are rounded to a micrometre, so that the id is the same on every machine.

    Args:
        parts: the visible surface.
        hulls: vertices of convex collision hulls, each (N, 3), that do not overlap much.
        role: what it is for.
        category: the noun, singular.
        group: the wider kind.
        source: where it comes from.
        density: kg/m^3, for all hulls or one each; used for the mass distribution.
        mass: total in kg; by default what the density gives.
        material: material adjective, if it is known.
        attributes: words that are known; by default colour, shape and size are measured.
        name: noun phrase; by default made of the attributes.
        synonyms: other nouns for the category.
        captions: further true descriptions.
        cavity: inside of a container, in the frame of `parts`.
        support: level surface, in the frame of `parts`.
        friction: sliding friction coefficient.
        inscription: text or number that can be read on it and sets it apart.
        articulation: parts that move, in the frame of `parts`.

    Raises:
        UnusableMesh: for geometry that is empty, not finite, without volume or without a stable pose.
    """
    _require_sound(parts, hulls)
    offset = _offset_to_asset_frame(hulls)
    parts = tuple(_canonical_part(part, offset) for part in parts)
    hulls = tuple(_rounded(hull + offset) for hull in hulls)
    body = mass_properties(hulls, density)
    scale = 1.0 if mass is None else mass / body.mass
    poses = stable_poses(hulls, body.center)
    if not poses:
        raise UnusableMesh(f"{source.reference}: rests in no stable pose")
    attributes = attributes or measured_attributes(parts, hulls, role, material)
    x, y, z = (round(float(v), 6) for v in np.ptp(np.concatenate(hulls), axis=0))
    cx, cy, cz = (round(float(v), 6) + 0.0 for v in body.center)
    ixx, iyy, izz, ixy, ixz, iyz = (float(f"{v * scale:.6e}") for v in body.inertia_vector)
    draft = Asset(
        id="",
        role=role,
        category=category,
        group=group,
        name=name or noun_phrase(category, attributes),
        synonyms=tuple(synonyms),
        attributes=attributes,
        captions=(*describe(category, attributes), *captions),
        extents=(x, y, z),
        mass=round(body.mass * scale, 5),
        center_of_mass=(cx, cy, cz),
        inertia=(ixx, iyy, izz, ixy, ixz, iyz),
        friction=friction,
        stable_poses=poses,
        cavity=cavity and cavity.moved(offset),
        support=support and support.moved(offset),
        inscription=inscription,
        articulation=articulation and moved_articulation(articulation, offset),
        source=source,
        split="train",
    )
    digest = content_hash(draft, parts, hulls)
    identity = {"id": f"{category.replace(' ', '_')}-{digest[:12]}", "split": split_of(digest)}
    return BuiltAsset(draft.model_copy(update=identity), parts, hulls)


def noun_phrase(category: str, attributes: Attributes) -> str:
    """The category with its colour and material, e.g. "red ceramic mug"."""
    words = (attributes.color, attributes.material)
    return " ".join([*(word for word in words if word and word not in category.split()), category])


def describe(category: str, attributes: Attributes) -> tuple[str, ...]:
    """Three short descriptions that use no more than the attributes."""
    phrase = with_article(noun_phrase(category, attributes))
    shaped = " ".join(word for word in (attributes.size, attributes.shape, category) if word)
    colored = f" that is {attributes.color}" if attributes.color else ""
    made = f" made of {MADE_OF.get(attributes.material, attributes.material)}" if attributes.material else ""
    return phrase, with_article(shaped) + colored, with_article(category) + (made or colored or ", as used at home")


MADE_OF: dict[str, str] = {"wooden": "wood"}
"""Nouns of the material adjectives that are not nouns themselves."""


def with_article(phrase: str) -> str:
    """The phrase with "a" or "an"."""
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def _require_sound(parts: Sequence[VisualPart], hulls: Sequence[Array]) -> None:
    if not parts or not hulls:
        raise UnusableMesh("no surface" if not parts else "no collision hulls")
    for part in parts:
        if not len(part.faces):
            raise UnusableMesh("empty mesh")
        if not (np.isfinite(part.vertices).all() and np.isfinite(part.normals).all()):
            raise UnusableMesh("mesh has vertices that are not finite")
    if not all(np.isfinite(hull).all() for hull in hulls):
        raise UnusableMesh("collision hull has vertices that are not finite")


def _offset_to_asset_frame(hulls: Sequence[Array]) -> Array:
    vertices = np.concatenate(hulls)
    lower, upper = vertices.min(0), vertices.max(0)
    return -np.array([(lower[0] + upper[0]) / 2, (lower[1] + upper[1]) / 2, lower[2]])


def _rounded(values: NDArray[np.floating], digits: int = 6) -> Array:
    return np.round(values.astype(float), digits) + 0.0  # no negative zero, which hashes differently


def _canonical_part(part: VisualPart, offset: Array) -> VisualPart:
    material = part.material
    red, green, blue = (round(float(v), 4) for v in material.color)
    return replace(
        part,
        vertices=_rounded(part.vertices + offset).astype(np.float32),
        normals=_rounded(part.normals, 4).astype(np.float32),
        faces=np.ascontiguousarray(part.faces, np.int32),
        uv=None if part.uv is None else _rounded(part.uv, 5).astype(np.float32),
        material=material.model_copy(
            update={
                "color": (red, green, blue),
                "roughness": round(float(material.roughness), 3),
                "metallic": round(float(material.metallic), 3),
            }
        ),
    )
