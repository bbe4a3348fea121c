"""Round packages: cans, bottles and jars with labels, and candles."""

from __future__ import annotations

import numpy as np

from assets_index.asset import Material
from assets_index.procedural.collision import flat_top, round_hull, round_pieces
from assets_index.procedural.paint import LIVELY, PAPER, accent_on, brand_name, choose, paint, printed_panel
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import circle, revolve, sweep, visual_part

STEEL = Material(name="steel", color=(0.72, 0.72, 0.74), roughness=0.3, metallic=0.9)


def can(rng: np.random.Generator) -> Recipe:
    """A metal can with a printed label and bright rims."""
    radius, height = rng.uniform([0.026, 0.075], [0.034, 0.12])
    word = choose(rng, LIVELY)
    base, brand = paint(rng, [word]), brand_name(rng)
    product = choose(rng, ("Soup", "Beans", "Peas", "Corn", "Tomatoes", "Cola"))
    panel = printed_panel(rng, (104, 128), base, accent_on(rng, word), (brand, product), scale=0.65)
    rim = 0.004
    foot = [(radius - 0.004, 0.003), (radius - 0.003, 0.0), (radius, 0.0), (radius, rim)]
    lid = [(r, height - z) for r, z in reversed(foot)] + [(0.0, height - 0.003)]
    body = revolve([(radius, rim), (radius, height - rim)], 32)
    lacquer = revolve([(0.0, 0.003), foot[0], foot[1]], 32)
    label = visual_part(body, Material(name="label", roughness=0.35), np.tile(panel, (1, 2, 1)))
    return Recipe(
        group="snack",
        parts=(
            label,
            visual_part(lacquer, Material(name="lacquer", color=base, roughness=0.4)),
            visual_part([revolve(foot[1:], 32), revolve(lid, 32)], STEEL),
        ),
        hulls=(round_hull([(radius, 0.0), (radius, height)], 24),),
        density=600.0,
        material="metal",
        synonyms=("tin", "tin can"),
        captions=(f'a can with the word "{brand}" on its label',),
        support=flat_top(circle(24) * (radius - 0.002), height),
    )


def bottle(rng: np.random.Generator) -> Recipe:
    """A bottle with a shoulder, a neck, a cap and a label around its body."""
    radius, height = rng.uniform([0.026, 0.15], [0.033, 0.19])
    word = choose(rng, (*LIVELY, "white"))
    base, brand = np.array(paint(rng, [word])), brand_name(rng)
    neck, shoulder, cap = 0.42 * radius, 0.62 * height, 0.024
    curve = np.linspace(0.0, 1.0, 7)
    slope = np.column_stack([radius + (neck - radius) * (3 * curve**2 - 2 * curve**3), shoulder + 0.2 * height * curve])
    foot = [(0.0, 0.0), (0.82 * radius, 0.0), (0.95 * radius, 0.003), (radius, 0.01)]
    top = height - cap
    shell = Material(name="shell", color=(base[0], base[1], base[2]), roughness=0.25)
    body = revolve([*foot, (radius, 0.2 * height)], 28), revolve([(radius, 0.52 * height), *slope, (neck, top)], 28)
    product = choose(rng, ("Juice", "Water", "Syrup", "Shampoo", "Lemonade", "Sauce"))
    print_ = printed_panel(rng, (112, 96), 0.82 * base, accent_on(rng, word), (brand, product), scale=1.0)
    label = visual_part(
        revolve([(radius + 0.0004, 0.2 * height), (radius + 0.0004, 0.52 * height)], 28),
        Material(name="label", roughness=0.5),
        np.tile(print_, (1, 2, 1)),
    )
    lid = Material(name="cap", color=paint(rng, ["white", "black", word]), roughness=0.4)
    grip = neck + 0.003
    knob = revolve([(grip, top), (grip, height - 0.002), (grip - 0.002, height), (0.0, height)], 20)
    return Recipe(
        group="bottle",
        parts=(visual_part(body, shell), label, visual_part(knob, lid)),
        hulls=(
            round_hull([(0.86 * radius, 0.0), (radius, 0.01), (radius, shoulder + 0.02)]),
            *round_pieces([(radius, shoulder + 0.02), (neck, shoulder + 0.2 * height)]),
            round_hull([(grip, shoulder + 0.2 * height), (grip, height)], 12),
        ),
        density=450.0,
        material="plastic",
        captions=(f'a bottle with the word "{brand}" on its label', "a bottle with a screw cap"),
    )


