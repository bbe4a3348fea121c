"""The textures that exist, by id. Every picture is made from its recipe when first asked for; nothing is stored."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from assets_index.asset import Source
from assets_index.errors import MissingAsset
from assets_index.seeding import Stage, generator
from assets_index.surfaces import SurfaceEntry, Texture
from assets_index.textures import fabric, masonry, sheet, stone, wood
from assets_index.textures.paint import Color, Picture, rgb


@dataclass(frozen=True)
class Recipe:
    """What a texture is made of; the fields are those of `Texture`."""

    kind: str
    color: str
    paint: Callable[[np.random.Generator], Picture]
    tile_size: float
    roughness: float
    metallic: float = 0.0


def _colors(*codes: str) -> list[Color]:
    return [rgb(code) for code in codes]


_RECIPES: dict[str, Recipe] = {
    "wood-oak": Recipe("wood", "brown", partial(wood.boards, species=wood.OAK, count=3), 0.6, 0.55),
    "wood-oak-wide": Recipe("wood", "brown", partial(wood.boards, species=wood.OAK, count=2, seam=0.3), 0.5, 0.4),
    "wood-walnut": Recipe("wood", "brown", partial(wood.boards, species=wood.WALNUT, count=3), 0.6, 0.4),
    "wood-pine": Recipe("wood", "brown", partial(wood.boards, species=wood.PINE, count=4), 0.6, 0.6),
    "wood-maple": Recipe("wood", "brown", partial(wood.boards, species=wood.MAPLE, count=3, seam=0.35), 0.6, 0.45),
    "wood-cherry": Recipe("wood", "brown", partial(wood.boards, species=wood.CHERRY, count=3, seam=0.4), 0.6, 0.35),
    "wood-teak": Recipe("wood", "brown", partial(wood.boards, species=wood.TEAK, count=4), 0.5, 0.5),
    "wood-wenge": Recipe("wood", "brown", partial(wood.boards, species=wood.WENGE, count=3), 0.6, 0.45),
    "wood-weathered": Recipe(
        "wood", "gray", partial(wood.boards, species=wood.WEATHERED, count=4, seam=0.8), 0.6, 0.85
    ),
    "wood-butcher-block": Recipe("wood", "brown", partial(wood.staves, species=wood.MAPLE, rows=12), 0.6, 0.5),
    "wood-acacia-block": Recipe("wood", "brown", partial(wood.staves, species=wood.TEAK, rows=10), 0.6, 0.45),
    "wood-parquet-oak": Recipe("wood", "brown", partial(wood.parquet, species=wood.OAK), 0.9, 0.4),
    "wood-parquet-walnut": Recipe("wood", "brown", partial(wood.parquet, species=wood.WALNUT), 0.9, 0.35),
    "wood-painted-white": Recipe("wood", "white", partial(wood.painted_boards, color=rgb("e9e7e0")), 0.5, 0.5),
    "wood-painted-blue": Recipe("wood", "blue", partial(wood.painted_boards, color=rgb("5f86a8")), 0.5, 0.5),
    "wood-bamboo": Recipe("wood", "brown", partial(wood.bamboo, color=rgb("d6ac68")), 0.4, 0.45),
    "wood-strandboard": Recipe(
        "wood", "brown", partial(sheet.strandboard, colors=_colors("a97a42", "dcb87c")), 0.6, 0.75
    ),
    "marble-carrara": Recipe(
        "stone",
        "white",
        partial(stone.marble, ground=_colors("d3d4d6", "f0f0ee"), vein=rgb("8d9096"), strength=0.6),
        0.8,
        0.2,
    ),
    "marble-marquina": Recipe(
        "stone",
        "black",
        partial(stone.marble, ground=_colors("131416", "26272b"), vein=rgb("d8d6cf"), strength=0.65),
        0.8,
        0.2,
    ),
    "marble-verde": Recipe(
        "stone",
        "green",
        partial(stone.marble, ground=_colors("1b3d2e", "3d6b50"), vein=rgb("a9c7b0"), strength=0.5),
        0.8,
        0.2,
    ),
    "marble-crema": Recipe(
        "stone",
        "white",
        partial(stone.marble, ground=_colors("e2d3b8", "f0e6d2"), vein=rgb("b08b5e"), strength=0.5),
        0.8,
        0.25,
    ),
    "travertine": Recipe(
        "stone", "brown", partial(stone.travertine, colors=_colors("b09468", "cdb58c", "e0cda8")), 0.6, 0.45
    ),
    "granite-gray": Recipe(
        "stone",
        "gray",
        partial(stone.granite, grains=_colors("b9b7b3", "8e8d8c", "d8d6d0", "3b3a3c"), weights=[0.4, 0.28, 0.2, 0.12]),
        0.35,
        0.25,
    ),
    "granite-black": Recipe(
        "stone",
        "black",
        partial(stone.granite, grains=_colors("191a1c", "2a2b2e", "0e0e10", "6c7077"), weights=[0.4, 0.3, 0.24, 0.06]),
        0.35,
        0.2,
    ),
    "granite-brown": Recipe(
        "stone",
        "brown",
        partial(stone.granite, grains=_colors("7a4f38", "a06b4b", "2c211d", "c39a78"), weights=[0.4, 0.3, 0.2, 0.1]),
        0.35,
        0.25,
    ),
    "slate-gray": Recipe("stone", "gray", partial(stone.slate, colors=_colors("4d5257", "6f757a")), 0.6, 0.7),
    "terrazzo-white": Recipe(
        "stone",
        "white",
        partial(stone.terrazzo, binder=rgb("e6e3dc"), chips=_colors("b6aea3", "d9cfbf", "8f8a84", "c9a98d", "f2f0ea")),
        0.5,
        0.3,
    ),
    "terrazzo-gray": Recipe(
        "stone",
        "gray",
        partial(stone.terrazzo, binder=rgb("85868a"), chips=_colors("c9c7c2", "5b5c61", "a7a29a", "e4e1da", "6f6a66")),
        0.5,
        0.3,
    ),
    "concrete-light": Recipe("concrete", "gray", partial(stone.concrete, color=rgb("b3b1ac")), 1.0, 0.8),
    "concrete-dark": Recipe("concrete", "gray", partial(stone.concrete, color=rgb("747472"), stains=0.045), 1.0, 0.8),
    "plaster-white": Recipe("plaster", "white", partial(stone.plaster, color=rgb("e6e3dd")), 0.8, 0.9),
    "plaster-ochre": Recipe("plaster", "yellow", partial(stone.plaster, color=rgb("d9ad4e"), coarseness=1.3), 0.8, 0.9),
    "plaster-green": Recipe("plaster", "green", partial(stone.plaster, color=rgb("8fab86"), coarseness=0.7), 0.8, 0.9),
    "asphalt": Recipe("asphalt", "gray", partial(stone.asphalt, color=rgb("666666")), 0.4, 0.95),
    "sand": Recipe("sand", "brown", partial(stone.sand, colors=_colors("b9985f", "d9bf8d", "ecdcb8")), 0.5, 0.95),
    "brick-red": Recipe(
        "brick",
        "red",
        partial(masonry.bricks, colors=_colors("ab3f2c", "993426", "b54733", "852d22"), mortar=rgb("a39385")),
        0.6,
        0.9,
    ),
    "brick-white": Recipe(
        "brick", "white", partial(masonry.bricks, colors=_colors("e4e1da", "dcd9d2"), mortar=rgb("cfccc4")), 0.6, 0.85
    ),
    "tile-white": Recipe(
        "tile", "white", partial(masonry.tiles, colors=_colors("eceeed"), grout=rgb("a8a8a5")), 0.6, 0.15
    ),
    "tile-gray": Recipe(
        "tile",
        "gray",
        partial(masonry.tiles, colors=_colors("8b8f91", "94979a"), grout=rgb("5f6163"), layout=(2, 2), variation=0.02),
        0.9,
        0.35,
    ),
    "tile-subway-green": Recipe(
        "tile",
        "green",
        partial(
            masonry.tiles, colors=_colors("2f6b53"), grout=rgb("c9c8c0"), layout=(8, 4), offset=0.5, variation=0.07
        ),
        0.6,
        0.12,
    ),
    "tile-mosaic-blue": Recipe(
        "tile",
        "blue",
        partial(
            masonry.tiles,
            colors=_colors("1f5c99", "2f77b4", "17467a", "5a9acb"),
            grout=rgb("d5dadd"),
            layout=(16, 16),
            variation=0.06,
        ),
        0.4,
        0.15,
    ),
    "tile-terracotta": Recipe(
        "tile",
        "brown",
        partial(masonry.hexagons, colors=_colors("b9633c", "c4703f", "aa5634"), grout=rgb("8d7a6a"), across=7),
        0.9,
        0.75,
    ),
    "cotton-red": Recipe("fabric", "red", partial(fabric.weave, weft=rgb("b3202a"), warp=rgb("a01a26")), 0.12, 0.9),
    "cotton-navy": Recipe("fabric", "blue", partial(fabric.weave, weft=rgb("24386f"), warp=rgb("1c2d5e")), 0.12, 0.9),
    "cotton-yellow": Recipe(
        "fabric", "yellow", partial(fabric.weave, weft=rgb("e9bf33"), warp=rgb("dfb12a")), 0.12, 0.9
    ),
    "linen-natural": Recipe(
        "fabric",
        "brown",
        partial(fabric.weave, weft=rgb("d3b98c"), warp=rgb("c4a877"), count=56, slub=0.12),
        0.12,
        0.95,
    ),
    "linen-gray": Recipe(
        "fabric", "gray", partial(fabric.weave, weft=rgb("a3a19d"), warp=rgb("8f8e8b"), count=56, slub=0.12), 0.12, 0.95
    ),
    "denim-blue": Recipe("fabric", "blue", partial(fabric.denim, color=rgb("2d4774")), 0.10, 0.9),
    "tartan-red": Recipe(
        "fabric",
        "red",
        partial(
            fabric.tartan,
            sett=[
                (30, rgb("b01f28")),
                (10, rgb("1d2a3c")),
                (4, rgb("b01f28")),
                (4, rgb("1e4a34")),
                (12, rgb("b01f28")),
                (2, rgb("e8d9a0")),
                (12, rgb("b01f28")),
                (4, rgb("1e4a34")),
                (4, rgb("b01f28")),
                (10, rgb("1d2a3c")),
            ],
        ),
        0.25,
        0.9,
    ),
    "gingham-blue": Recipe(
        "fabric",
        "blue",
        partial(fabric.tartan, sett=[(16, rgb("2c5aa0")), (16, rgb("a9c1e2"))] * 4),
        0.2,
        0.9,
    ),
    "tweed-gray": Recipe(
        "fabric", "gray", partial(fabric.tweed, yarns=_colors("8d8b87", "5a5957", "b8b5ae", "76736e")), 0.2, 0.95
    ),
    "corduroy-brown": Recipe("fabric", "brown", partial(fabric.corduroy, color=rgb("8a5a36")), 0.08, 0.9),
    "knit-orange": Recipe("fabric", "orange", partial(fabric.knit, color=rgb("e07b2c")), 0.12, 0.95),
    "felt-green": Recipe("fabric", "green", partial(fabric.felt, color=rgb("1f7a4a")), 0.3, 0.98),
    "felt-purple": Recipe("fabric", "purple", partial(fabric.felt, color=rgb("6b3a8c")), 0.3, 0.98),
    "carpet-gray": Recipe(
        "carpet", "gray", partial(fabric.carpet, colors=_colors("8b8c8e", "77787b", "9c9c9c")), 0.4, 1.0
    ),
    "carpet-brown": Recipe(
        "carpet", "brown", partial(fabric.carpet, colors=_colors("b08d62", "9c7a50", "c2a177")), 0.4, 1.0
    ),
    "carpet-red": Recipe(
        "carpet", "red", partial(fabric.carpet, colors=_colors("a3222b", "8c1a25", "b73a3c")), 0.4, 1.0
    ),
    "leather-brown": Recipe("leather", "brown", partial(fabric.leather, color=rgb("7b4a2b")), 0.15, 0.5),
    "leather-black": Recipe("leather", "black", partial(fabric.leather, color=rgb("232222")), 0.15, 0.45),
    "steel-brushed": Recipe("metal", "gray", partial(sheet.brushed, color=rgb("a9abad")), 0.4, 0.35, 1.0),
    "steel-plate": Recipe("metal", "gray", partial(sheet.diamond_plate, color=rgb("8e9194")), 0.3, 0.45, 1.0),
    "brass-brushed": Recipe("metal", "yellow", partial(sheet.brushed, color=rgb("c9a24b")), 0.4, 0.35, 1.0),
    "laminate-white": Recipe("plastic", "white", partial(sheet.laminate, color=rgb("ececea"), speckle=0.008), 0.5, 0.4),
    "laminate-gray": Recipe("plastic", "gray", partial(sheet.laminate, color=rgb("9b9da0")), 0.5, 0.45),
    "laminate-black": Recipe("plastic", "black", partial(sheet.laminate, color=rgb("242527"), speckle=0.04), 0.5, 0.4),
    "laminate-blue": Recipe("plastic", "blue", partial(sheet.laminate, color=rgb("3f7fb5")), 0.5, 0.4),
    "laminate-pink": Recipe("plastic", "pink", partial(sheet.laminate, color=rgb("e7a3b4")), 0.5, 0.4),
    "paper-white": Recipe("paper", "white", partial(sheet.paper, color=rgb("efece4"), fibre=0.015), 0.3, 0.9),
    "paper-kraft": Recipe("paper", "brown", partial(sheet.paper, color=rgb("b98d5f"), fibre=0.05), 0.3, 0.9),
    "cardboard": Recipe("paper", "brown", partial(sheet.corrugated, color=rgb("b38a5d")), 0.25, 0.9),
    "cork": Recipe("cork", "brown", partial(sheet.cork, colors=_colors("a5733f", "d3a56c")), 0.25, 0.85),
    "rubber-black": Recipe(
        "rubber",
        "black",
        partial(sheet.speckled_rubber, color=rgb("2b2b2c"), flecks=_colors("7d8184", "3f6ea5", "b0b3b5")),
        0.4,
        0.9,
    ),
    "wicker": Recipe("wicker", "brown", partial(sheet.wicker, color=rgb("c4935a")), 0.25, 0.75),
    "grass": Recipe("grass", "green", partial(sheet.grass, colors=_colors("23401a", "4d7a2e", "8db04f")), 0.4, 0.95),
}

TEXTURE_SOURCE = Source(
    kind="procedural", reference="assets_index.textures", creator="st4vla-dataengine", license="Apache-2.0"
)
"""Of every texture here."""


def texture_ids() -> tuple[str, ...]:
    """Ids of all textures, sorted."""
    return tuple(sorted(_RECIPES))


def texture_entries() -> tuple[SurfaceEntry, ...]:
    """All textures by id, source and kind, sorted by id."""
    return tuple(SurfaceEntry(name, TEXTURE_SOURCE.kind, (_RECIPES[name].kind,)) for name in texture_ids())


@cache
def texture(texture_id: str) -> Texture:
    """The texture of that name, 512 x 512; made in some 20 to 200 ms, then kept.

    Raises:
        MissingAsset: if there is none.
    """
    recipe = _RECIPES.get(texture_id)
    if recipe is None:
        raise MissingAsset(
            f"no texture is called {texture_id!r}; `dataengine assets gallery --textures` shows them all"
        )
    rng = generator(0, Stage.ASSET, zlib.crc32(texture_id.encode()))
    albedo = np.rint(255 * np.clip(recipe.paint(rng), 0, 1)).astype(np.uint8)
    albedo.setflags(write=False)
    return Texture(
        id=texture_id,
        kind=recipe.kind,
        albedo=albedo,
        roughness=recipe.roughness,
        metallic=recipe.metallic,
        tile_size=recipe.tile_size,
        color=recipe.color,
        source=TEXTURE_SOURCE,
        tags=(recipe.kind,),
    )
