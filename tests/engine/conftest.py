"""A small world: eight things, three containers, and attempts at moving one into or onto another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from assets_index.robot import RobotDescription
from assets_index.robots import robot
from dataengine.engine import EngineConfig, attempt
from dataengine.record import EpisodeRecord
from tests.engine.shapes import Shelf, small_shelf
from tests.engine.tasks import pick_place_task


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAENGINE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    return small_shelf()


@pytest.fixture(scope="session")
def arm() -> RobotDescription:
    return robot()


@pytest.fixture(scope="session")
def records(own_cache: None, shelf: Shelf) -> list[EpisodeRecord]:  # noqa: ARG001
    outcomes = [
        attempt(index, run_seed=0, assets=shelf, config=EngineConfig(), make_task=pick_place_task) for index in range(6)
    ]
    return [outcome for outcome in outcomes if isinstance(outcome, EpisodeRecord)]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
