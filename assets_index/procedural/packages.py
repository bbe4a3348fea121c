"""Folded packages: food cartons, cereal boxes and milk cartons with printed faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from assets_index.asset import Material, VisualPart
from assets_index.procedural.collision import box_hull, box_top
from assets_index.procedural.paint import LIVELY, Albedo, accent_on, brand_name, choose, paint, printed_panel, to_albedo
from assets_index.procedural.recipe import Recipe
from assets_index.procedural.surface import Patch, box, quad, visual_part
from assets_index.transforms import Array, Vec3

CARD = Material(name="card", roughness=0.55)


def sheet_of(front: Albedo, side: Albedo) -> tuple[Albedo, dict[str, tuple[float, float]]]:
    """Both panels and a strip of the side's own colour in one map, and the range of u that each takes."""
    plain = np.broadcast_to(side[:1, :1], (side.shape[0], side.shape[0] // 4, 3))
    sheet = np.concatenate([front, side, plain], axis=1)
    edges = np.cumsum([0, front.shape[1], side.shape[1], plain.shape[1]]) / sheet.shape[1]
    inset = 2.0 / sheet.shape[1]  # keeps filtering from mixing the neighbours' colours
    columns = {name: (edges[k], edges[k + 1]) for k, name in enumerate(("front", "side"))}
    return np.ascontiguousarray(sheet), columns | {"plain": (edges[2] + inset, edges[3] - inset)}


def printed_box(size: ArrayLike, front: Albedo, side: Albedo, material: Material, bevel: float = 0.002) -> VisualPart:
    """A box whose faces -y and +y carry `front`, -x and +x `side`, with plain lids; it stands on z = 0."""
    sheet, columns = sheet_of(front, side)
    faces = box(size, bevel, center=(0.0, 0.0, np.asarray(size)[2] / 2))
    kinds = ("side", "side", "front", "front", "plain", "plain")
    return visual_part(_textured(faces, kinds, columns), material, sheet, crease=np.radians(50))


def _textured(faces: tuple[Patch, ...], kinds: tuple[str, ...], columns: dict[str, tuple[float, float]]) -> list[Patch]:
    return [
        face.with_uv((columns[kind][0], 0.0), (columns[kind][1], 1.0)) for face, kind in zip(faces, kinds, strict=True)
    ]


def _panels(
    rng: np.random.Generator, size: Array, base: Vec3, accent: Vec3, words: tuple[str, str], height: int
) -> tuple[Albedo, Albedo]:
    """Front and side print of a package of that size, `height` pixels high."""
    front, side = (
        printed_panel(rng, (max(24, int(height * width / size[2])), height), base, accent, words, scale=0.8)
        for width in size[:2]
    )
    return front, side


def _printed_package(rng: np.random.Generator, size: Array, products: tuple[str, ...]) -> tuple[VisualPart, str]:
    word = choose(rng, LIVELY)
    brand = brand_name(rng)
    words = (brand, choose(rng, products))
    front, side = _panels(rng, size, paint(rng, [word]), accent_on(rng, word), words, 128)
    return printed_box(size, front, side, CARD), brand


def carton(rng: np.random.Generator) -> Recipe:
    """A small food carton that stands on its narrow side."""
    size = rng.uniform([0.07, 0.035, 0.08], [0.1, 0.055, 0.12])
    part, brand = _printed_package(rng, size, ("Crackers", "Biscuits", "Raisins", "Tea", "Rice", "Pasta"))
    return Recipe(
        group="snack",
        parts=(part,),
        hulls=(box_hull(size, (0, 0, size[2] / 2)),),
        density=350.0,
        material="cardboard",
        synonyms=("food box", "packet"),
        captions=(f'a carton with the word "{brand}" printed on it',),
        support=box_top(size),
    )


def cereal_box(rng: np.random.Generator) -> Recipe:
    """A tall box of breakfast cereal."""
    size = rng.uniform([0.1, 0.04, 0.14], [0.125, 0.055, 0.17])
    part, brand = _printed_package(rng, size, ("Flakes", "Muesli", "Granola", "Oats", "Loops", "Pops"))
    return Recipe(
        group="snack",
        parts=(part,),
        hulls=(box_hull(size, (0, 0, size[2] / 2)),),
        density=180.0,
        material="cardboard",
        synonyms=("box of cereal",),
        captions=(f'a cereal box with the word "{brand}" printed on it',),
        support=box_top(size),
    )


def milk_carton(rng: np.random.Generator) -> Recipe:
    """A gable-topped carton with a folded ridge."""
    width, body = (float(v) for v in rng.uniform([0.056, 0.095], [0.066, 0.115]))
    ridge, fin, half = body + 0.42 * width, 0.012, width / 2
    word = choose(rng, ("white", "white", "blue", "green", "red", "pink"))
    base, brand = paint(rng, [word]), brand_name(rng)
    accent = paint(rng, [choose(rng, [w for w in ("blue", "green", "red", "purple") if w != word])])
    words = (brand, choose(rng, ("Milk", "Kefir", "Cream", "Oat drink", "Buttermilk")))
    front, side = _panels(rng, np.array([width, width, body]), base, accent, words, 128)
    sheet, columns = sheet_of(front, side)
    walls = box((width, width, body), 0.0015, (0, 0, body / 2))[:5]
    crease = 0.002
    slopes = [
        quad([(-half * s, -half * s, body), (half * s, -half * s, body), (half * s, 0, ridge), (-half * s, 0, ridge)])
        for s in (1, -1)
    ]
    gables = [
        quad(
            [
                (half * s, -half * s, body),
                (half * s, half * s, body),
                ((half - 0.004) * s, 0, ridge),
                ((half - 0.004) * s, 0, ridge),
            ]
        )
        for s in (1, -1)
    ]
    top = box((width, 2 * crease, fin), 0.0005, (0, 0, ridge + fin / 2))
    patches = _textured((*walls, *slopes, *gables, *top), ("side", "side", "front", "front", *["plain"] * 11), columns)
    roof = np.array([(x, y, z) for x in (-half, half) for y, z in ((-half, body), (half, body), (0, ridge))])
    return Recipe(
        group="snack",
        parts=(visual_part(patches, CARD, sheet, crease=np.radians(35)),),
        hulls=(
            np.concatenate([box_hull((width, width, body), (0, 0, body / 2)), roof]),
            box_hull((width, 2 * crease, fin), (0, 0, ridge + fin / 2)),
        ),
        density=420.0,
        material="cardboard",
        synonyms=("carton of milk", "drink carton"),
        captions=(f'a milk carton with the word "{brand}" printed on it', "a carton with a gable top"),
    )


def book(rng: np.random.Generator) -> Recipe:
    """A thick pocket book that lies on its back, with a printed cover and white pages."""
    width, length, thick = (float(v) for v in rng.uniform([0.058, 0.09, 0.02], [0.069, 0.11, 0.03]))
    word = choose(rng, ("red", "green", "blue", "purple", "orange", "black", "brown"))
    base, board = paint(rng, [word]), 0.003
    title = choose(rng, ("Rivers", "The Garden", "Stars", "Night Boat", "Birds", "Clay", "Winter"))
    author = choose(rng, ("A. Molen", "I. Varga", "T. Okoro", "L. Brandt"))
    print_ = printed_panel(rng, (80, 128), base, accent_on(rng, word), (title, author), scale=0.9)
    sheet, columns = sheet_of(print_, np.broadcast_to(to_albedo(base), (128, 16, 3)))
    cover = box((width, length, board), 0.001, (0, 0, thick - board / 2))
    back = box((width, length, board), 0.001, (0, 0, board / 2))
    spine = box((board, length, thick), 0.001, ((board - width) / 2, 0, thick / 2))
    kinds = ("plain",) * 5 + ("front",) + ("plain",) * 12
    block = (width - 2 * board, length - 2 * board, thick - 2 * board)
    pages = box(block, 0.0, (0, 0, thick / 2))[:4]
    lines = np.full((32, 8, 3), (238, 232, 216), np.uint8)
    lines[::4] = (206, 198, 180)
    return Recipe(
        group="stationery",
        parts=(
            visual_part(_textured((*cover, *back, *spine), kinds, columns), CARD, sheet, crease=np.radians(50)),
            visual_part(pages, Material(name="pages", roughness=0.9), lines),
        ),
        hulls=(box_hull((width, length, thick), (0, 0, thick / 2)),),
        density=600.0,
        material="paper",
        synonyms=("pocket book", "paperback"),
        captions=(f'a book with the title "{title}"', "a closed book with white pages"),
        support=box_top((width, length, thick)),
    )
