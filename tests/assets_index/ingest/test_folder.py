import json
import time
from pathlib import Path

import numpy as np
import pytest
import shapely
import trimesh
from PIL import Image

from assets_index.errors import InvalidConfig
from assets_index.index import AssetIndex
from assets_index.ingest.folder import EmptyFolder, category_of, ingest_folder, role_of
from tests.assets_index.ingest.shapes import cup, open_box

Z_TO_Y = trimesh.transformations.rotation_matrix(-np.pi / 2, [1, 0, 0])


def painted(mesh: trimesh.Trimesh, color: tuple[int, int, int]) -> trimesh.Trimesh:
    material = trimesh.visual.material.PBRMaterial(baseColorFactor=[*color, 255], roughnessFactor=0.4)
    mesh.visual = trimesh.visual.TextureVisuals(material=material)
    return mesh


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder with one thing in each format, in four units and two up axes."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    painted(cup(0.03, 0.11, 0.003), (200, 30, 30)).apply_transform(Z_TO_Y).export(folder / "red_cup.glb")
    painted(open_box(0.25, 0.18, 0.08, 0.004), (40, 110, 200)).apply_transform(Z_TO_Y).export(folder / "tray_07.glb")
    trimesh.creation.box((12, 5, 3)).export(folder / "eraser.stl")
    striped = trimesh.creation.box((60, 40, 20))
    striped.visual = trimesh.visual.ColorVisuals(striped, face_colors=[[30, 140, 50, 255]] * 12)
    striped.apply_transform(Z_TO_Y).export(folder / "toy-block.ply")
    (folder / "toy-block.json").write_text(
        json.dumps({"up": "y", "scale": 0.001, "license": "CC0-1.0", "creator": "Somebody", "group": "toy"})
    )
    carton = trimesh.creation.box((5.0, 14.0, 8.0))
    uv = np.random.default_rng(0).random((8, 2))
    image = Image.fromarray(np.full((900, 600, 3), (240, 210, 40), np.uint8))
    carton.visual = trimesh.visual.TextureVisuals(uv=uv, image=image)
    (folder / "boxes").mkdir()
    carton.export(folder / "boxes" / "carton.obj")
    return folder


def test_every_format_becomes_an_asset_of_true_size(shelf: Path, index: AssetIndex) -> None:
    report = ingest_folder(shelf, index)
    assert report.quarantined == {}
    assert len(report.added) == 5
    by_category = {asset.category: asset for asset in index.find(source="folder")}
    assert by_category["cup"].extents == pytest.approx((0.06, 0.06, 0.11), abs=1e-3)
    assert by_category["eraser"].extents == pytest.approx((0.12, 0.05, 0.03), abs=1e-3)
    assert by_category["toy block"].extents == pytest.approx((0.06, 0.04, 0.02), abs=1e-3)
    assert by_category["carton"].extents == pytest.approx((0.05, 0.08, 0.14), abs=1e-3)
    assert by_category["cup"].attributes.color == "red"
    assert by_category["toy block"].attributes.color == "green"
    assert by_category["carton"].attributes.color == "yellow"
    tray = by_category["tray"]
    assert tray.role == "container"
    assert tray.cavity is not None
    assert shapely.Polygon(tray.cavity.opening).area > 0.75 * 0.25 * 0.18
    assert by_category["toy block"].source.license == "CC0-1.0"
    assert by_category["toy block"].source.creator == "Somebody"
    assert by_category["cup"].source.license == "unknown"
    assert index.visual(by_category["carton"].id)[0].albedo is not None
    assert max(index.visual(by_category["carton"].id)[0].albedo.shape) == 512


def test_a_second_ingest_builds_nothing_and_a_changed_sidecar_replaces(shelf: Path, index: AssetIndex) -> None:
    first = ingest_folder(shelf, index)
    start = time.process_time()
    second = ingest_folder(shelf, index)
    assert time.process_time() - start < 1.0
    assert second.added == ()
    assert second.kept == first.added
    (shelf / "eraser.json").write_text(json.dumps({"category": "rubber", "license": "CC-BY-4.0"}))
    third = ingest_folder(shelf, index)
    assert [asset_id.split("-")[0] for asset_id in third.added] == ["rubber"]
    assert "eraser" not in index.categories()
    assert len(index.find()) == 5


def test_the_result_does_not_depend_on_workers(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = []
    for workers in (1, 2):
        monkeypatch.setenv("DATAENGINE_CACHE", str(tmp_path / f"cache{workers}"))
        ids.append(ingest_folder(shelf, AssetIndex.open(tmp_path / f"index{workers}"), workers).added)
    assert ids[0] == ids[1]


def test_progress_counts_to_the_end(shelf: Path, index: AssetIndex) -> None:
    seen: list[tuple[int, int]] = []
    ingest_folder(shelf, index, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 5) for done in range(6)]


