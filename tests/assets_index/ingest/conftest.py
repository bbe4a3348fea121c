from pathlib import Path

import pytest

from assets_index.index import AssetIndex


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for every test, so that what is built is built by the code under test."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("DATAENGINE_CACHE", str(folder))
    return folder


@pytest.fixture
def index(tmp_path: Path) -> AssetIndex:
    return AssetIndex.open(tmp_path / "index")
