"""From surfaces in metres, z up, and a description to an asset; or the reason why there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from assets_index.asset import Attributes, Cavity, Role, Source, SupportSurface
from assets_index.builder import BuiltAsset, make_asset
from assets_index.cache import cached_arrays
from assets_index.describe import measured_attributes
from assets_index.errors import UnusableMesh
from assets_index.ingest.cavity import cavity_of
from assets_index.ingest.certainty import certain_color
from assets_index.ingest.collide import decompose, soup
from assets_index.ingest.description import Description
from assets_index.ingest.grip import MAX_WIDTH, graspable
from assets_index.ingest.load import Surface
from assets_index.ingest.repair import face_the_viewer
from assets_index.ingest.simplify import simplified, visual_parts
from assets_index.ingest.tabletop import flat_surface, table_hulls
from assets_index.transforms import Array

PIPELINE_VERSION = 6
"""Raised whenever the same mesh would become another asset; earlier results are then made anew."""

DECOMPOSITION_VERSION = 7
"""Likewise for the hulls alone."""

LARGEST: dict[Role, float] = {"object": 0.36, "container": 0.60, "table": 3.0, "fixture": 0.6}
SMALLEST: dict[Role, float] = {"object": 0.02, "container": 0.05, "table": 0.4, "fixture": 0.05}
"""Limits of the largest extent by role, metres."""
THINNEST = 0.004
TALLEST_CONTAINER = 0.32
HEAVIEST_OBJECT = 2.5
PLATE_SHARE = 0.25  # of what is seen of a plate from above that must be its flat
LOWEST_LID = 0.03  # metres above the ground from which a flat is no longer a plate's but a lid


def prepare(surfaces: Sequence[Surface], description: Description, source: Source) -> BuiltAsset:
    """Repair, simplify, decompose, check and describe.

    Args:
        surfaces: in metres, z up.
        description: what is known of the thing.
        source: where it comes from.

    Raises:
        UnusableMesh: with the reason for the quarantine.
    """
    _check_size(surfaces, description.role)
    parts = visual_parts(simplified(face_the_viewer(surfaces)))
    corners = np.concatenate([part.vertices[part.faces] for part in parts]).astype(float)
    support = flat_surface(corners) if description.role == "table" else None
    hulls = _cached_hulls(corners, support)
    cavity: Cavity | None = None
    if description.role == "container":
        cavity, support = _inside(corners, hulls)
    measured = measured_attributes(parts, hulls, description.role)
    if not certain_color(parts):
        measured = measured.model_copy(update={"color": None})
    given = {key: value for key, value in description.attributes if value is not None}
    built = make_asset(
        parts,
        hulls,
        role=description.role,
        category=description.category,
        group=description.group,
        source=source,
        mass=description.mass,
        attributes=Attributes.model_validate({**measured.model_dump(), **given}),
        name=description.name,
        synonyms=description.synonyms,
        captions=description.captions,
        cavity=cavity,
        support=support,
        friction=description.friction,
    )
    _check_use(built, corners)
    return built


def _check_size(surfaces: Sequence[Surface], role: Role) -> None:
    if not surfaces:
        raise UnusableMesh("empty mesh")
    extents = np.ptp(np.concatenate([surface.vertices for surface in surfaces]), axis=0)
    large, small = 100 * float(extents.max()), 100 * float(extents.min())
    if large > 100 * LARGEST[role]:
        raise UnusableMesh(f"too large for its role ({role}): {large:.0f} cm, at most {100 * LARGEST[role]:.0f}")
    if large < 100 * SMALLEST[role]:
        raise UnusableMesh(f"too small for its role ({role}): {large:.1f} cm, at least {100 * SMALLEST[role]:.0f}")
    if small < 100 * THINNEST:
        raise UnusableMesh(f"too thin: {10 * small:.1f} mm, at least {1000 * THINNEST:.0f}")


def _cached_hulls(corners: Array, top: SupportSurface | None) -> list[Array]:
    """The decomposition, kept by what it depends on: it is by far the dearest step."""
    digest = hashlib.sha256(np.round(corners, 6).astype(np.float32).tobytes())
    digest.update(f"{DECOMPOSITION_VERSION} {top}".encode())

    def compute() -> dict[str, Array]:
        hulls = decompose(corners) if top is None else table_hulls(corners, top)
        return {"vertices": np.concatenate(hulls), "counts": np.array([len(hull) for hull in hulls])}

    stored = cached_arrays("hulls", digest.hexdigest()[:32], compute)
    return np.split(np.asarray(stored["vertices"], float), np.cumsum(stored["counts"])[:-1])


def _inside(corners: Array, hulls: Sequence[Array]) -> tuple[Cavity | None, SupportSurface | None]:
    """The cavity that the hulls leave open; for a plate, the flat to put things on.

    Raises:
        UnusableMesh: if there is neither.
    """
    solid = soup(hulls)
    cavity = cavity_of(solid)
    if cavity is not None:
        return cavity, None
    try:
        flat = flat_surface(solid, PLATE_SHARE)
    except UnusableMesh:
        flat = None
    if flat is not None and flat.height - float(solid[..., 2].min()) < LOWEST_LID:
        return None, flat
    if cavity_of(corners) is not None:
        raise UnusableMesh("its cavity is lost in the convex decomposition")
    raise UnusableMesh("its cavity is closed: nothing can be put into it from above")


def _check_use(built: BuiltAsset, corners: Array) -> None:
    asset = built.asset
    if asset.role == "object":
        if asset.mass > HEAVIEST_OBJECT:
            raise UnusableMesh(f"too heavy: {asset.mass:.1f} kg, at most {HEAVIEST_OBJECT}")
        if not graspable(corners, asset.stable_poses):
            raise UnusableMesh(f"no graspable width of at most {100 * MAX_WIDTH:.1f} cm")
        return
    if not any(pose.upright for pose in asset.stable_poses):
        raise UnusableMesh(f"no stable pose: a {asset.role} must stand upright")
    if asset.role == "container" and asset.extents[2] > TALLEST_CONTAINER:
        raise UnusableMesh(f"too tall for a container: {100 * asset.extents[2]:.0f} cm")
