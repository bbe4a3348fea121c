"""Domes and PBR textures from files: what is stored, and what is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from assets_index.domes.sphere import mean_luminance
from assets_index.errors import InvalidConfig
from assets_index.index import AssetIndex
from assets_index.ingest.batch import IngestReport
from assets_index.ingest.folder import EmptyFolder
from assets_index.ingest.surfaces import Sidecar, ingest_surfaces
from assets_index.store import CorruptAsset
from assets_index.surfaces import Dome, Texture

SUN = (20, 40)
"""Row and column of the bright spot in the pictures: a quarter turn to the left of their middle."""


def panorama(height: int = 80) -> np.ndarray:
    """Dim blue above, dim brown below, one bright spot."""
    picture = np.full((height, 2 * height, 3), (0.2, 0.4, 0.9), np.float32)
    picture[height // 2 :] = (0.3, 0.2, 0.1)
    picture[SUN] = 500.0
    return picture


def write_exr(path: Path, picture: np.ndarray) -> None:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {"RGB": np.ascontiguousarray(picture, np.float32)}) as file:
        file.write(str(path))


def write(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".exr":
        write_exr(path, picture)
    else:
        assert cv2.imwrite(str(path), np.ascontiguousarray(picture[..., ::-1] if picture.ndim == 3 else picture))


@pytest.fixture
def index(tmp_path: Path) -> AssetIndex:
    return AssetIndex.open(tmp_path / "assets")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "downloads"
    made.mkdir()
    return made


def only_dome(index: AssetIndex) -> Dome:
    (entry,) = index.ingested("dome")
    return index.surfaces.dome(entry.id)


def only_texture(index: AssetIndex) -> Texture:
    (entry,) = index.ingested("texture")
    return index.surfaces.texture(entry.id)


@pytest.mark.parametrize("name", ["attic_4k.hdr", "attic_4k.exr"])
def test_a_panorama_becomes_a_dome_that_is_not_mirrored(folder: Path, index: AssetIndex, name: str) -> None:
    write(folder / "attic" / name, panorama())
    said = {"kind": "room", "tags": ["wooden"], "license": "CC0-1.0", "creator": "A. Person", "url": "https://x.org"}
    (folder / "attic" / "attic_4k.json").write_text(json.dumps(said))
    report = ingest_surfaces(folder, index)
    made = only_dome(index)
    assert report == IngestReport(added=(made.id,), kept=(), quarantined={})
    assert made.id.startswith("attic-4k-")
    assert made.tags == ("room", "wooden")
    source = made.source
    assert (source.reference, source.license, source.creator) == (f"attic/{name}", "CC0-1.0", "A. Person")
    assert made.radiance.shape == (512, 1024, 3)
    brightest = np.unravel_index(made.radiance.sum(-1).argmax(), made.radiance.shape[:2])
    azimuth, elevation = brightest[1] / 1024 * 360, 90 - brightest[0] / 512 * 180
    assert azimuth == pytest.approx(90, abs=3), "left of the middle, which is +x, is +y"
    assert elevation == pytest.approx(45, abs=3)
    assert mean_luminance(made.radiance) == pytest.approx(0.8, rel=0.01)
    assert (made.radiance[-1] @ [1, 0, -1] > 0).all()
    assert ingest_surfaces(folder, index).kept == (made.id,)


def bumpy(edge: int = 64) -> dict[str, np.ndarray]:
    """Maps of an oak-coloured surface with a groove along the columns."""
    groove = np.zeros((edge, edge))
    groove[:, edge // 2 :] = 0.5
    normals = np.dstack([groove, 0.3 * np.ones_like(groove), np.sqrt(1 - groove**2 - 0.09)])
    return {
        "albedo": np.broadcast_to(np.array([150, 110, 70], np.uint8), (edge, edge, 3)).copy(),
        "normal": np.rint(127.5 * (normals + 1)).astype(np.uint8),
        "rough": np.rint(255 * (0.4 + 0.8 * groove)).astype(np.uint8),
        "ao": np.rint(255 * (1 - groove)).astype(np.uint8),
    }


def poly_haven(folder: Path) -> None:
    maps = bumpy()
    packed = np.dstack([maps["ao"], maps["rough"], np.full_like(maps["rough"], 255)])
    write(folder / "textures" / "oak_planks_diff_2k.jpg", maps["albedo"])
    write(folder / "textures" / "oak_planks_nor_gl_2k.exr", maps["normal"] / 255)
    write(folder / "textures" / "oak_planks_arm_2k.png", packed)
    write(folder / "textures" / "oak_planks_disp_2k.png", maps["rough"])
    (folder / "textures" / "oak_planks.json").write_text(json.dumps({"kind": "wood", "tile_size": 2.0}))


def ambient_cg(folder: Path) -> None:
    maps = bumpy()
    down = maps["normal"] * [1, -1, 1] + [0, 255, 0]
    write(folder / "Oak051_2K-PNG_Color.png", maps["albedo"])
    write(folder / "Oak051_2K-PNG_NormalDX.png", down.astype(np.uint8))
    write(folder / "Oak051_2K-PNG_Roughness.png", maps["rough"].astype(np.uint16) * 257)
    write(folder / "Oak051_2K-PNG_AmbientOcclusion.png", maps["ao"])
    write(folder / "Oak051_2K-PNG_Metalness.png", np.full((64, 64), 255, np.uint8))
    write(folder / "Oak051.png", maps["albedo"])
    (folder / "Oak051.json").write_text(json.dumps({"kind": "wood", "tile_size": 2.0}))


@pytest.mark.parametrize("writing", [poly_haven, ambient_cg])
def test_maps_named_in_the_usual_ways_become_a_texture(folder: Path, index: AssetIndex, writing: object) -> None:
    writing(folder)  # type: ignore[operator]
    report = ingest_surfaces(folder, index, Sidecar(license="CC0-1.0", tags=("table",)))
    assert not report.quarantined
    made = only_texture(index)
    assert (made.kind, made.tags, made.tile_size, made.color) == ("wood", ("wood", "table"), 2.0, "brown")
    assert made.source.license == "CC0-1.0"
    maps = bumpy()
    assert made.normals is not None
    assert made.roughness_map is not None
    np.testing.assert_allclose(made.normals.astype(int), maps["normal"], atol=2)
    np.testing.assert_allclose(made.roughness_map, maps["rough"], atol=1)
    assert made.metallic_map is None
    assert (made.metallic, made.roughness) == (pytest.approx(1.0), pytest.approx(0.6, abs=0.01))
    lit, shaded = made.albedo[:, :24].astype(int), made.albedo[:, -24:].astype(int)
    np.testing.assert_allclose(lit.mean((0, 1)), [150, 110, 70], atol=3)
    assert (shaded.mean((0, 1)) < 0.8 * lit.mean((0, 1))).all()


def nan(path: Path) -> None:
    picture = panorama()
    picture[3, 3] = np.nan
    write(path.with_suffix(".exr"), picture)


BROKEN = {
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "cut": (lambda path: (write(path, panorama()), path.write_bytes(path.read_bytes()[:60])), "damaged"),
    "nan": (nan, "NaN"),
    "square": (lambda path: write(path, panorama()[:, :80]), "80 x 80 pixels"),
    "black": (lambda path: write(path, 0 * panorama()), "black"),
    "codes": (lambda path: path.write_bytes(cv2.imencode(".png", np.ones((64, 128, 3), np.uint8))[1]), "8-bit codes"),
    "text": (lambda path: path.with_suffix(".exr").write_text("no picture"), "no OpenEXR"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_dome_that_cannot_be_used_is_named_and_leaves_nothing(folder: Path, index: AssetIndex, name: str) -> None:
    breaking, words = BROKEN[name]
    breaking(folder / "bad.hdr")
    write(folder / "good.hdr", panorama())
    report = ingest_surfaces(folder, index)
    ((reference, reason),) = report.quarantined.items()
    assert reference.startswith("bad.")
    assert f"{folder / reference}: " in reason
    assert words in reason
    assert [entry.id for entry in index.ingested("dome")] == list(report.added)
    assert len(list((index.root / "surfaces").iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "picture", "words"),
    [
        ("rock_rough_1k.png", np.ones((8, 8), np.uint8), "no map of its colour"),
        ("rock_diff_1k.png", np.ones((8, 16, 3), np.uint8), "square"),
        ("rock_nor_gl_1k.png", np.full((8, 8, 3), 90, np.uint8), "no normal map"),
    ],
)
def test_maps_that_make_no_texture_are_named(
    folder: Path, index: AssetIndex, name: str, picture: np.ndarray, words: str
) -> None:
    if "nor" in name:
        write(folder / "rock_diff_1k.png", np.ones((8, 8, 3), np.uint8))
    write(folder / name, picture)
    report = ingest_surfaces(folder, index)
    assert words in report.quarantined["rock"]
    assert "rock" in report.quarantined["rock"]
    assert index.ingested("texture") == ()


def test_a_changed_file_takes_the_place_of_the_old_one_which_can_still_be_drawn(
    folder: Path, index: AssetIndex
) -> None:
    write(folder / "attic.hdr", panorama())
    (old,) = ingest_surfaces(folder, index).added
    write(folder / "attic.hdr", panorama() * [1.0, 0.5, 0.5])
    (new,) = ingest_surfaces(folder, index).added
    assert only_dome(index).id == new != old
    assert index.surfaces.dome(old).id == old


def test_a_damaged_entry_is_told(folder: Path, index: AssetIndex) -> None:
    write(folder / "attic.hdr", panorama())
    (dome_id,) = ingest_surfaces(folder, index).added
    document = index.root / "surfaces" / dome_id / "surface.json"
    document.write_text(document.read_text().replace("panorama", "room"))
    with pytest.raises(CorruptAsset, match=dome_id):
        index.surfaces.dome(dome_id)


def test_a_folder_without_any_and_a_wrong_sidecar_are_errors(folder: Path, index: AssetIndex) -> None:
    with pytest.raises(EmptyFolder, match="neither domes"):
        ingest_surfaces(folder, index)
    write(folder / "attic.hdr", panorama())
    (folder / "attic.json").write_text('{"licence": "CC0-1.0"}')
    with pytest.raises(InvalidConfig, match=r"attic\.json: licence"):
        ingest_surfaces(folder, index)
