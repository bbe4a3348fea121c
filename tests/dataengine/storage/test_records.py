from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataengine.record import EpisodeRecord
from dataengine.storage.block import block_digest, verify_checksums
from dataengine.storage.errors import UnreadableData
from dataengine.storage.records import RecordBlock, run_ledger, run_records, write_records
from tests.record_factory import make_meta, make_record, make_rejection


def same(one: EpisodeRecord, other: EpisodeRecord) -> bool:
    arrays = [column.name for column in fields(EpisodeRecord) if column.name != "meta"]
    return one.meta == other.meta and all(
        getattr(one, name).dtype == getattr(other, name).dtype
        and getattr(one, name).shape == getattr(other, name).shape
        and getattr(one, name).tobytes() == getattr(other, name).tobytes()
        for name in arrays
    )


def folder_hash(path: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")):
        digest.update(file.relative_to(path).as_posix().encode() + (file.read_bytes() if file.is_file() else b""))
    return digest.hexdigest()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shapes=st.lists(st.none() | st.tuples(st.integers(1, 30), st.integers(2, 6), st.integers(0, 3)), max_size=6))
def test_records_come_back_exactly(tmp_path_factory, shapes):
    results = [
        make_rejection(i) if shape is None else make_record(i, steps=shape[0], bodies=shape[1], joints=shape[2])
        for i, shape in enumerate(shapes)
    ]
    path = tmp_path_factory.mktemp("records") / "000000.zarr"
    write_records(path, results)
    block = RecordBlock(path)
    records = [result for result in results if isinstance(result, EpisodeRecord)]
    assert len(block) == len(records)
    assert all(same(one, other) for one, other in zip(block, records, strict=True))
    assert [row.attempt for row in block.ledger] == list(range(len(results)))
    assert [row.accepted for row in block.ledger] == [isinstance(result, EpisodeRecord) for result in results]


def test_any_float_of_the_metadata_comes_back(tmp_path: Path):
    margins = [0.1 + 0.2, 5e-324, -0.0, float("inf")]
    records = [make_record(i) for i in range(len(margins))]
    records = [
        EpisodeRecord(**{**record.__dict__, "meta": make_meta(i, 3, margin)})
        for i, (record, margin) in enumerate(zip(records, margins, strict=True))
    ]
    write_records(tmp_path / "000000.zarr", records)
    back = [record.meta.verification.goal[0].margin for record in RecordBlock(tmp_path / "000000.zarr")]
    assert np.array(back).tobytes() == np.array(margins).tobytes()


def test_equal_results_make_equal_bytes(tmp_path: Path):
    results = [make_record(0), make_rejection(1), make_record(2, steps=30, bodies=5)]
    for name in ("a", "b"):
        write_records(tmp_path / name / "000000.zarr", results)
    one, other = (tmp_path / name / "000000.zarr" for name in ("a", "b"))
    assert folder_hash(one) == folder_hash(other)
    assert block_digest(one) == block_digest(other)
    write_records(tmp_path / "c" / "000000.zarr", [make_record(0, seed=1), *results[1:]])
    assert block_digest(tmp_path / "c" / "000000.zarr") != block_digest(one)


def test_seconds_of_an_attempt_are_not_part_of_a_block(tmp_path: Path):
    slow = make_rejection(1).model_copy(update={"seconds": 99.0})
    write_records(tmp_path / "a.zarr", [make_rejection(1)])
    write_records(tmp_path / "b.zarr", [slow])
    assert folder_hash(tmp_path / "a.zarr") == folder_hash(tmp_path / "b.zarr")


def test_a_record_takes_kilobytes(tmp_path: Path):
    write_records(tmp_path / "000000.zarr", [make_record(i, steps=160, bodies=9) for i in range(8)])
    size = sum(file.stat().st_size for file in (tmp_path / "000000.zarr").rglob("*") if file.is_file())
    assert size / 8 < 160 * (9 * 7 + 7 * 4 + 2) * 8


def test_zarr_alone_reads_a_block(tmp_path: Path):
    records = [make_record(0, steps=4), make_record(1, steps=6)]
    write_records(tmp_path / "000000.zarr", records)
    episodes = zarr.open_group(tmp_path / "000000.zarr", mode="r")["episodes"]
    start, end = episodes["state_offset"][1:3]
    assert (episodes["joint_position"][start:end] == records[1].joint_position).all()
    start, end = episodes["meta_offset"][1:3]
    assert json.loads(episodes["meta"][start:end].tobytes())["attempt"] == 1


def test_a_run_is_read_block_by_block_in_order(tmp_path: Path):
    for number in (1, 0):
        results = [make_record(2 * number), make_rejection(2 * number + 1)]
        write_records(tmp_path / "records" / f"{number:06d}.zarr", results)
    assert [record.meta.attempt for record in run_records(tmp_path)] == [0, 2]
    assert [(row.attempt, row.accepted) for row in run_ledger(tmp_path)] == [
        (0, True),
        (1, False),
        (2, True),
        (3, False),
    ]


def test_blocks_can_be_sent_to_other_processes(tmp_path: Path):
    write_records(tmp_path / "000000.zarr", [make_record(0)])
    block = pickle.loads(pickle.dumps(RecordBlock(tmp_path / "000000.zarr")))
    assert same(block[0], make_record(0))
    assert same(block[-1], block[0:1][0])
    with pytest.raises(IndexError):
        block[1]


def test_what_is_no_block_of_records_is_said(tmp_path: Path):
    with pytest.raises(UnreadableData, match=r"nothing\.zarr"):
        RecordBlock(tmp_path / "nothing.zarr")
    zarr.create_group(tmp_path / "other.zarr", attributes={"format": "somebody.else", "format_version": 3})
    with pytest.raises(UnreadableData, match=r"somebody\.else version 3"):
        RecordBlock(tmp_path / "other.zarr")


def test_a_block_verifies(tmp_path: Path):
    write_records(tmp_path / "000000.zarr", [make_record(0), make_rejection(1)])
    verify_checksums(tmp_path / "000000.zarr")
