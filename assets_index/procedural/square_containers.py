"""Containers with straight sides: baskets, bins, trays, boxes and crates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets_index.asset import Cavity, Material, Point2, SupportSurface
from assets_index.procedural.collision import box_hull, wall_hulls
from assets_index.procedural.paint import Albedo, choose, noise, paint, printed_panel, to_albedo, wood_grain
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import Patch, at_height, box, fan, loft, rounded_rectangle, visual_part
from assets_index.transforms import Array

PLASTICS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "gray")


@dataclass(frozen=True)
class Tub:
    """An open box with round corners and leaning walls, from which surface, hulls and cavity are read.

    Attributes:
        base, top: half sizes of the outside, x and y, at the ground and at the rim.
        rim: height; floor: height of the inner floor.
        wall: thickness; corner: radius of the outer corners.
    """

    base: Point2
    top: Point2
    rim: float
    wall: float
    floor: float
    corner: float

    def ring(self, z: float, inset: float, per_corner: int) -> Array:
        """The outline at a height, moved inwards, (4 * per_corner, 3)."""
        x, y = (low + (high - low) * z / self.rim - inset for low, high in zip(self.base, self.top, strict=True))
        return at_height(rounded_rectangle(x, y, max(self.corner - inset, 0.002), per_corner), z)

    def outside(self) -> Patch:
        """The outer wall up to below the rim; v is 0 at the ground."""
        return loft([self.ring(0.0, 0.0, 5), self.ring(self.rim - 0.003, 0.0, 5)], caps=False)

    def inside(self) -> tuple[Patch, ...]:
        """Rim, inner wall and floor, and the underside."""
        wall, rim = self.wall, self.rim
        edge = [self.ring(rim - 0.003, 0.0, 5), self.ring(rim, -0.001, 5), self.ring(rim, wall, 5)]
        inner = [self.ring(rim, wall, 5), self.ring(self.floor, wall, 5)]
        return loft(edge, caps=False), loft(inner, caps=False), fan(inner[1]), fan(self.ring(0.0, 0.0, 5)[::-1])

    def hulls(self) -> tuple[Array, ...]:
        """The floor and a wall of wedges around it."""
        heights = (self.floor, self.rim)
        floor = np.concatenate([self.ring(0.0, 0.0, 3), self.ring(self.floor, 0.0, 3)])
        walls = wall_hulls([self.ring(z, 0.0, 3) for z in heights], [self.ring(z, self.wall, 3) for z in heights])
        return floor, *walls

    def cavity(self) -> Cavity:
        """The free inside above the floor."""
        return Cavity(floor=self.floor, rim=self.rim, opening=self.outline())

    def outline(self) -> tuple[Point2, ...]:
        """Outline of the floor inside the walls, which lean outwards."""
        return tuple((float(x), float(y)) for x, y, _ in self.ring(self.floor, self.wall, 3))


def _weave(rng: np.random.Generator, color: tuple[float, float, float]) -> Albedo:
    """Wicker: strands that pass over and under upright stakes."""
    row, column = (np.indices((96, 128)) + 0.5) / np.array([96.0, 128.0])[:, None, None]
    strand, stake = row * 8, column * 12
    over = (np.floor(strand) + np.floor(stake)) % 2 == 1
    bulge = np.where(over, np.sin(np.pi * (stake % 1.0)) ** 0.5, 0.3)
    light = 0.5 + 0.6 * np.sin(np.pi * (strand % 1.0)) ** 0.7 * bulge + 0.04 * noise(rng, (96, 128), (16, 36))
    return to_albedo(np.array(color) * light[..., None])


def basket(rng: np.random.Generator) -> Recipe:
    """A wicker basket with a thick rim."""
    x, y, height = (float(v) for v in rng.uniform([0.1, 0.08, 0.07], [0.13, 0.1, 0.095]))
    tub = Tub((0.88 * x, 0.88 * y), (x, y), height, 0.007, 0.007, 0.04)
    straw = paint(rng, ["brown"])
    wicker = Material(name="wicker", roughness=0.85)
    weave = _weave(rng, (min(1.0, 1.25 * straw[0]), min(1.0, 1.2 * straw[1]), min(1.0, 1.1 * straw[2])))
    outside, inside = tub.outside(), tub.inside()
    tiled = [Patch(patch.vertices, patch.faces, patch.uv * [4.0, 1.0]) for patch in (outside, *inside)]
    around = np.linspace(-0.5 * np.pi, 1.5 * np.pi, 9)
    bead = [tub.ring(height, 0.0035 * (1 - np.cos(a)), 5) + np.array([0, 0, 0.0035 * (np.sin(a) - 1)]) for a in around]
    roll = loft(bead, caps=False)
    rim = Patch(roll.vertices, roll.faces, roll.uv * [24.0, 0.2])
    return Recipe(
        role="container",
        group="storage",
        parts=(visual_part([*tiled, rim], wicker, weave),),
        hulls=tub.hulls(),
        density=350.0,
        material="wicker",
        synonyms=("wicker basket", "hamper"),
        captions=("a woven basket", "an open basket without a handle"),
        cavity=tub.cavity(),
    )


def bin_(rng: np.random.Generator) -> Recipe:
    """A plastic storage bin with leaning walls and a lip."""
    x, y, height = (float(v) for v in rng.uniform([0.1, 0.08, 0.085], [0.125, 0.1, 0.11]))
    tub = Tub((0.86 * x, 0.86 * y), (0.97 * x, 0.97 * y), height, 0.0035, 0.006, 0.018)
    color = Material(name="plastic", color=paint(rng, PLASTICS), roughness=0.4)
    lip = loft(
        [
            tub.ring(height - 0.01, -0.0005, 5),
            tub.ring(height - 0.01, -0.005, 5),
            tub.ring(height - 0.001, -0.005, 5),
            tub.ring(height, -0.003, 5),
            tub.ring(height, 0.0, 5),
        ],
        caps=False,
    )
    ribs = [
        tub.ring(0.3 * height, 0.0, 5),
        tub.ring(0.3 * height, -0.0015, 5),
        tub.ring(0.36 * height, -0.0015, 5),
        tub.ring(0.36 * height, 0.0, 5),
    ]
    return Recipe(
        role="container",
        group="storage",
        parts=(visual_part([tub.outside(), *tub.inside(), lip, loft(ribs, caps=False)], color),),
        hulls=tub.hulls(),
        density=700.0,
        material="plastic",
        synonyms=("storage bin", "tub"),
        captions=("an open storage bin", "a bin with a lip around its rim"),
        cavity=tub.cavity(),
    )


def tray(rng: np.random.Generator) -> Recipe:
    """A flat tray with a low rim, wooden or plastic."""
    x, y, height = (float(v) for v in rng.uniform([0.12, 0.085, 0.018], [0.15, 0.11, 0.026]))
    tub = Tub((0.96 * x, 0.95 * y), (x, y), height, 0.005, 0.005, 0.022)
    wooden = bool(rng.integers(2))
    color = paint(rng, ["brown"] if wooden else PLASTICS)
    patches = [tub.outside(), *tub.inside()]
    material = Material(name="wood" if wooden else "plastic", color=(1, 1, 1) if wooden else color, roughness=0.5)
    return Recipe(
        role="container",
        group="tableware",
        parts=(visual_part(patches, material, to_albedo(wood_grain(rng, color)) if wooden else None),),
        hulls=tub.hulls(),
        density=600.0,
        material="wooden" if wooden else "plastic",
        synonyms=("serving tray",),
        captions=("a flat tray with a low rim",),
        cavity=tub.cavity(),
        support=SupportSurface(height=tub.floor, outline=tub.outline()),
    )


def cardboard_box(rng: np.random.Generator) -> Recipe:
    """An open cardboard box with print on its sides."""
    x, y, height = (float(v) for v in rng.uniform([0.09, 0.075, 0.07], [0.125, 0.1, 0.1]))
    tub = Tub((x, y), (x + 1e-4, y + 1e-4), height, 0.004, 0.006, 0.002)
    card = np.array([0.72, 0.55, 0.37]) * float(rng.uniform(0.92, 1.06))
    sheet = np.concatenate([np.broadcast_to(to_albedo(card), (96, 128, 3)), _box_print(rng, card)], axis=1)
    walls = []
    ring = tub.ring(0.0, 0.0, 5)
    for start in range(0, 20, 5):  # the flat sides lie between one corner's last point and the next one's first
        a, b = ring[start + 4], ring[(start + 5) % 20]
        long = abs(a - b).max() > 1.5 * min(x, y)
        low, high = np.stack([a, b]), np.stack([b, a]) + np.array([0, 0, height - 0.003])
        u = (0.502, 0.998) if long else (0.01, 0.49)
        side = Patch(
            np.concatenate([low, high]),
            np.array([[0, 1, 2], [0, 2, 3]]),
            np.array([[u[0], 0], [u[1], 0], [u[1], 1], [u[0], 1.0]]),
        )
        walls.append(side)
    plain = [
        Patch(patch.vertices, patch.faces, patch.uv * [0.4, 1.0] + [0.02, 0.0])
        for patch in (tub.outside(), *tub.inside())
    ]
    decal = [Patch(side.vertices + _outwards(side, 0.0003), side.faces, side.uv) for side in walls]
    return Recipe(
        role="container",
        group="storage",
        parts=(visual_part([*plain, *decal], Material(name="card", roughness=0.85), np.ascontiguousarray(sheet)),),
        hulls=tub.hulls(),
        density=250.0,
        material="cardboard",
        synonyms=("cardboard box", "open box", "carton box"),
        captions=("an open cardboard box",),
        cavity=tub.cavity(),
    )


def _outwards(side: Patch, distance: float) -> Array:
    a, b, c = side.vertices[:3]
    normal = np.cross(b - a, c - a)
    return distance * normal / np.linalg.norm(normal)


def _box_print(rng: np.random.Generator, card: Array) -> Albedo:
    words = (
        choose(rng, ("FRAGILE", "KITCHEN", "THIS SIDE UP", "PARTS", "BOOKS")),
        choose(rng, ("24 pcs", "handle with care", "keep dry")),
    )
    return printed_panel(rng, (128, 96), card, paint(rng, ("red", "black", "blue", "green")), words, scale=0.9)


def crate(rng: np.random.Generator) -> Recipe:
    """A wooden crate of slats and corner posts."""
    x, y, height = (float(v) for v in rng.uniform([0.105, 0.085, 0.07], [0.135, 0.105, 0.09]))
    slat, post, floor, gap = 0.006, 0.014, 0.006, 0.007
    rows = 3
    tall = (height - floor - (rows - 1) * gap) / rows
    color = paint(rng, ["brown"])
    grain = np.rot90(wood_grain(rng, np.clip(np.array(color) * 1.35, 0, 1)))
    solids = [((2 * x - 2 * slat, 2 * y - 2 * slat, floor), (0.0, 0.0, floor / 2))]
    for row in range(rows):
        z = floor + row * (tall + gap) + tall / 2 if row else (floor + tall) / 2
        size = tall if row else tall + floor
        solids += [((2 * x, slat, size), (0.0, s * (y - slat / 2), z)) for s in (-1, 1)]
        solids += [((slat, 2 * y - 2 * slat, size), (s * (x - slat / 2), 0.0, z)) for s in (-1, 1)]
    solids += [
        ((post, post, height - floor), (sx * (x - slat - post / 2), sy * (y - slat - post / 2), (height + floor) / 2))
        for sx in (-1, 1)
        for sy in (-1, 1)
    ]
    inner = (x - slat - post, y - slat - post)
    notch = [(x - slat, inner[1] - post), (inner[0] - post, y - slat)]  # its diagonal touches the post's corner
    turns = ((1, 1, 1), (-1, 1, -1), (-1, -1, 1), (1, -1, -1))
    opening = tuple((sx * px, sy * py) for sx, sy, turn in turns for px, py in notch[::turn])
    patches = [_grained(patch) for size, center in solids for patch in box(size, 0.0008, center)]
    return Recipe(
        role="container",
        group="storage",
        parts=(visual_part(patches, Material(name="wood", roughness=0.75), to_albedo(grain), crease=np.radians(50)),),
        hulls=tuple(box_hull(size, center) for size, center in solids),
        density=450.0,
        material="wooden",
        synonyms=("wooden crate", "slatted box"),
        captions=("an open crate of wooden slats",),
        cavity=Cavity(floor=floor, rim=height, opening=opening),
    )


def _grained(patch: Patch) -> Patch:
    """Only a slice of the map, so that the grain keeps its scale on a narrow slat."""
    return Patch(
        patch.vertices,
        patch.faces,
        patch.uv * [0.9, 0.18] + [0.0, 0.37 * float(abs(patch.vertices[0].sum() * 37) % 1.0)],
    )
