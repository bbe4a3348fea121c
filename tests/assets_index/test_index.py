import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from assets_index.errors import MissingAsset
from assets_index.index import AssetIndex, UnusableIndex
from assets_index.procedural.library import build, ensure_library
from assets_index.store import CorruptAsset


@pytest.fixture
def index(tmp_path: Path) -> AssetIndex:
    return AssetIndex.open(tmp_path / "assets")


def test_what_is_added_comes_back_the_same(index: AssetIndex) -> None:
    asset, parts, hulls = build("can", 0)
    index.add(asset, parts, hulls)
    assert index.asset(asset.id) == asset
    for kept, made in zip(index.hulls(asset.id), hulls, strict=True):
        np.testing.assert_array_equal(kept, made)
    for kept, made in zip(index.visual(asset.id), parts, strict=True):
        np.testing.assert_array_equal(kept.vertices, made.vertices)
        assert (kept.albedo is None) == (made.albedo is None)
        assert kept.material == made.material
    with pytest.raises(ValueError, match="read-only"):
        index.hulls(asset.id)[0][0] = 0.0


def test_adding_twice_keeps_one(index: AssetIndex) -> None:
    for _ in range(2):
        index.add(*build("can", 0))
    assert len(index.find()) == 1
    assert len(index.find(text="tin")) == 1


def test_find_by_words_and_columns(index: AssetIndex) -> None:
    for category in ("can", "mug", "bowl"):
        index.add(*build(category, 0))
    assert [asset.category for asset in index.find(text="coffee cups")] == ["mug"]
    assert [asset.category for asset in index.find(role="container")] == ["bowl"]
    assert {asset.category for asset in index.find(group="tableware")} == {"mug", "bowl"}
    assert index.find(text='"; DROP TABLE asset') == []
    assert index.find(text="") == []
    assert index.categories() == ("bowl", "can", "mug")
    assert index.categories("object") == ("can", "mug")
    ids = [asset.id for asset in index.find()]
    assert ids == sorted(ids)


def test_a_missing_asset_is_named(index: AssetIndex) -> None:
    with pytest.raises(MissingAsset, match="mug-000000000000"):
        index.asset("mug-000000000000")


@pytest.mark.parametrize("file", ["asset.json", "visual.npz", "hulls.npz"])
def test_a_flipped_byte_or_a_cut_file_is_noticed(index: AssetIndex, file: str) -> None:
    asset = build("can", 0).asset
    index.add(*build("can", 0))
    path = index.root / "store" / asset.id / file
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole.replace(b"0.", b"1.", 1), b""):
        if damaged == whole:
            continue
        path.write_bytes(damaged)
        read = {"asset.json": AssetIndex.asset, "visual.npz": AssetIndex.visual, "hulls.npz": AssetIndex.hulls}[file]
        with pytest.raises(CorruptAsset, match=file):
            read(AssetIndex(index.root), asset.id)


def test_quarantine_hides_an_asset_and_says_why(index: AssetIndex) -> None:
    asset = build("can", 0).asset
    index.add(*build("can", 0))
    index.quarantine(asset.id, "slips out of the hand")
    index.quarantine("shop/brand.obj", "shows a brand")
    assert index.find() == []
    assert index.asset(asset.id) == asset
    assert index.quarantined() == {asset.id: "slips out of the hand", "shop/brand.obj": "shows a brand"}


def test_a_file_that_is_no_index_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(UnusableIndex, match="no"):
        AssetIndex.open(tmp_path)


def test_a_full_disk_is_a_typed_error_and_leaves_nothing(tmp_path: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from assets_index.errors import EngineError
from assets_index.index import AssetIndex
from assets_index.procedural.library import build
index = AssetIndex.open(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))  # writing beyond fails as on a full disk
try:
    index.add(*build("can", 0))
except EngineError as error:
    print(type(error).__name__, error)
"""
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("UnwritableStore")
    assert run.stdout.count("\n") == 1
    assert not list((tmp_path / "store").iterdir())


def _ensure(root: Path) -> list[str]:
    index = AssetIndex.open(root)
    ensure_library(index, per_category=1)
    return [asset.id for asset in index.find()]


def test_processes_may_build_one_library_at_once(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        first, second = pool.map(_ensure, [tmp_path, tmp_path])
    assert first == second == _ensure(tmp_path)
    assert not list((tmp_path / "store").glob(".*"))


def test_the_library_is_completed_not_rebuilt(index: AssetIndex) -> None:
    calls: list[tuple[int, int]] = []
    ensure_library(index, per_category=1)
    stamps = {path: path.stat().st_mtime_ns for path in (index.root / "store").rglob("*.json")}
    ensure_library(index, per_category=1, progress=lambda done, total: calls.append((done, total)))
    assert {path: path.stat().st_mtime_ns for path in (index.root / "store").rglob("*.json")} == stamps
    assert calls[-1][0] == calls[-1][1] == len(stamps)
