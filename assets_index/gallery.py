"""Contact sheets: what assets, textures and domes look like, with a caption under each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from assets_index.asset import Asset
from assets_index.errors import EngineError
from assets_index.index import AssetIndex
from assets_index.surfaces import Dome, Texture
from assets_index.thumbnail import draw_thumbnail

CELL = 160
_LINES = 2
_LINE_HEIGHT = 13
_GAP = 8
_INK = (40, 40, 44)


class UnwritablePicture(EngineError):
    """The file that a picture should go to cannot be written."""


@dataclass(frozen=True)
class Tile:
    """A captioned picture, (H, W, 3) uint8."""

    picture: NDArray[np.uint8]
    caption: str


def asset_tiles(index: AssetIndex, assets: Iterable[Asset], size: int = CELL) -> Iterable[Tile]:
    """Assets drawn one after another, captioned with name and largest extent."""
    for asset in assets:
        caption = f"{asset.name}, {100 * max(asset.extents):.0f} cm"
        yield Tile(draw_thumbnail(index.visual(asset.id), size), caption)


def texture_tiles(textures: Iterable[Texture], size: int = CELL) -> Iterable[Tile]:
    """One tile of each texture, captioned with its id and edge."""
    for texture in textures:
        picture = Image.fromarray(texture.albedo).resize((size, size), Image.Resampling.LANCZOS)
        yield Tile(np.asarray(picture), f"{texture.id}, {100 * texture.tile_size:.0f} cm")


def dome_tiles(domes: Iterable[Dome], size: int = CELL) -> Iterable[Tile]:
    """Domes as equirectangular pictures twice as wide as high, tone-mapped (Reinhard), captioned with their ids."""
    for dome in domes:
        mapped = dome.radiance * (1 + dome.radiance / 9) / (1 + dome.radiance)
        picture = Image.fromarray((255 * np.clip(mapped, 0, 1) ** (1 / 2.2)).astype(np.uint8))
        yield Tile(np.asarray(picture.resize((2 * size, size), Image.Resampling.LANCZOS)), dome.id)


def contact_sheet(tiles: Sequence[Tile], columns: int = 8) -> NDArray[np.uint8]:
    """All tiles in rows of `columns`, on white; tiles are as large as the first one."""
    height, width = tiles[0].picture.shape[:2]
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    step_x, step_y = width + _GAP, height + _LINES * _LINE_HEIGHT + _GAP
    sheet = Image.new("RGB", (columns * step_x + _GAP, rows * step_y + _GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    for number, tile in enumerate(tiles):
        x, y = _GAP + number % columns * step_x, _GAP + number // columns * step_y
        sheet.paste(Image.fromarray(tile.picture), (x, y))
        lines = textwrap.wrap(tile.caption, max(8, width // 6), max_lines=_LINES, placeholder="…")
        draw.multiline_text((x, y + height + 1), "\n".join(lines), fill=_INK, font=font, spacing=1)
    return np.asarray(sheet)


def write_sheet(path: Path, tiles: Sequence[Tile], columns: int = 8) -> None:
    """Write a contact sheet as PNG.

    Raises:
        UnwritablePicture: if there is nothing to show or the file cannot be written.
    """
    if not tiles:
        raise UnwritablePicture(f"{path}: nothing to show; ask for less, or ingest something first")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(contact_sheet(tiles, columns)).save(path, format="PNG")
    except OSError as error:
        raise UnwritablePicture(f"{path}: cannot be written: {error.strerror or error}") from error
