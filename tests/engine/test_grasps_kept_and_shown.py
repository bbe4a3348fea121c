"""What is kept of grasps, what is said of them, and what the command shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from assets_index.index import AssetIndex
from assets_index.procedural.library import build
from assets_index.robot import RobotDescription
from assets_index.store import CorruptAsset
from dataengine.cli.commands import app
from dataengine.engine import EngineConfig
from dataengine.engine.graspability import graspability
from dataengine.grasps.closure import closure_quality
from dataengine.grasps.grasp_set import grasps_for
from dataengine.grasps.settings import GraspSettings
from tests.engine.shapes import Shelf, block

FEW = GraspSettings(rays=300, tested_upright=4, tested=2)


def test_a_mesh_that_changed_under_its_id_gets_new_grasps(arm: RobotDescription) -> None:
    narrow, wide = block("thing", (0.03, 0.05, 0.06)), block("thing", (0.05, 0.07, 0.06))
    assert narrow[0].id == wide[0].id
    first = grasps_for(narrow[0], Shelf(narrow), arm, FEW)
    second = grasps_for(narrow[0], Shelf((narrow[0], wide[1])), arm, FEW)
    assert first.widths.min() < 0.04
    assert second.widths.min() > 0.04
    again = grasps_for(narrow[0], Shelf(narrow), arm, FEW)
    assert np.array_equal(first.poses, again.poses)


def test_a_heavier_thing_is_shaken_again(arm: RobotDescription) -> None:
    asset, hulls = block("brick", (0.03, 0.05, 0.06))
    heavy = asset.model_copy(update={"mass": 5.0})
    light_slip = grasps_for(asset, Shelf((asset, hulls)), arm, FEW).slip
    heavy_slip = grasps_for(heavy, Shelf((heavy, hulls)), arm, FEW).slip
    assert np.median(heavy_slip) > 2 * np.median(light_slip)


def test_a_mesh_that_changed_in_the_store_is_an_error_of_one_line(tmp_path: Path, arm: RobotDescription) -> None:
    index = AssetIndex.open(tmp_path / "index")
    asset, parts, hulls = build("block", 0)
    index.add(asset, parts, hulls)
    file = tmp_path / "index" / "store" / asset.id / "hulls.npz"
    np.savez_compressed(file, vertices=np.concatenate(hulls) * 1.1, counts=[len(hull) for hull in hulls])
    with pytest.raises(CorruptAsset, match=r"hulls\.npz") as caught:
        grasps_for(index.asset(asset.id), index, arm, FEW)
    assert "\n" not in str(caught.value)


def test_grasps_cannot_be_changed_by_those_who_are_given_them(arm: RobotDescription) -> None:
    asset, hulls = block()
    grasps = grasps_for(asset, Shelf((asset, hulls)), arm, FEW)
    with pytest.raises(ValueError, match="read-only"):
        grasps.poses[:] = 0.0


def test_the_engine_says_which_stable_poses_leave_a_grasp(shelf: Shelf) -> None:
    graspable = graspability(shelf, EngineConfig(grasps=FEW))
    assert graspable(shelf.named("block")) == (0,)
    assert graspable(shelf.named("crate")) == ()


def pinch(offset: float = 0.0, tilt: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Two fingers 4 cm apart, beside the centre of mass by `offset`, the second turned by `tilt`."""
    contacts = np.array([[[offset, -0.02, 0.0], [offset, 0.02, 0.0]]])
    inward = np.array([[[0.0, 1.0, 0.0], [np.sin(tilt), -np.cos(tilt), 0.0]]])
    return contacts, inward


def measure(offset: float = 0.0, tilt: float = 0.0, friction: float = 0.4, pad_radius: float = 0.008) -> float:
    contacts, inward = pinch(offset, tilt)
    center = np.zeros(3)
    return float(closure_quality(contacts, inward, center, friction=friction, pad_radius=pad_radius, size=0.05)[0])


def test_force_closure_is_lost_outside_the_friction_cone_and_without_turning_friction() -> None:
    assert measure() > 0.01
    assert measure(tilt=np.arctan(0.4) + 0.1) < 1e-6
    assert measure(pad_radius=0.0) < 1e-6, "point contacts let the thing turn about the line between them"


@settings(max_examples=30)
@given(offset=st.floats(0.0, 0.1), tilt=st.floats(0.0, 0.3), friction=st.floats(0.35, 0.9))
def test_force_closure_falls_with_lever_and_tilt_and_grows_with_friction(
    offset: float, tilt: float, friction: float
) -> None:
    quality = measure(offset, tilt, friction)
    assert measure(offset + 0.02, tilt, friction) <= quality + 1e-6
    assert measure(offset, tilt, friction + 0.1) >= quality - 1e-6
    assert measure(0.0, 0.0, friction) >= quality - 1e-6


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    AssetIndex.open(folder).add(*build("book", 0))
    return folder


def test_the_command_counts_and_draws(root: Path, tmp_path: Path) -> None:
    picture = tmp_path / "book.png"
    shown = CliRunner().invoke(app, ["grasps", "show", "book", "--index", str(root), "--json", "--out", str(picture)])
    assert shown.exit_code == 0, shown.output
    document = json.loads(shown.stdout)
    asset = AssetIndex.open(root).find()[0]
    assert len(document["poses"]) == len(asset.stable_poses)
    for pose in document["poses"]:
        assert pose["tried"] >= pose["clear"] >= pose["shaken"]
        assert pose["graspable"] == (pose["held"] >= GraspSettings().fewest)
    assert any(pose["graspable"] for pose in document["poses"])
    with Image.open(picture) as drawn:
        assert drawn.width >= 256 * len(asset.stable_poses[:4])
        colors = np.asarray(drawn.convert("RGB")).reshape(-1, 3).astype(int)
    assert np.sum((colors[:, 2] > colors[:, 0] + 60) & (colors[:, 2] > colors[:, 1] + 40)) > 20, "contacts in blue"
    table = CliRunner().invoke(app, ["grasps", "show", "book", "--index", str(root)], env={"COLUMNS": "160"})
    assert "force closed" in table.output
    assert "as a target" in table.output


def test_an_unknown_robot_or_asset_is_named(root: Path) -> None:
    unknown = CliRunner().invoke(app, ["grasps", "show", "book", "--index", str(root), "--robot", "toaster"])
    assert "toaster" in str(unknown.exception)
    missing = CliRunner().invoke(app, ["grasps", "show", "durian", "--index", str(root)])
    assert "durian" in str(missing.exception)
