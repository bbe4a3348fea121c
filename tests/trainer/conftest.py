from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dataengine.storage.shard_set import ShardSet
from tests.shard_factory import write_test_run
from trainer.data.processor import Processor
from trainer.data.statistics import action_statistics
from trainer.model.initialize import initialize_tiny
from trainer.model.st4vla import ST4VLA


@pytest.fixture(scope="session", autouse=True)
def _threads() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_run(tmp_path_factory.mktemp("run"), shards=2, episodes_per_shard=2, steps=4, size=56)


@pytest.fixture(scope="session")
def shards(run: Path) -> ShardSet:
    return ShardSet(run)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory, run: Path) -> Path:
    """A tiny checkpoint with random weights."""
    out = tmp_path_factory.mktemp("models") / "start"
    initialize_tiny(out, data=[str(run)], state=True)
    return out


@pytest.fixture
def model(start: Path) -> ST4VLA:
    return ST4VLA.from_pretrained(start)


@pytest.fixture(scope="session")
def processor(start: Path, shards: ShardSet) -> Processor:
    """With the statistics that stage 2 would fit."""
    untrained = Processor.from_pretrained(start, ST4VLA.from_pretrained(start).config.observation)
    return replace(untrained, statistics=action_statistics([shards], "quantiles"))
