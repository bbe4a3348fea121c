"""Assets that keep failing are put aside, the same ones for any number of workers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets_index.index import AssetIndex
from dataengine.cli.commands import app
from dataengine.pipeline.config import RunConfig
from dataengine.pipeline.generate import generate
from dataengine.pipeline.quarantine import CatalogWithout, QuarantineConfig, Trials
from dataengine.pipeline.run import read_metadata
from dataengine.rejection import AttemptStage, Cause, TriedSubTask
from dataengine.skills.settings import PickPlaceSettings
from dataengine.storage.block import block_digest, block_paths
from dataengine.storage.ledger import LedgerRow, read_ledger
from dataengine.verification import AcceptanceLimits
from tests.dataengine.pipeline.conftest import SMALL

pytestmark = pytest.mark.xdist_group("small run")

# Two millimetres of slip are what about half of the attempts show; one failure is enough to be put aside.
TOUCHY = SMALL.model_copy(
    update={
        "episodes": 2,
        "block_attempts": 1,
        "quarantine": QuarantineConfig(tries=1, failures=1.0, every_blocks=2),
        "task": SMALL.task.model_copy(
            update={"distractors": SMALL.task.distractors.model_copy(update={"count": (0, 1)})}
        ),
        "engine": SMALL.engine.model_copy(
            update={"acceptance": AcceptanceLimits(slip=0.002), "pick_place": PickPlaceSettings(tries=1)}
        ),
    }
)


def row(attempt: int, *, succeeded: bool, target: str = "pen", container: str | None = "vase") -> LedgerRow:
    tried = TriedSubTask(
        skill="pick_place", target_asset=target, container_asset=container, relations=("in",), succeeded=succeeded
    )
    failure = {} if succeeded else {"stage": AttemptStage.EXECUTE, "cause": Cause.DROPPED}
    return LedgerRow(attempt=attempt, accepted=succeeded, tried=(tried,), **failure)


def test_who_fails_often_enough_is_an_offender() -> None:
    trials, config = Trials(), QuarantineConfig(tries=4, failures=0.75)
    trials.add([row(0, succeeded=True), row(1, succeeded=False), row(2, succeeded=False)])
    assert trials.offenders(config) == {}
    trials.add([row(3, succeeded=False, container=None)])
    assert trials.offenders(config) == {"pen": "as target in 4 sub-tasks, of which 3 failed"}
    trials.add([row(4, succeeded=True)])
    assert trials.offenders(config) == {}


def test_a_container_can_be_to_blame() -> None:
    trials = Trials()
    trials.add(row(i, succeeded=False, target=f"thing{i}") for i in range(8))
    assert list(trials.offenders(QuarantineConfig())) == ["vase"]


def test_what_is_put_aside_is_not_found_but_known(library: AssetIndex) -> None:
    assets = library.find(role="object")
    catalog = CatalogWithout(library, frozenset({assets[0].id}))
    assert catalog.find(role="object") == assets[1:]
    assert catalog.asset(assets[0].id) == assets[0]


@pytest.fixture(scope="module")
def touchy_run(library: AssetIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001
    run = tmp_path_factory.mktemp("runs") / "touchy"
    generate(run, TOUCHY)
    return run


def test_offenders_are_not_used_again(touchy_run: Path) -> None:
    rows = read_ledger(touchy_run)
    assert TOUCHY.quarantine is not None
    size = TOUCHY.quarantine.every_blocks
    assert any(not row.accepted for row in rows), "nothing failed: the test needs a stricter limit"
    for first in range(size, len(rows), size):
        trials = Trials()
        trials.add(rows[:first])
        aside = trials.offenders(TOUCHY.quarantine)
        later = {tried.target_asset for row in rows[first:] for tried in row.tried}
        later |= {tried.container_asset for row in rows[first:] for tried in row.tried}
        assert not later & aside.keys()


def test_neither_workers_nor_interruptions_play_a_part(touchy_run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    generate(other, TOUCHY.model_copy(update={"episodes": 1}))
    generate(other, TOUCHY, workers=2)
    assert [block_digest(path) for path in block_paths(other / "records")] == [
        block_digest(path) for path in block_paths(touchy_run / "records")
    ]
    assert read_metadata(other)["quarantined"] == read_metadata(touchy_run)["quarantined"]


def test_the_yield_names_them(touchy_run: Path) -> None:
    result = CliRunner().invoke(app, ["yield", str(touchy_run), "--json"])
    assert json.loads(result.stdout)["quarantined"] == read_metadata(touchy_run)["quarantined"]
    shown = CliRunner().invoke(app, ["yield", str(touchy_run)], env={"COLUMNS": "200"})
    assert "attempts accepted" in shown.stdout
    assert "pick_and_place" in shown.stdout


def test_it_can_be_switched_off() -> None:
    assert RunConfig.model_validate({"quarantine": None}).quarantine is None
