"""Disturbed episodes go through the whole pipeline, and shards say which they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets_index.index import AssetIndex
from dataengine.pipeline.audit import audit_run
from dataengine.pipeline.generate import generate
from dataengine.pipeline.instruct import write_instructions
from dataengine.pipeline.render import render_run
from dataengine.pipeline.verify import verify_run
from dataengine.skills.disturber import DisturbanceSettings
from dataengine.storage.block import block_paths
from dataengine.storage.records import run_records
from dataengine.storage.shard_reader import ShardReader
from tests.dataengine.pipeline.conftest import SMALL

pytestmark = pytest.mark.xdist_group("small run")

DISTURBED = SMALL.model_copy(
    update={
        "episodes": 2,
        "engine": SMALL.engine.model_copy(
            update={"disturbance": DisturbanceSettings(fraction=1.0, kinds=("displaced",))}
        ),
    }
)


def test_disturbed_episodes_are_rendered_labelled_and_pass(library: AssetIndex, tmp_path: Path) -> None:
    run = tmp_path / "run"
    generate(run, DISTURBED)
    write_instructions(run, library)
    render_run(run, looks=1)
    records = {record.meta.attempt: record.meta for record in run_records(run)}
    assert any(meta.disturbances for meta in records.values())
    shards = [ShardReader(path) for path in block_paths(run / "shards")]
    clips = [shard.clip(i) for shard in shards for i in range(shard.counts["clips"])]
    assert len(clips) == len(records)
    for clip in clips:
        meta = records[clip.episode]
        assert clip.disturbances == tuple(each.kind for each in meta.disturbances)
        assert clip.disturbed == tuple((each.step, each.end) for each in meta.disturbances)
        failed = meta.subtasks[0].failed_tries
        assert clip.subtasks[0].failed_tries == tuple((each.first, each.end) for each in failed)
    report = verify_run(run, library)
    assert report.passed, report.summary()
    audit = audit_run(run)
    assert audit.passed, audit.summary()
