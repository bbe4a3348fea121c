"""Runs of layouts in which nothing is done: one picture each, questions of every kind, no actions."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from assets_index.index import AssetIndex
from dataengine.cli.commands import app
from dataengine.engine.still import Still
from dataengine.pipeline.config import GroundConfig
from dataengine.pipeline.generate import TooFewAccepted, generate
from dataengine.pipeline.ground import ground, laid_out
from dataengine.pipeline.preview import KINDS
from dataengine.pipeline.run import OtherContent
from dataengine.pipeline.verify import verify_run
from dataengine.storage.block import block_paths
from dataengine.storage.shard_set import ShardSet
from scene_graph.free_space import SolverLimits

from .conftest import SMALL

CONFIG = SMALL.model_copy(update={"ground": GroundConfig(layouts=4, width=320, height=240)})


@pytest.fixture(scope="module")
def layouts(library: AssetIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001 - makes the assets
    """Four layouts and the questions about them."""
    run = tmp_path_factory.mktemp("runs") / "layouts"
    ground(run, CONFIG)
    return run


def test_questions_of_every_kind_and_no_actions(layouts: Path) -> None:
    shards = ShardSet(layouts)
    assert (shards.frame_rows, shards.cameras, shards.action_count) == (4, ("front",), 0)
    assert shards.rgb("front", 0).shape == (240, 320, 3)
    assert {shards.grounding(i).kind for i in range(shards.grounding_count)} == set(KINDS)


def test_points_lie_on_the_ids_of_what_they_name(layouts: Path) -> None:
    shards = ShardSet(layouts)
    for i in shards.grounding_indices(kinds=["point", "affordance"]):
        sample, row = shards.grounding(int(i)), shards.grounding_row(int(i))
        ids = shards.ids("front", row)
        assert ids is not None
        columns, rows = np.floor(np.array(sample.points)).astype(int).T
        assert (ids[rows, columns] == shards.clip(row).bodies[sample.bodies[0]]).all(), sample


def test_boxes_are_where_the_layouts_made_again_are(layouts: Path, library: AssetIndex) -> None:
    report = verify_run(layouts, library)
    assert report.passed
    assert report.objects is not None
    assert report.objects.count >= 8


def test_everything_in_the_pictures_is_credited(layouts: Path, library: AssetIndex) -> None:
    credited = (layouts / "ATTRIBUTION.md").read_text()
    shards = ShardSet(layouts)
    layout = laid_out(shards.clip(0).episode, CONFIG, library)
    assert isinstance(layout, Still)
    assert all(node.asset_id in credited for node in layout.task.scene.nodes)
    assert all(f"`{surface.texture_id}`" in credited for surface in shards.clip(0).look.surfaces)


def test_equal_seeds_give_equal_bytes_however_a_run_is_cut(layouts: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    ground(run, CONFIG.model_copy(update={"ground": CONFIG.ground.model_copy(update={"layouts": 1})}))
    assert len(block_paths(run / "shards")) == 1
    ground(run, CONFIG, workers=2)
    for old, new in zip(block_paths(layouts / "shards"), block_paths(run / "shards"), strict=True):
        files = [path.relative_to(old) for path in sorted(old.rglob("*")) if path.is_file()]
        assert files
        assert all((old / name).read_bytes() == (new / name).read_bytes() for name in files)


def test_a_run_is_of_layouts_or_of_episodes(layouts: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(layouts, tmp_path / "run")
    with pytest.raises(OtherContent, match="is a run of layouts"):
        generate(copy, CONFIG)
    for command in ("render", "replay", "yield"):
        result = CliRunner().invoke(app, [command, str(copy)])
        assert isinstance(result.exception, OtherContent), command
    assert (copy / "ATTRIBUTION.md").read_bytes() == (layouts / "ATTRIBUTION.md").read_bytes()


@pytest.mark.usefixtures("library")
def test_too_few_layouts_are_an_error_that_says_why(tmp_path: Path) -> None:
    apart = CONFIG.engine.model_copy(update={"layout": SolverLimits(clearance=0.5, searches=1)})
    config = CONFIG.model_copy(update={"engine": apart, "max_attempts_per_episode": 1})
    with pytest.raises(TooFewAccepted, match=r"^0 layouts found, 4 wanted; failures of this call: [a-z_]+ 4$"):
        ground(tmp_path / "run", config)


def test_command_makes_more_of_a_run(layouts: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(layouts, tmp_path / "run")
    result = CliRunner().invoke(app, ["ground", str(copy), "--layouts", "5", "--workers", "0"])
    assert result.exit_code == 0, result.output
    assert len(ShardSet(copy).urls) == 3
