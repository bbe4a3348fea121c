from __future__ import annotations

from pathlib import Path

import pytest

from tests.shard_factory import write_test_run


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shards of four episodes under two looks."""
    return write_test_run(tmp_path_factory.mktemp("run"), shards=2, episodes_per_shard=4, looks=2)


@pytest.fixture(scope="session")
def shard(run: Path) -> Path:
    return run / "shards" / "000000.zarr"
