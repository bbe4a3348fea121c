"""What a person may get wrong, and what came from elsewhere: one line that names it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
import zarr

from assets_index.errors import EngineError
from assets_index.index import AssetIndex
from dataengine.engine import EngineConfig, attempt
from dataengine.pipeline.config import GroundConfig, RunConfig
from dataengine.pipeline.ground import ground
from dataengine.pipeline.preview import NothingToShow, write_preview
from dataengine.pipeline.render import render_run
from dataengine.runner.errors import BlockFailed
from dataengine.storage.block import block_paths
from dataengine.storage.errors import UnreadableData
from dataengine.storage.failures import FailureBlock
from dataengine.storage.records import RecordBlock, run_records
from dataengine.storage.shard_set import ShardSet
from renderers.camera import CameraSpec, Intrinsics, look_at
from scene_graph.errors import InvalidSceneGraph
from scene_graph.task import Goal, TaskSpec
from tests.dataengine.pipeline.conftest import SMALL
from tests.dataengine.pipeline.test_faults import assert_one_line, dataengine, write_config

pytestmark = pytest.mark.xdist_group("small run")

TASK = {
    "name": "mine",
    "roles": {"thing": {"categories": ["apple"]}, "vessel": {"kind": "container", "surface": "cavity"}},
    "steps": [{"each": "thing", "container": "vessel", "goal": [{"kind": "in", "anchor": "vessel"}]}],
    "words": ["Put {thing} into {vessel}."],
}


def task_config(folder: Path, task: dict[str, object]) -> Path:
    """A run's configuration that names a task file of one's own."""
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(task), encoding="utf-8")
    return write_config(folder / "config.yaml", task=str(path))


@pytest.mark.usefixtures("library")
def test_a_task_file_with_an_unknown_relation_is_refused(tmp_path: Path) -> None:
    steps = [{**TASK["steps"][0], "goal": [{"kind": "orbiting", "anchor": "vessel"}]}]  # type: ignore[dict-item]
    result = dataengine("generate", tmp_path / "run", "--config", task_config(tmp_path, {**TASK, "steps": steps}))
    assert_one_line(result, "orbiting")
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("library")
def test_a_task_file_with_unknown_assets_is_refused(tmp_path: Path) -> None:
    roles = {**TASK["roles"], "thing": {"categories": ["submarine"]}}  # type: ignore[dict-item]
    config = task_config(tmp_path, {**TASK, "roles": roles})
    assert_one_line(dataengine("generate", tmp_path / "run", "--config", config, "--workers", "0"), "thing")


@pytest.fixture
def task(small_run: Path) -> TaskSpec:
    return next(run_records(small_run)).meta.task


def test_a_task_of_an_unknown_asset_is_named(task: TaskSpec, library: AssetIndex) -> None:
    nodes = (task.scene.nodes[0].model_copy(update={"asset_id": "unicorn-0123456789ab"}), *task.scene.nodes[1:])
    strange = task.model_copy(update={"scene": task.scene.model_copy(update={"nodes": nodes})})
    with pytest.raises(EngineError, match="unicorn-0123456789ab"):
        try_task(strange, library)


def test_a_goal_of_an_unknown_thing_is_named(task: TaskSpec, library: AssetIndex) -> None:
    stray = task.goal.relations[0].model_copy(update={"anchor": "moon"})
    with pytest.raises(InvalidSceneGraph, match="moon"):
        try_task(task.model_copy(update={"goal": Goal.all_of(stray)}), library)


def try_task(task: TaskSpec, library: AssetIndex) -> None:
    def make_task(_number: int, _rng: np.random.Generator) -> TaskSpec:
        return task

    attempt(0, run_seed=0, assets=library, config=EngineConfig(), make_task=make_task)


@pytest.mark.parametrize(("version", "advice"), [(99, "newer release .* update"), (1, "older release")])
def test_records_of_another_release_are_refused(small_run: Path, tmp_path: Path, version: int, advice: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(small_run, run)
    path = block_paths(run / "records")[0]
    zarr.open_group(path, mode="a").attrs["format_version"] = version
    with pytest.raises(UnreadableData, match=rf"records version {version}, .*{advice}"):
        RecordBlock(path)
    assert_one_line(dataengine("stats", run), f"version {version}")


def test_failures_of_another_release_are_refused(tmp_path: Path) -> None:
    zarr.create_group(tmp_path / "f.zarr", attributes={"format": "dataengine.failures", "format_version": 3})
    with pytest.raises(UnreadableData, match="newer release"):
        FailureBlock(tmp_path / "f.zarr")


@pytest.fixture(scope="module")
def damaged(library: AssetIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index in which the surface of every table is damaged on the disk."""
    root = shutil.copytree(library.root, tmp_path_factory.mktemp("assets") / "damaged")
    for table in library.find(role="table"):
        file = root / "store" / table.id / "visual.npz"
        file.write_bytes(file.read_bytes()[:-40])
    return root


