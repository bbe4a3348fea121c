"""Another physics engine looks at finished episodes."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from assets_index.index import AssetIndex
from assets_index.transforms import Pose
from dataengine.cli.commands import app
from dataengine.physics.bullet import BulletScene, CrosscheckUnavailable
from dataengine.pipeline.crosscheck import AT_REST, crosscheck_run, shifts_in_bullet
from dataengine.storage.records import run_records
from scene_graph.placed import PlacedBody

pytestmark = pytest.mark.xdist_group("small run")


@pytest.fixture
def _bullet() -> None:
    pytest.importorskip("pybullet", reason="needs the extra crosscheck")


@pytest.mark.usefixtures("_bullet")
def test_finished_episodes_stay_at_rest(small_run: Path) -> None:
    report = crosscheck_run(small_run, records=2, seconds=1.0)
    assert report.passed, report.summary()
    assert report.episodes == report.agreeing == 2
    assert report.bodies == report.bodies_at_rest > 6
    assert 0.0 < report.median_shift < AT_REST


@pytest.mark.usefixtures("_bullet")
def test_what_hangs_in_the_air_is_named(small_run: Path, library: AssetIndex) -> None:
    record = next(run_records(small_run))
    poses = record.object_pose.copy()
    poses[-1, 2, 2] += 0.1
    shifts = {each.body: each.shift for each in shifts_in_bullet(replace(record, object_pose=poses), library, 1.0)}
    assert shifts[record.meta.bodies[2]] > 0.08


@pytest.mark.usefixtures("_bullet")
def test_bodies_fall_as_bodies_do(library: AssetIndex) -> None:
    """Gravity, units and the centre of mass are right in the other engine."""
    asset = library.find(role="object", category="mug")[0]
    pose = Pose(position=(0.4, 0.1, 5.0), quaternion=(0.5, 0.5, 0.5, 0.5))
    body = PlacedBody("mug", asset, pose, library.hulls(asset.id))
    with BulletScene([body]) as scene:
        np.testing.assert_allclose(scene.centers()[0], body.center_of_mass, atol=1e-9)
        scene.run(0.5)
        np.testing.assert_allclose(scene.centers()[0] - body.center_of_mass, (0.0, 0.0, -9.81 / 8), atol=0.01)


@pytest.mark.usefixtures("_bullet")
def test_the_command_prints_one_json_object(small_run: Path) -> None:
    result = CliRunner().invoke(app, ["crosscheck", str(small_run), "--records", "1", "--workers", "0", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["episodes"] == 1


def test_without_the_extra_it_says_what_to_install(small_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pybullet", None)
    with pytest.raises(CrosscheckUnavailable, match=r"pip install 'st4vla-dataengine\[crosscheck\]'"):
        crosscheck_run(small_run)
