"""What all tests share: a cache and an asset index of their own, never those of the person who runs them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from assets_index.index import AssetIndex
from assets_index.procedural.library import ensure_library

# How fast an example is says something of the machine and of what else it does, nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

INSTANCES = 2
"""Procedural assets a category: enough for scenes, seconds to build."""


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session", autouse=True)
def _own_caches(shared_folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAENGINE_CACHE", str(shared_folder / "cache"))
        patch.setenv("DATAENGINE_ASSETS", str(shared_folder / "assets"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_works() -> None:
    """A shell makes background jobs deaf to Ctrl-C, and what they start inherits that; here it must count."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def library(_own_caches: None) -> AssetIndex:
    """The procedural library, `INSTANCES` a category, in the default place of the test session."""
    index = AssetIndex.open()
    ensure_library(index, INSTANCES)
    return index
