from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets_index.errors import InvalidConfig
from dataengine.rejection import AttemptStage, Cause, TriedSubTask
from dataengine.storage.errors import UnreadableData
from dataengine.storage.ledger import LEDGER, LedgerRow, ledger_row, read_ledger, write_ledger
from dataengine.storage.yields import parse_yield_key, yield_table
from tests.record_factory import make_record, make_rejection


@pytest.fixture
def rows() -> list[LedgerRow]:
    results = [
        make_record(0),
        make_rejection(1, Cause.NO_IK),
        make_rejection(2, Cause.SLIPPED),
        make_record(3),
        make_rejection(4, Cause.NO_IK),
    ]
    return [ledger_row(result) for result in results]


def test_the_ledger_comes_back(tmp_path: Path, rows: list[LedgerRow]):
    write_ledger(tmp_path, rows)
    assert read_ledger(tmp_path) == rows
    assert [path.name for path in tmp_path.iterdir()] == [LEDGER]


def test_equal_ledgers_are_equal_bytes(tmp_path: Path, rows: list[LedgerRow]):
    first = write_ledger(tmp_path, rows).read_bytes()
    assert write_ledger(tmp_path, rows).read_bytes() == first


def test_anyone_can_read_it(tmp_path: Path, rows: list[LedgerRow]):
    table = pq.read_table(write_ledger(tmp_path, rows)).to_pydict()
    assert table["attempt"] == [0, 1, 2, 3, 4]
    assert table["cause"] == [None, "no_ik", "slipped", None, "no_ik"]
    assert table["steps"] == [12, 0, 0, 12, 0]


def test_an_empty_ledger(tmp_path: Path):
    write_ledger(tmp_path, [])
    assert read_ledger(tmp_path) == []
    assert yield_table([]) == []


def test_the_yield_adds_up(rows: list[LedgerRow]):
    by_cause = {entry.key: entry.attempts for entry in yield_table(rows, "cause")}
    assert by_cause == {"accepted": 2, "no_ik": 2, "slipped": 1}
    (total,) = yield_table(rows, "all")
    assert (total.attempts, total.accepted, total.rate) == (5, 2, 0.4)
    assert total.causes == {"no_ik": 2, "slipped": 1}
    (target,) = yield_table(rows, "target_asset")
    assert (target.key, target.attempts) == ("apple-0123456789ab", 5)
    for key, value in (("relation", "in"), ("skill", "pick_place"), ("task", "pick_place")):
        (entry,) = yield_table(rows, key)  # type: ignore[arg-type]
        assert (entry.key, entry.accepted, entry.failed) == (value, 2, 3)


def test_each_subtask_counts_for_itself():
    """A drawer that opens is not to blame for a mug that is dropped after."""
    drawer = TriedSubTask(skill="open", target_asset="cabinet", relations=("open",), succeeded=True)
    mug = TriedSubTask(skill="pick_place", target_asset="mug", container_asset="cabinet", succeeded=False)
    row = ledger_row(make_rejection(0, Cause.DROPPED).model_copy(update={"subtask": 1, "tried": (drawer, mug)}))
    skills = {entry.key: (entry.attempts, entry.accepted, entry.causes) for entry in yield_table([row], "skill")}
    assert skills == {"open": (1, 1, {}), "pick_place": (1, 0, {"dropped": 1})}
    assert {entry.key: entry.rate for entry in yield_table([row], "target_asset")} == {"cabinet": 1.0, "mug": 0.0}
    assert {entry.key for entry in yield_table([row], "container_asset")} == {"none", "cabinet"}


def test_what_a_dead_worker_tried_is_not_known():
    row = LedgerRow(attempt=0, accepted=False, stage=AttemptStage.EXECUTE, cause=Cause.WORKER_DIED)
    assert [entry.key for entry in yield_table([row], "skill")] == ["unknown"]


def test_the_yield_is_asked_by_known_properties():
    assert parse_yield_key("target_asset") == "target_asset"
    with pytest.raises(InvalidConfig, match="not by 'color'"):
        parse_yield_key("color")


@pytest.mark.parametrize("content", [None, b"", b"PAR1 this is not"])
def test_a_missing_or_broken_ledger_is_one_line(tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / LEDGER).write_bytes(content)
    with pytest.raises(UnreadableData) as error:
        read_ledger(tmp_path)
    assert "\n" not in str(error.value)
