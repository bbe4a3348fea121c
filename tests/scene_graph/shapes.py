"""Small assets that need no library: boxes, cylinders, a bowl, a plate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assets_index.asset import Asset, Attributes, Cavity, Role, Source, Split, StablePose, SupportSurface
from assets_index.errors import MissingAsset
from assets_index.transforms import Array
from assets_index.words import size_word

SOURCE = Source(kind="procedural", reference="test", creator="test", license="CC0-1.0")
LYING = (np.sqrt(0.5), 0.0, np.sqrt(0.5), 0.0)  # turned by 90 degrees about y


class Shelf:
    """A GeometrySource, and the part of an asset index that synthesis asks for."""

    def __init__(self) -> None:
        self.assets: dict[str, Asset] = {}
        self.pieces: dict[str, tuple[Array, ...]] = {}

    def add(self, asset: Asset, hulls: Sequence[Array]) -> str:
        self.assets[asset.id] = asset
        self.pieces[asset.id] = tuple(hulls)
        return asset.id

    def asset(self, asset_id: str) -> Asset:
        if asset_id not in self.assets:
            raise MissingAsset(f"no asset {asset_id!r}")
        return self.assets[asset_id]

    def hulls(self, asset_id: str) -> tuple[Array, ...]:
        return self.pieces[asset_id]

    def find(self, *, role: Role | None = None, split: Split | None = None, source: str | None = None) -> list[Asset]:
        wanted = sorted(self.assets.values(), key=lambda asset: asset.id)
        return [
            asset
            for asset in wanted
            if role in (None, asset.role) and split in (None, asset.split) and source in (None, asset.source.kind)
        ]


def ring(radius: float, sides: int = 16) -> Array:
    angles = np.arange(sides) * 2 * np.pi / sides
    return np.stack([np.cos(angles), np.sin(angles)], 1) * radius


def prism(outline: Array, low: float, high: float) -> Array:
    return np.concatenate([np.column_stack([outline, np.full(len(outline), z)]) for z in (low, high)])


def make(
    name: str,
    hulls: Sequence[Array],
    *,
    category: str,
    role: Role = "object",
    group: str = "toy",
    attributes: Attributes | None = None,
    cavity: Cavity | None = None,
    support: SupportSurface | None = None,
    poses: Sequence[StablePose] = (),
    split: Split = "train",
    synonyms: tuple[str, ...] = (),
) -> Asset:
    points = np.concatenate(hulls)
    extents = np.ptp(points, axis=0)
    size = size_word(extents, role)
    upright = StablePose(quaternion=(1.0, 0.0, 0.0, 0.0), height=0.0, probability=0.6, upright=True)
    return Asset(
        id=name,
        role=role,
        category=category,
        group=group,
        name=category,
        synonyms=synonyms,
        attributes=(attributes or Attributes()).model_copy(update={"size": size}),
        captions=(category,),
        extents=tuple(extents),
        mass=0.1,
        center_of_mass=(0.0, 0.0, float(extents[2]) / 2),
        inertia=(1e-4, 1e-4, 1e-4, 0.0, 0.0, 0.0),
        stable_poses=(upright, *poses),
        cavity=cavity,
        support=support,
        source=SOURCE,
        split=split,
    )


def add_box(shelf: Shelf, name: str, size: tuple[float, float, float], **kinds: object) -> str:
    width, depth, height = size
    outline = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [width / 2, depth / 2]
    top = SupportSurface(height=height, outline=tuple(map(tuple, outline)))
    kinds = {"category": "block", "support": top, **kinds}
    return shelf.add(make(name, [prism(outline, 0.0, height)], **kinds), [prism(outline, 0.0, height)])


def add_can(shelf: Shelf, name: str, radius: float, height: float, **kinds: object) -> str:
    body = prism(ring(radius), 0.0, height)
    lying = StablePose(quaternion=LYING, height=radius, probability=0.4, upright=False)
    kinds = {"category": "can", "poses": (lying,), "group": "household", **kinds}
    return shelf.add(make(name, [body], **kinds), [body])


def add_bowl(shelf: Shelf, name: str, radius: float = 0.1, height: float = 0.06, **kinds: object) -> str:
    inner, outer = ring(radius - 0.01), ring(radius)
    walls = [
        prism(np.stack([inner[i], outer[i], outer[(i + 1) % 16], inner[(i + 1) % 16]]), 0.0, height) for i in range(16)
    ]
    floor = prism(inner, 0.0, 0.01)
    cavity = Cavity(floor=0.01, rim=height, opening=tuple(map(tuple, inner)))
    kinds = {"category": "bowl", "role": "container", "group": "tableware", **kinds}
    return shelf.add(make(name, [*walls, floor], cavity=cavity, **kinds), [*walls, floor])


def add_plate(shelf: Shelf, name: str, radius: float = 0.1, **kinds: object) -> str:
    body = prism(ring(radius), 0.0, 0.015)
    top = SupportSurface(height=0.015, outline=tuple(map(tuple, ring(radius))))
    kinds = {"category": "plate", "role": "container", "group": "tableware", **kinds}
    return shelf.add(make(name, [body], support=top, **kinds), [body])


def add_table(shelf: Shelf) -> str:
    outline = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [0.6, 0.9]
    body = prism(outline, 0.0, 0.7)
    top = SupportSurface(height=0.7, outline=tuple(map(tuple, outline)))
    return shelf.add(make("table", [body], category="table", role="table", group="furniture", support=top), [body])