def test_a_damaged_surface_is_named_and_no_shard_is_begun(small_run: Path, damaged: Path, tmp_path: Path) -> None:
    run = shutil.copytree(small_run, tmp_path / "run", ignore=shutil.ignore_patterns("shards"))
    with pytest.raises(BlockFailed, match=r"visual\.npz is damaged; delete the folder and build or ingest") as caught:
        render_run(run, index_root=damaged)
    assert "\n" not in str(caught.value)
    assert not list((run / "shards").iterdir())


def test_a_damaged_surface_stops_layouts_likewise(damaged: Path, tmp_path: Path) -> None:
    with pytest.raises(BlockFailed, match=r"visual\.npz is damaged"):
        ground(tmp_path / "run", SMALL, index_root=damaged)
    assert not list((tmp_path / "run" / "shards").iterdir())


def seen_from(eye: tuple[float, float, float], target: tuple[float, float, float]) -> RunConfig:
    """One layout, and where on the table there is room, from a place where nobody would put a camera."""
    lens = Intrinsics.of_fov(96, 96, 0.9)
    camera = CameraSpec(name="odd", mount="world", pose=look_at(eye, target), intrinsics=lens)
    layouts = GroundConfig(layouts=1, camera=camera, width=96, height=96)
    render = SMALL.render.model_copy(update={"keep_free_space": True})
    return SMALL.model_copy(update={"ground": layouts, "render": render, "block_attempts": 1})


@pytest.mark.usefixtures("library")
def test_where_no_object_is_visible_nothing_is_asked_and_the_preview_says_so(tmp_path: Path) -> None:
    run, sheet = tmp_path / "run", tmp_path / "sheet.png"
    total = ground(run, seen_from((-0.5, 0.0, 0.6), (-2.0, 0.0, 1.4)))
    assert (total.layouts, total.questions) == (1, 0)
    with pytest.raises(NothingToShow, match="nothing was asked"):
        write_preview(run, sheet)
    assert not sheet.exists()
    assert write_preview(run, sheet, labels=True).exists()


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("eye", "target"),
    [((0.5, 0.0, -0.01), (0.9, 0.1, 0.3)), ((0.5, 0.0, -0.3), (0.5, 0.1, 0.0))],
    ids=["in the table", "below it"],
)
def test_a_camera_that_does_not_see_the_top_of_the_table_finds_no_room_on_it(
    eye: tuple[float, float, float], target: tuple[float, float, float], tmp_path: Path
) -> None:
    ground(tmp_path / "run", seen_from(eye, target))
    shards = ShardSet(tmp_path / "run")
    rooms = shards.free_space("odd", 0)
    assert rooms is None or not rooms.any()
    regions = [shards.grounding(int(i)) for i in shards.grounding_indices(kinds=["region"])]
    assert not [sample for sample in regions if "table" in sample.question]
