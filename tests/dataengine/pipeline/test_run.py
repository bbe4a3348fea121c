"""A run from configuration to shards, its checks, and its pauses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from math import ceil, floor
from pathlib import Path

import cv2
import pytest
import zarr

from assets_index.errors import InvalidConfig
from assets_index.index import AssetIndex
from assets_index.schema import validate
from dataengine.pipeline.alignment import best_lag
from dataengine.pipeline.config import RunConfig
from dataengine.pipeline.generate import generate
from dataengine.pipeline.preview import write_preview
from dataengine.pipeline.render import pending_shards, render_run
from dataengine.pipeline.run import ConfigChanged, NoRun, read_metadata
from dataengine.pipeline.statistics import run_statistics
from dataengine.pipeline.verify import measures_the_same, verify_run
from dataengine.record_scene import RecordReplay
from dataengine.samples import GroundingSample
from dataengine.storage.block import block_digest, block_path, block_paths
from dataengine.storage.ledger import read_ledger
from dataengine.storage.records import run_records
from dataengine.storage.shard_reader import ShardReader
from dataengine.storage.shard_set import ShardSet
from tests.dataengine.pipeline.conftest import SMALL

pytestmark = pytest.mark.xdist_group("small run")


def digests(run: Path) -> list[str]:
    return [block_digest(path) for path in block_paths(run / "records")]


def test_a_run_has_what_was_asked_for(small_run: Path) -> None:
    statistics = run_statistics(small_run)
    assert statistics.accepted >= SMALL.episodes
    assert statistics.shards == statistics.record_blocks
    assert statistics.grounding_samples == ShardSet(small_run).grounding_count > 100
    assert set(statistics.questions_by_kind) >= {"box", "point", "trace", "affordance", "region", "relation", "count"}
    assert len(read_ledger(small_run)) == statistics.attempts
    metadata = read_metadata(small_run)
    assert metadata["renderer"] in ("filament", "classic")
    assert metadata["language"]["source"] == "templates"
    assert metadata["versions"]["mujoco"]


def test_every_sample_leads_to_its_picture_and_bodies(small_run: Path) -> None:
    shards = ShardSet(small_run)
    for i in range(shards.grounding_count):
        sample = shards.grounding(i)
        row = shards.grounding_row(i)
        assert shards.key(sample.frame.camera, row) == sample.frame
        if sample.kind == "box":
            assert_box_is_on_its_body(shards, row, sample)


def assert_box_is_on_its_body(shards: ShardSet, row: int, sample: GroundingSample) -> None:
    ids = shards.ids(sample.frame.camera, row)
    assert ids is not None
    # Of a thing that is partly hidden the whole may be asked for, whose edges lie within pixels.
    x1, y1, x2, y2 = (rounded(edge) for rounded, edge in zip((floor, floor, ceil, ceil), sample.boxes[0], strict=True))
    seen = ids == shards.clip(row).bodies[sample.bodies[0]]
    assert seen[y1:y2, x1:x2].sum() == seen.sum() > 0


def test_records_do_not_depend_on_the_number_of_workers_nor_on_interruptions(small_run: Path, tmp_path: Path) -> None:
    parallel = tmp_path / "parallel"
    generate(parallel, SMALL, workers=4)
    assert digests(parallel) == digests(small_run)
    assert (parallel / "ledger.parquet").read_bytes() == (small_run / "ledger.parquet").read_bytes()

    shutil.rmtree(block_path(parallel / "records", 1))
    (parallel / "records" / "000001.zarr.tmp-dead").mkdir()
    generate(parallel, SMALL)
    assert digests(parallel) == digests(small_run)
    assert not list((parallel / "records").glob("*tmp*"))


def test_a_run_grows_by_episodes_and_by_looks(small_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(small_run, run)
    before = digests(run)
    assert pending_shards(run, looks=1) == []
    missing = pending_shards(run, looks=2)
    assert len(missing) == len(before)

    generate(run, SMALL.model_copy(update={"episodes": SMALL.episodes + 2}))
    assert digests(run)[: len(before)] == before
    assert run_statistics(run).accepted >= SMALL.episodes + 2


def test_another_configuration_is_refused(small_run: Path) -> None:
    with pytest.raises(ConfigChanged, match="seed is 5 there and 6 now"):
        generate(small_run, SMALL.model_copy(update={"seed": 6}))


def test_roles_in_another_order_are_refused(small_run: Path) -> None:
    backwards = dict(reversed(SMALL.task.roles.items()))
    changed = SMALL.model_copy(update={"task": SMALL.task.model_copy(update={"roles": backwards})})
    with pytest.raises(ConfigChanged, match=r"keys from task\.roles\.thing\..* on are in another order"):
        generate(small_run, changed)


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(InvalidConfig, match=r"mine\.yaml: render\.lookz: Extra inputs are not permitted"):
        validate({"render": {"lookz": 2}}, RunConfig, "mine.yaml")


def test_a_folder_that_is_no_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoRun, match="dataengine generate"):
        run_statistics(tmp_path)


def test_a_sound_run_passes_verification(small_run: Path, library: AssetIndex) -> None:
    report = verify_run(small_run, library)
    assert report.passed, report.summary()
    assert report.frame_offset == 0
    assert report.objects is not None
    assert report.objects.count > 10
    assert report.gripper is not None
    assert report.gripper.median < 0.5


def test_a_flipped_byte_is_found_and_named(small_run: Path, library: AssetIndex, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(small_run, run)
    victim = max((run / "shards").rglob("c/*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    report = verify_run(run, library)
    assert not report.passed
    assert len(report.damaged) == 1
    assert str(victim) in report.damaged[0]


def test_pictures_one_step_late_are_noticed(
    small_run: Path, library: AssetIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataengine.storage.shard_reader import ShardReader

    def late(self: ShardReader, camera: str, row: int) -> object:
        key = original(self, camera, row)
        return key.model_copy(update={"step": key.step + 1})

    original = ShardReader.key
    monkeypatch.setattr(ShardReader, "key", late)
    report = verify_run(small_run, library)
    assert report.frame_offset == -1
    assert not report.passed


def test_a_clip_that_is_too_short_has_no_frame_offset(small_run: Path, library: AssetIndex) -> None:
    shard = ShardReader(block_paths(small_run / "shards")[-1])
    record = next(record for record in run_records(small_run) if record.meta.attempt == shard.clip(0).episode)
    rows, replay = shard.clip_rows(0), RecordReplay(record, library)
    assert best_lag(shard, replay, "front", rows) == 0
    assert best_lag(shard, replay, "front", rows[:3]) is None


def test_a_changed_trajectory_is_noticed(small_run: Path, library: AssetIndex) -> None:
    record = next(run_records(small_run))
    assert measures_the_same(record, library)
    poses = record.object_pose.copy()
    poses[-1, record.meta.bodies.index(record.meta.task.targets[0]), 2] += 0.2
    assert not measures_the_same(replace(record, object_pose=poses), library)


def test_looks_differ_and_shards_open_with_plain_zarr(small_run: Path) -> None:
    shard = block_paths(small_run / "shards")[0]
    group = zarr.open_group(shard, mode="r")
    picture = group["frames/rgb/front"][0]
    assert picture.shape == (112, 112, 3)
    assert picture.std() > 10


def test_everything_that_was_used_is_credited(small_run: Path, library: AssetIndex) -> None:
    text = (small_run / "ATTRIBUTION.md").read_text()
    scenes = [record.meta.task.scene for record in run_records(small_run)]
    used = {node.asset_id for scene in scenes for node in scene.nodes} | {scene.table_id for scene in scenes}
    shards = ShardSet(small_run)
    looks = [shards.clip(row).look for row in range(shards.frame_rows)]
    used |= {look.table.texture_id for look in looks} | {look.dome.dome_id for look in looks} | {"franka_panda"}
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {name for row in rows for name in row.split("`")[1::2]} >= used
    for asset_id in used & {asset.id for asset in library.find()}:
        row = next(row for row in rows if f"`{asset_id}`" in row)
        assert library.asset(asset_id).source.license in row


@pytest.mark.parametrize("labels", [False, True])
def test_a_preview_can_be_looked_at(small_run: Path, tmp_path: Path, labels: bool) -> None:
    out = write_preview(small_run, tmp_path / "sheets" / "preview.png", count=3, columns=2, scale=2, labels=labels)
    picture = cv2.imread(str(out))
    height, width = SMALL.render.height, SMALL.render.width
    assert picture.shape[1] == 2 * 2 * width
    assert picture.shape[0] > 2 * 2 * height
    assert (picture[-height:, -width:] == 255).all(), "three pictures leave the fourth place empty"


def test_rendering_again_finds_nothing_to_do(small_run: Path) -> None:
    assert pending_shards(small_run) == []
    before = json.dumps(read_metadata(small_run))
    render_run(small_run)
    assert json.dumps(read_metadata(small_run)) == before