def test_broken_meshes_are_quarantined_with_their_reasons(tmp_path: Path, index: AssetIndex) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    whole = painted(trimesh.creation.box((0.05, 0.05, 0.05)), (9, 9, 9)).export(file_type="glb")
    (folder / "truncated.glb").write_bytes(whole[: len(whole) // 2])
    (folder / "nan.obj").write_text("v 0 0 nan\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (folder / "empty.stl").write_bytes(b"\0" * 84)
    (folder / "noise.ply").write_bytes(bytes(range(256)))
    trimesh.creation.box((0.09, 0.09, 0.09)).export(folder / "cube.glb")
    trimesh.creation.box((0.3, 0.2, 0.1)).export(folder / "crate.glb")
    trimesh.creation.box((0.5, 0.5, 0.02)).export(folder / "board.glb")
    trimesh.creation.box((0.05, 0.05, 0.0001)).export(folder / "card.glb")
    trimesh.creation.box((0.05, 0.04, 0.03)).export(folder / "fine.glb")
    report = ingest_folder(folder, index)
    assert [asset_id.split("-")[0] for asset_id in report.added] == ["fine"]
    expected = {
        "truncated.glb": "cannot be read",
        "nan.obj": "not finite",
        "empty.stl": "",
        "noise.ply": "cannot be read",
        "cube.glb": "no graspable width of at most 7.5 cm",
        "crate.glb": "its cavity is closed",
        "board.glb": "too large",
        "card.glb": "too thin",
    }
    assert report.quarantined.keys() == expected.keys()
    for name, reason in expected.items():
        assert reason in report.quarantined[name]
        assert index.quarantined()[name] == report.quarantined[name]
    assert ingest_folder(folder, index).quarantined == report.quarantined


def test_a_mesh_that_becomes_unusable_leaves_the_index(shelf: Path, index: AssetIndex) -> None:
    ingest_folder(shelf, index)
    trimesh.creation.box((0.2, 0.2, 0.2)).export(shelf / "eraser.stl")
    report = ingest_folder(shelf, index)
    assert set(report.quarantined) == {"eraser.stl"}
    assert "eraser" not in index.categories()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"colour": "red"}', "colour"),
        ('{"role": "weapon"}', "role"),
        ("{", "not valid JSON"),
        ('{"size": [0.1, 0.1, 0.1], "scale": 0.5}', "exclude each other"),
        ('{"attributes": {"taste": "sweet"}}', "attributes.taste"),
    ],
)
def test_a_wrong_sidecar_is_named(shelf: Path, index: AssetIndex, content: str, complaint: str) -> None:
    (shelf / "eraser.json").write_text(content)
    with pytest.raises(InvalidConfig, match=complaint) as raised:
        ingest_folder(shelf, index)
    assert "eraser.json" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert index.find() == []


def test_a_sidecar_can_say_everything(tmp_path: Path, index: AssetIndex) -> None:
    trimesh.creation.cylinder(1.0, 4.0).export(tmp_path / "thing.stl")
    said = {
        "name": "dented oil can",
        "category": "oil can",
        "group": "tool",
        "role": "object",
        "attributes": {"color": "blue", "material": "metal"},
        "synonyms": ["can"],
        "captions": ["a can that has seen better days"],
        "license": "CC-BY-4.0",
        "creator": "Ada",
        "url": "https://example.org/can",
        "size": [0.06, 0.06, 0.12],
        "up": "z",
        "mass": 0.4,
        "friction": 0.7,
    }
    (tmp_path / "thing.json").write_text(json.dumps(said))
    asset = index.asset(ingest_folder(tmp_path, index).added[0])
    assert asset.name == "dented oil can"
    assert asset.attributes.color == "blue"
    assert asset.attributes.material == "metal"
    assert asset.attributes.shape == "cylindrical"
    assert asset.extents == pytest.approx((0.06, 0.06, 0.12), abs=1e-3)
    assert asset.mass == pytest.approx(0.4)
    assert asset.friction == 0.7
    assert asset.synonyms == ("can",)
    assert "a can that has seen better days" in asset.captions


def test_a_folder_without_meshes_is_an_error(tmp_path: Path, index: AssetIndex) -> None:
    with pytest.raises(EmptyFolder, match="no such folder"):
        ingest_folder(tmp_path / "nowhere", index)
    (tmp_path / "readme.txt").write_text("nothing here")
    with pytest.raises(EmptyFolder, match="holds no mesh files"):
        ingest_folder(tmp_path, index)


@pytest.mark.parametrize(
    ("stem", "category", "role"),
    [
        ("025_mug", "mug", "object"),
        ("RedCerealBowl-v2", "cereal bowl", "container"),
        ("wooden_desk", "desk", "table"),
        ("003", "object", "object"),
    ],
)
def test_a_file_name_gives_category_and_role(stem: str, category: str, role: str) -> None:
    assert category_of(stem) == category
    assert role_of(category) == role
