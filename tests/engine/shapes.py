"""Small assets with known geometry."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import trimesh

from assets_index.asset import Asset, Attributes, Cavity, Role, Source, StablePose, SupportSurface
from assets_index.errors import MissingAsset
from assets_index.transforms import Array

SOURCE = Source(kind="procedural", reference="test", creator="test", license="CC0-1.0")


def box_hull(extents: Sequence[float], center: Sequence[float] = (0.0, 0.0, 0.0)) -> Array:
    corners = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T * 0.5
    return corners * extents + center


def make_asset(
    name: str, hulls: Sequence[Array], role: Role = "object", density: float = 400.0, **extra: object
) -> Asset:
    points = np.concatenate(hulls)
    solids = [trimesh.convex.convex_hull(hull) for hull in hulls]
    solid = trimesh.util.concatenate(solids)
    solid.density = density
    inertia = solid.moment_inertia
    lower, upper = points.min(0), points.max(0)
    return Asset(
        id=f"{name}-{'0' * 12}",
        role=role,
        category=name,
        group="test",
        name=name,
        attributes=Attributes(),
        captions=(name,),
        extents=tuple(float(v) for v in upper - lower),
        mass=float(solid.mass),
        center_of_mass=tuple(float(v) for v in solid.center_mass),
        inertia=tuple(float(inertia[i, j]) for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))),
        stable_poses=(
            StablePose(quaternion=(1.0, 0.0, 0.0, 0.0), height=-float(lower[2]), probability=1.0, upright=True),
        ),
        source=SOURCE,
        split="train",
        **extra,
    )


def block(name: str = "block", extents: tuple[float, float, float] = (0.04, 0.05, 0.06)) -> tuple[Asset, list[Array]]:
    hulls = [box_hull(extents, (0.0, 0.0, extents[2] / 2))]
    return make_asset(name, hulls), hulls


def cylinder(name: str = "can", radius: float = 0.03, height: float = 0.1) -> tuple[Asset, list[Array]]:
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    hulls = [np.concatenate([np.insert(ring, 2, z, axis=1) for z in (0.0, height)])]
    return make_asset(name, hulls), hulls


def wall_ring(radius: float, height: float, wall: float, sectors: int = 16) -> list[Array]:
    """A thin-walled vessel with a floor, of wedges."""
    angle = np.linspace(0, 2 * np.pi, sectors + 1)
    rim = np.stack([np.cos(angle), np.sin(angle)], 1)
    hulls = [np.concatenate([np.insert(radius * rim[:-1], 2, z, axis=1) for z in (0.0, wall)])]
    for a, b in itertools.pairwise(rim):
        foot = np.array([radius * a, radius * b, (radius - wall) * b, (radius - wall) * a])
        hulls.append(np.concatenate([np.insert(foot, 2, z, axis=1) for z in (0.0, height)]))
    return hulls


def mug(name: str = "mug") -> tuple[Asset, list[Array]]:
    hulls = wall_ring(0.036, 0.085, 0.004)
    return make_asset(name, hulls), hulls


def tub(name: str = "tub", radius: float = 0.09, height: float = 0.06) -> tuple[Asset, list[Array]]:
    wall = 0.006
    hulls = wall_ring(radius, height, wall)
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    inside = (radius - wall) * np.cos(np.pi / 16)
    opening = tuple((float(inside * np.cos(a)), float(inside * np.sin(a))) for a in angle)
    return make_asset(name, hulls, role="container", cavity=Cavity(floor=wall, rim=height, opening=opening)), hulls


def plate(name: str = "plate", half: float = 0.09) -> tuple[Asset, list[Array]]:
    hulls = [box_hull((2 * half, 2 * half, 0.012), (0.0, 0.0, 0.006))]
    outline = ((-half, -half), (half, -half), (half, half), (-half, half))
    return make_asset(name, hulls, role="container", support=SupportSurface(height=0.012, outline=outline)), hulls


class Shelf:
    """A GeometrySource over a few assets."""

    def __init__(self, *items: tuple[Asset, list[Array]]) -> None:
        self._items = {asset.id: (asset, tuple(hulls)) for asset, hulls in items}

    def asset(self, asset_id: str) -> Asset:
        return self._find(asset_id)[0]

    def hulls(self, asset_id: str) -> tuple[Array, ...]:
        return self._find(asset_id)[1]

    def named(self, name: str) -> Asset:
        """The asset by its bare name."""
        return self.asset(f"{name}-{'0' * 12}")

    def _find(self, asset_id: str) -> tuple[Asset, tuple[Array, ...]]:
        if asset_id not in self._items:
            raise MissingAsset(f"no asset {asset_id!r}")
        return self._items[asset_id]


OBJECTS = ("block", "can", "mug", "flat", "bar", "jar", "cube", "disc")
CONTAINERS = ("tub", "plate", "bin")


def small_shelf() -> Shelf:
    """Every thing of `OBJECTS` and `CONTAINERS`, and a crate that no hand can grasp."""
    return Shelf(
        block(),
        cylinder(),
        mug(),
        block("flat", (0.06, 0.10, 0.02)),
        block("bar", (0.015, 0.14, 0.02)),
        cylinder("jar", 0.034, 0.12),
        block("cube", (0.03, 0.03, 0.03)),
        cylinder("disc", 0.03, 0.03),
        block("crate", (0.12, 0.12, 0.12)),
        tub(),
        plate(),
        tub("bin", 0.11, 0.08),
    )
