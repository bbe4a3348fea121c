import json
from pathlib import Path

import pytest
import trimesh
from PIL import Image
from typer.testing import CliRunner, Result

from assets_index.errors import EngineError
from assets_index.index import AssetIndex
from assets_index.procedural.library import build
from dataengine.cli.assets import app


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with a few procedural things."""
    folder = tmp_path_factory.mktemp("assets")
    index = AssetIndex.open(folder)
    for category in ("apple", "bowl", "dining table"):
        index.add(*build(category, 0))
    return folder


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAENGINE_CACHE", str(tmp_path / "cache"))


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_list_filters_and_prints_json(root: Path) -> None:
    everything = json.loads(run("list", "--json", "--index", root).stdout)
    assert [entry["category"] for entry in everything] == ["apple", "bowl", "dining table"]
    containers = json.loads(run("list", "--role", "container", "--json", "--index", root).stdout)
    assert [entry["category"] for entry in containers] == ["bowl"]
    assert len(json.loads(run("list", "--limit", 2, "--json", "--index", root).stdout)) == 2
    assert json.loads(run("list", "--text", "fruit", "--json", "--index", root).stdout)[0]["category"] == "apple"
    table = run("list", "--index", root).stdout
    assert "3 assets" in table


def test_show_takes_the_beginning_of_an_id(root: Path) -> None:
    shown = json.loads(run("show", "apple", "--json", "--index", root).stdout)
    assert shown["category"] == "apple"
    text = run("show", "bowl", "--index", root).stdout
    assert "cavity" in text
    assert "hulls" in text
    with pytest.raises(EngineError, match="durian"):
        run("show", "durian", "--index", root)


def test_stats_counts(root: Path) -> None:
    counted = json.loads(run("stats", "--json", "--index", root).stdout)
    assert counted["assets"] == 3
    assert counted["role"] == {"container": 1, "object": 1, "table": 1}
    assert counted["source"] == {"procedural": 3}
    assert "role" in run("stats", "--index", root).stdout


def test_gallery_writes_a_picture(root: Path, tmp_path: Path) -> None:
    result = run("gallery", "--out", tmp_path / "all.png", "--index", root)
    assert "3 pictures" in result.stdout
    assert Image.open(tmp_path / "all.png").width > 3 * 160
    assert "2 pictures" in run("gallery", "--textures", "--limit", 2, "--out", tmp_path / "t.png").stdout
    with pytest.raises(EngineError, match="nothing to show"):
        run("gallery", "--category", "durian", "--out", tmp_path / "none.png", "--index", root)


def test_ingest_folder_reports_what_came_of_it(tmp_path: Path) -> None:
    (tmp_path / "meshes").mkdir()
    trimesh.creation.box((0.05, 0.04, 0.1)).export(tmp_path / "meshes" / "carton.glb")
    trimesh.creation.box((0.5, 0.5, 0.5)).export(tmp_path / "meshes" / "crate[old].glb")
    first = json.loads(
        run("ingest", "folder", tmp_path / "meshes", "--index", tmp_path / "index", "--json", "--workers", 1).stdout
    )
    assert len(first["added"]) == 1
    assert list(first["quarantined"]) == ["crate[old].glb"]
    again = run("ingest", "folder", tmp_path / "meshes", "--index", tmp_path / "index").stdout
    assert "0 added, 1 there already, 1 not usable" in again
    assert "crate[old].glb" in again
    counted = json.loads(run("stats", "--json", "--index", tmp_path / "index").stdout)
    assert sum(counted["quarantined"].values()) == 1


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    for command in (("folder", tmp_path / "nowhere"), ("sweethome3d", tmp_path / "nowhere.deb")):
        with pytest.raises(EngineError) as raised:
            run("ingest", *command, "--index", tmp_path / "index")
        assert "nowhere" in str(raised.value)
        assert "\n" not in str(raised.value)


def test_help_teaches() -> None:
    assert "apt-get download sweethome3d-furniture" in " ".join(run("ingest", "sweethome3d", "--help").stdout.split())
    assert "mug.json" in run("ingest", "folder", "--help").stdout
    for command in ("list", "show", "stats", "gallery"):
        assert "--index" in run(command, "--help").stdout


def test_ingest_surfaces_reports_and_fails_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "photographs"
    folder.mkdir()
    Image.new("RGB", (8, 8), (200, 30, 30)).save(folder / "paint_diff_1k.png")
    arguments = ("ingest", "surfaces", folder, "--license", "CC0-1.0", "--tag", "wall", "--json", "--index", tmp_path)
    (texture_id,) = json.loads(run(*arguments).stdout)["added"]
    assert AssetIndex.open(tmp_path).surfaces.texture(texture_id).tags == ("paint", "wall")
    (folder / "attic.hdr").write_bytes(b"no picture")
    with pytest.raises(EngineError, match=r"1 not used: .*attic\.hdr: damaged"):
        run(*arguments)