def jar(rng: np.random.Generator) -> Recipe:
    """A jar of jam, honey or pickles with a metal lid and a paper label."""
    radius, height = rng.uniform([0.028, 0.065], [0.034, 0.095])
    word, product = (
        ("red", "Jam"),
        ("orange", "Marmalade"),
        ("yellow", "Honey"),
        ("green", "Pickles"),
        ("purple", "Plums"),
    )[int(rng.integers(5))]
    color, brand = paint(rng, [word]), brand_name(rng)
    top = height - 0.014
    profile = [(0.0, 0.0), (0.86 * radius, 0.0), (radius, 0.006), (radius, 0.78 * top), (0.88 * radius, top)]
    outer = radius + 0.0004
    low, high = 0.22 * height, 0.55 * height
    quarter = revolve([(outer, low), (outer, high)], 32)
    front = quarter.faces[(np.arange(len(quarter.faces)) // 2) < 12]  # the label covers three eighths of the body
    sheet = printed_panel(rng, (128, 64), PAPER, color, (brand, product), scale=1.3)
    paper = type(quarter)(quarter.vertices, front, quarter.uv * [32 / 12, 1.0])
    cover = revolve(
        [
            (0.9 * radius, top),
            (0.95 * radius, top),
            (0.95 * radius, height - 0.002),
            (0.92 * radius, height),
            (0.0, height),
        ],
        28,
    )
    lid = Material(name="lid", color=paint(rng, [word]), roughness=0.35, metallic=0.3)
    return Recipe(
        group="snack",
        parts=(
            visual_part(revolve(profile, 32), Material(name="glass", color=color, roughness=0.08)),
            visual_part(paper, Material(name="label", roughness=0.7), sheet),
            visual_part(cover, lid),
        ),
        hulls=(
            round_hull([(0.9 * radius, 0.0), (radius, 0.006), (radius, 0.78 * top)]),
            round_hull([(radius, 0.78 * top), (0.95 * radius, top), (0.95 * radius, height)]),
        ),
        density=700.0,
        material="glass",
        synonyms=("glass jar",),
        captions=(f"a jar of {product.lower()}", f'a jar with the word "{brand}" on its label'),
        support=flat_top(circle(24) * 0.92 * radius, height),
    )


def candle(rng: np.random.Generator) -> Recipe:
    """A thick candle with a hollow around its wick."""
    radius, height = rng.uniform([0.023, 0.05], [0.031, 0.09])
    wax = Material(
        name="wax", color=paint(rng, ("red", "white", "yellow", "green", "purple", "pink", "blue")), roughness=0.45
    )
    edge = 0.004
    profile = [(0.0, 0.0), (radius - 0.002, 0.0), (radius, 0.002), (radius, height - edge), (radius - edge, height)]
    profile += [(0.6 * radius, height - 0.002), (0.0, height - 0.005)]
    rise = np.linspace(0.0, 1.0, 4)
    wick = np.column_stack([0.002 * rise**2, np.zeros(4), height - 0.005 + 0.013 * rise])
    string = Material(name="wick", color=(0.12, 0.1, 0.09), roughness=0.9)
    return Recipe(
        group="household",
        parts=(visual_part(revolve(profile, 32), wax), visual_part(sweep(wick, np.full(4, 0.0012), 6), string)),
        hulls=(round_hull([(radius, 0.0), (radius, height)], 24),),
        density=700.0,
        material="wax",
        synonyms=("pillar candle",),
        captions=("a candle with a black wick",),
    )
