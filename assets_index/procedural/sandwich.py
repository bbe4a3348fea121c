"""What goes into a sandwich: slices and leaves that lie flat and carry the next layer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from assets_index.asset import Material, SupportSurface
from assets_index.procedural.collision import prism_hull
from assets_index.procedural.paint import Albedo, blend, choose, mottled, noise, to_albedo
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import Patch, at_height, loft, superellipse, visual_part
from assets_index.transforms import Array

ROUND = 2.0
"""Power of a superellipse that is an ellipse."""

CRUMBS = {"white": (0.97, 0.945, 0.885), "brown": (0.6, 0.41, 0.25), "yellow": (0.95, 0.81, 0.34)}
CRUSTS = {"white": (0.9, 0.79, 0.63), "brown": (0.4, 0.26, 0.15), "yellow": (0.86, 0.66, 0.25)}
LEAVES = {"green": (0.42, 0.66, 0.24), "purple": (0.44, 0.19, 0.43)}
CHEESES = {"yellow": (0.97, 0.83, 0.26), "orange": (0.94, 0.52, 0.13)}


class Layer(NamedTuple):
    """A flat prism: half its length and width, its height, and the superellipse that is its outline."""

    half_x: float
    half_y: float
    height: float
    power: float

    def outline(self, points: int) -> Array:
        """Seen from above, (points, 2)."""
        return superellipse(points, self.power) * [self.half_x, self.half_y]

    @property
    def hull(self) -> Array:
        """Its collision hull."""
        return prism_hull(self.outline(24), 0.0, self.height)

    @property
    def support(self) -> SupportSurface:
        """Its upper side, as far as it is level in the collision hull."""
        points = self.outline(24)
        return SupportSurface(height=self.height, outline=tuple((float(x), float(y)) for x, y in points))


def _draw(rng: np.random.Generator, lower: tuple[float, float, float], upper: tuple[float, float, float]) -> Array:
    return rng.uniform(lower, upper)


def _slab(layer: Layer, bevel: float = 0.002, points: int = 40) -> Patch:
    """The layer with its edges broken; v runs up the side and over the lids."""
    flat = layer.outline(points)
    scale = 1.0 - bevel / np.array([layer.half_x, layer.half_y])
    rings = [(scale, 0.0), (np.ones(2), bevel), (np.ones(2), layer.height - bevel), (scale, layer.height)]
    return loft([at_height(flat * size, z) for size, z in rings])


def _projected(patch: Patch, layer: Layer) -> Patch:
    """The patch with its texture laid on from above."""
    uv = patch.vertices[:, :2] / (2.0 * np.array([layer.half_x, layer.half_y])) + 0.5
    return Patch(patch.vertices, patch.faces, np.clip(uv, 0.02, 0.98))


def bread_slice(rng: np.random.Generator) -> Recipe:
    """A thick slice of bread with a crust around it."""
    x, y, height = _draw(rng, (0.038, 0.031, 0.017), (0.041, 0.0335, 0.02))
    layer, word = Layer(x, y, height, 5.0), choose(rng, tuple(CRUMBS))
    crumb, crust = CRUMBS[word], CRUSTS[word]
    pores = np.clip(noise(rng, (128, 128), (26, 26)) - 0.35, 0.0, 1.0)
    surface = blend(mottled(rng, crumb, 0.04), np.array(crumb) * 0.8, pores)
    radius = np.abs((np.indices((128, 128)) + 0.5) / 64.0 - 1.0)
    edge = np.clip(((radius**layer.power).sum(0) ** (1 / layer.power) - 0.9) * 30.0, 0.0, 1.0)
    return Recipe(
        group="bread",
        parts=(
            visual_part(
                _projected(_slab(layer), layer),
                Material(name="crumb", roughness=0.95),
                to_albedo(blend(surface, crust, edge)),
            ),
        ),
        hulls=(layer.hull,),
        density=280.0,
        synonyms=("slice of bread", "bread"),
        captions=("a slice of bread with its crust",),
        support=layer.support,
    )


def lettuce_leaf(rng: np.random.Generator) -> Recipe:
    """A crisp leaf with a wavy edge."""
    x, y, height = _draw(rng, (0.035, 0.029, 0.015), (0.039, 0.032, 0.0165))
    layer, color = Layer(x, y, height, ROUND), LEAVES[choose(rng, tuple(LEAVES))]
    points, waves = 60, int(rng.integers(8, 12))
    angle = np.arange(points) * (2 * np.pi / points)
    flat = np.stack([np.cos(angle) * x, np.sin(angle) * y], -1)
    ripple = np.sin(waves * angle)
    rings = [
        at_height(flat * (scale + frill * ripple[:, None]), 0.0) + [0.0, 0.0, 1.0] * (z + lift * ripple)[:, None]
        for scale, z, frill, lift in (
            (0.8, 0.001, 0.0, 0.0),
            (1.0, 0.4 * height, 0.03, 0.002),
            (1.02, 0.62 * height, 0.05, 0.0025),
            (0.9, 0.97 * height, 0.02, 0.0005),
            (0.5, 0.99 * height, 0.0, 0.0),
        )
    ]
    veins = np.clip(1.0 - np.abs(noise(rng, (128, 128), (7, 7))) * 9.0, 0.0, 0.45)
    albedo = to_albedo(blend(mottled(rng, color, 0.08), np.array(color) * 0.55 + 0.45, veins))
    return Recipe(
        group="vegetable",
        parts=(visual_part(_projected(loft(rings), layer), Material(name="leaf", roughness=0.6), albedo),),
        hulls=(layer.hull,),
        density=450.0,
        synonyms=("leaf of lettuce", "lettuce"),
        captions=("a leaf of lettuce with a wavy edge",),
        support=layer.support,
    )


def _round_slice(
    rng: np.random.Generator, albedo: Albedo, noun: str, synonyms: tuple[str, ...], sides: tuple[float, float]
) -> Recipe:
    """A disc of meat with radii between the two of `sides`."""
    radius, height = (float(v) for v in rng.uniform([sides[0], 0.015], [sides[1], 0.018]))
    layer = Layer(radius, radius * float(rng.uniform(0.92, 0.97)), height, ROUND)
    return Recipe(
        group="meat",
        parts=(visual_part(_projected(_slab(layer), layer), Material(name=noun, roughness=0.5), albedo),),
        hulls=(layer.hull,),
        density=600.0,
        synonyms=synonyms,
        support=layer.support,
    )


def ham_slice(rng: np.random.Generator) -> Recipe:
    """A thick round slice of cooked ham with a pale rim of fat."""
    radius = np.hypot(*((np.indices((128, 128)) + 0.5) / 64.0 - 1.0))
    rim = np.clip((radius - 0.86) * 14.0, 0.0, 0.5)
    albedo = to_albedo(blend(mottled(rng, (0.92, 0.56, 0.66), 0.06), (0.97, 0.8, 0.82), rim))
    return _round_slice(rng, albedo, "ham", ("slice of ham", "ham"), (0.0325, 0.0345))


def salami_slice(rng: np.random.Generator) -> Recipe:
    """A thick slice of red salami with specks of fat."""
    specks = np.clip(noise(rng, (128, 128), (21, 21)) * 4.0 - 2.2, 0.0, 1.0)
    albedo = to_albedo(blend(mottled(rng, (0.7, 0.12, 0.13), 0.08), (0.93, 0.76, 0.72), specks))
    return _round_slice(rng, albedo, "salami", ("slice of salami", "salami"), (0.032, 0.034))


def burger_patty(rng: np.random.Generator) -> Recipe:
    """A fried patty of minced meat."""
    crumbs = np.clip(noise(rng, (128, 128), (30, 30)), 0.0, 1.0)
    albedo = to_albedo(blend(mottled(rng, (0.45, 0.29, 0.17), 0.12), (0.3, 0.18, 0.1), crumbs))
    return _round_slice(rng, albedo, "patty", ("meat patty", "patty"), (0.0325, 0.0345))


def cheese_slice(rng: np.random.Generator) -> Recipe:
    """A thick square slice of cheese."""
    half, height = (float(v) for v in rng.uniform([0.03, 0.015], [0.0325, 0.017]))
    layer, color = Layer(half, half, height, 12.0), CHEESES[choose(rng, tuple(CHEESES))]
    albedo = to_albedo(mottled(rng, color, 0.03))
    return Recipe(
        group="dairy",
        parts=(visual_part(_projected(_slab(layer), layer), Material(name="cheese", roughness=0.45), albedo),),
        hulls=(layer.hull,),
        density=600.0,
        synonyms=("slice of cheese", "cheese"),
        captions=("a square slice of cheese",),
        support=layer.support,
    )
