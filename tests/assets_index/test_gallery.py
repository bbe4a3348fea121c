from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets_index.asset import Material, VisualPart
from assets_index.domes import dome
from assets_index.gallery import Tile, UnwritablePicture, contact_sheet, dome_tiles, texture_tiles, write_sheet
from assets_index.textures import texture
from assets_index.thumbnail import draw_thumbnail


def box(color: tuple[float, float, float], half: tuple[float, float, float], middle: float = 0.0) -> VisualPart:
    """A box that stands on z = 0, each side with its own normals."""
    vertices, normals, faces = [], [], []
    for axis in range(3):
        for sign in (-1, 1):
            u, v = np.roll(np.eye(3), 1, axis=0)[axis], np.roll(np.eye(3), 2, axis=0)[axis]
            normal = sign * np.eye(3)[axis]
            if np.dot(np.cross(u, v), normal) < 0:
                u, v = v, u
            start = len(vertices)
            vertices += [normal - u - v, normal + u - v, normal + u + v, normal - u + v]
            normals += [normal] * 4
            faces += [[start, start + 1, start + 2], [start, start + 2, start + 3]]
    placed = np.array(vertices) * half + [middle, 0, half[2]]
    return VisualPart(
        placed.astype(np.float32),
        np.array(faces, np.int32),
        np.array(normals, np.float32),
        None,
        Material(name="paint", color=color),
    )


def test_a_thumbnail_shows_shape_colour_and_light() -> None:
    picture = draw_thumbnail([box((0.8, 0.1, 0.1), (0.05, 0.05, 0.05))], 120).astype(int)
    assert picture.shape == (120, 120, 3)
    red = (picture[..., 0] > picture[..., 1] + 60) & (picture[..., 0] > picture[..., 2] + 60)
    assert 0.4 < red.mean() < 0.8
    assert (picture[0, 0] > 235).all()
    brightness = [picture[y, 60].sum() for y in (30, 90)]
    assert brightness[0] > 1.15 * brightness[1], "the top is lit more than the sides"
    again = draw_thumbnail([box((0.8, 0.1, 0.1), (0.05, 0.05, 0.05))], 120)
    assert np.array_equal(picture, again)


def test_what_is_in_front_hides_what_is_behind() -> None:
    tall = box((0.1, 0.1, 0.8), (0.02, 0.02, 0.2))
    wide = box((0.1, 0.7, 0.1), (0.2, 0.02, 0.02))
    picture = draw_thumbnail([tall, wide], 160).astype(int)
    blue = (picture[..., 2] > picture[..., 0] + 40).sum()
    green = (picture[..., 1] > picture[..., 0] + 40).sum()
    assert blue > 300
    assert green > 300


def test_a_texture_lies_the_right_way_up() -> None:
    side = VisualPart(
        np.array([[-0.1, 0, 0], [0.1, 0, 0], [0.1, 0, 0.2], [-0.1, 0, 0.2]], np.float32),
        np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        np.tile(np.array([0, -1, 0], np.float32), (4, 1)),
        np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32),
        Material(name="label"),
        np.concatenate([np.full((8, 16, 3), (250, 20, 20), np.uint8), np.full((8, 16, 3), (20, 20, 250), np.uint8)]),
    )
    picture = draw_thumbnail([side], 100).astype(int)
    rows = np.arange(100)[:, None]
    red = (picture[..., 0] > picture[..., 2] + 80) & (rows >= 0)
    blue = (picture[..., 2] > picture[..., 0] + 80) & (rows >= 0)
    assert (red * rows).sum() / red.sum() < (blue * rows).sum() / blue.sum()


def test_a_sheet_has_a_cell_for_every_tile(tmp_path: Path) -> None:
    tiles = [Tile(np.full((40, 40, 3), shade, np.uint8), f"a caption of some length {shade}") for shade in range(7)]
    write_sheet(tmp_path / "new" / "sheet.png", tiles, columns=3)
    picture = np.asarray(Image.open(tmp_path / "new" / "sheet.png"))
    assert np.array_equal(picture, contact_sheet(tiles, 3))
    dark = (picture.max(-1) < 10).sum()
    assert dark >= 7 * 40 * 40
    assert picture.shape[1] > 3 * 40
    with pytest.raises(UnwritablePicture, match="nothing to show"):
        write_sheet(tmp_path / "none.png", [])
    (tmp_path / "file").write_text("")
    with pytest.raises(UnwritablePicture, match="cannot be written"):
        write_sheet(tmp_path / "file" / "sheet.png", tiles)


def test_textures_and_domes_can_be_shown() -> None:
    assert next(texture_tiles([texture("cork")], 64)).picture.shape == (64, 64, 3)
    shown = next(dome_tiles([dome("sky-clear-noon")], 64))
    assert shown.picture.shape == (64, 128, 3)
    assert shown.caption == "sky-clear-noon"
