"""Failed attempts kept as negative data: in a folder of their own, the same bytes every time, known to the checks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assets_index.index import AssetIndex
from dataengine.pipeline.generate import generate
from dataengine.pipeline.statistics import run_statistics
from dataengine.pipeline.verify import verify_run
from dataengine.rejection import Cause
from dataengine.storage.block import block_digest, block_paths
from dataengine.storage.failures import FailureBlock, run_failures, write_failures
from dataengine.storage.ledger import read_ledger
from dataengine.storage.records import run_records
from dataengine.verification import AcceptanceLimits
from tests.dataengine.pipeline.conftest import SMALL

pytestmark = pytest.mark.xdist_group("small run")

# A millimetre of slip is what about half of the attempts show.
STRICT = SMALL.model_copy(
    update={
        "episodes": 2,
        "keep_failures": True,
        "engine": SMALL.engine.model_copy(update={"acceptance": AcceptanceLimits(slip=0.001)}),
    }
)


@pytest.fixture(scope="module")
def strict_run(library: AssetIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001
    run = tmp_path_factory.mktemp("runs") / "strict"
    generate(run, STRICT)
    return run


def test_failures_are_those_of_the_ledger_and_no_records(strict_run: Path, library: AssetIndex) -> None:
    kept = {failure.meta.attempt: failure for failure in run_failures(strict_run)}
    rejected = {row.attempt: row for row in read_ledger(strict_run) if row.cause == Cause.SLIPPED}
    assert rejected
    assert rejected.keys() <= kept.keys()
    assert not kept.keys() & {record.meta.attempt for record in run_records(strict_run)}
    for attempt, row in rejected.items():
        assert kept[attempt].meta.rejection.detail == row.detail
        assert kept[attempt].trajectory.gripper_force.max() > 1.0
    report = verify_run(strict_run, library)
    assert report.passed, report.summary()
    assert report.failures == run_statistics(strict_run).failures == len(kept)


def test_they_do_not_depend_on_the_number_of_workers(strict_run: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    generate(again, STRICT, workers=2)
    assert [block_digest(path) for path in block_paths(again / "failures")] == [
        block_digest(path) for path in block_paths(strict_run / "failures")
    ]


def test_they_are_kept_only_on_request(small_run: Path) -> None:
    assert not (small_run / "failures").exists()


def test_a_failure_that_the_ledger_does_not_know_is_noticed(
    strict_run: Path, library: AssetIndex, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    shutil.copytree(strict_run, run)
    path = block_paths(run / "failures")[0]
    failures = list(FailureBlock(path))
    shutil.rmtree(path)
    meta = failures[0].meta
    other = meta.rejection.model_copy(update={"cause": Cause.DROPPED})
    object.__setattr__(failures[0], "meta", meta.model_copy(update={"rejection": other}))
    write_failures(path, failures)
    report = verify_run(run, library)
    assert report.disagreeing == (meta.attempt,)
    assert not report.passed
