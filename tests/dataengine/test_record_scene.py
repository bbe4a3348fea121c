"""A record on the stage, held against the simulation that it was taken from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assets_index.index import AssetIndex
from assets_index.procedural.library import build
from assets_index.robots import arms
from assets_index.transforms import Array, Pose
from dataengine.physics.simulation import Simulation, home
from dataengine.record import EpisodeRecord
from dataengine.record_scene import FIRST_BODY_ID, ROBOT_ID, TABLE, TABLE_ID, RecordReplay, UnknownArm, table_pose
from renderers.backends import open_renderer
from renderers.camera import project
from renderers.camera_presets import CameraPreset, camera_spec, front_camera, wrist_camera
from scene_graph.placed import PlacedBody
from scene_graph.task import Node, Rect, SceneGraph
from tests.record_factory import make_meta, make_record
from tests.renderers.shapes import plain_look

STEPS = 12
SPOTS = {"apple": (0.45, 0.1), "bowl": (0.55, -0.15), "carton": (0.6, 0.2)}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> AssetIndex:
    index = AssetIndex.open(Path(tmp_path_factory.mktemp("assets")))
    for category in (*SPOTS, "dining table"):
        index.add(*build(category, 0))
    return index


@pytest.fixture(scope="module")
def simulated(index: AssetIndex) -> tuple[EpisodeRecord, list[dict[str, Array]]]:
    return swung(index, "franka_panda")


def swung(index: AssetIndex, setup: str) -> tuple[EpisodeRecord, list[dict[str, Array]]]:
    """Arms that swing beside three things, one of which falls; and where everything was before each step."""
    assets = {category: index.find(category=category)[0] for category in (*SPOTS, "dining table")}
    bodies = [
        PlacedBody(
            name, assets[name], Pose(position=(x, y, 0.05 if name == "apple" else 0.001)), index.hulls(assets[name].id)
        )
        for name, (x, y) in SPOTS.items()
    ]
    simulation = Simulation(bodies, arms(setup))
    states, poses = [simulation.state()], [simulation.poses()]
    for step in range(STEPS):
        simulation.step(home(arms(setup)) + 0.02 * step, 1.0)
        states.append(simulation.state())
        poses.append(simulation.poses())
    nodes = tuple(Node(name=name, asset_id=assets[name].id, role="distractor") for name in SPOTS)
    meta = make_meta(0, len(nodes))
    scene = SceneGraph(
        nodes=nodes, workspace=Rect(lower=(0.3, -0.3), upper=(0.7, 0.3)), table_id=assets["dining table"].id
    )
    meta = meta.model_copy(
        update={"robot": setup, "bodies": tuple(SPOTS), "task": meta.task.model_copy(update={"scene": scene})}
    )
    rows = {
        name: np.array([getattr(state, name) for state in states])
        for name in ("joint_position", "finger_position", "tcp_pose", "object_pose")
    }
    return replace(make_record(0, steps=STEPS, arms=len(arms(setup))), meta=meta, **rows), poses


def test_everything_is_where_the_simulation_had_it(
    index: AssetIndex, simulated: tuple[EpisodeRecord, list[dict[str, Array]]]
) -> None:
    record, truth = simulated
    replay = RecordReplay(record, index)
    assert set(replay.poses(0)) >= {body.name for body in replay.scene.bodies}
    for step, expected in enumerate(truth):
        poses = replay.poses(step)
        for name in (*SPOTS, "link0", "link7", "hand", "left_finger", "right_finger"):
            np.testing.assert_allclose(poses[name], expected[name], atol=1e-6)


def test_every_arm_is_drawn_where_it_stands_and_carries_its_own_cameras(index: AssetIndex) -> None:
    record, truth = swung(index, "two_frankas")
    replay = RecordReplay(record, index)
    drawn = {body.name: body.instance_id for body in replay.scene.bodies}
    poses = replay.poses(STEPS)
    for arm in ("left", "right"):
        assert drawn[f"{arm}/hand"] == drawn[f"{arm}/link0"] == ROBOT_ID
        for link in ("link0", "link7", "hand", "right_finger"):
            np.testing.assert_allclose(poses[f"{arm}/{link}"], truth[-1][f"{arm}/{link}"], atol=1e-6)
    cameras = (camera_spec(CameraPreset(mount="wrist", arm=arm), 224, 224) for arm in (None, "left", "right"))
    first, left, right = (replay.camera_view(camera, plain_look(), 3) for camera in cameras)
    assert right.name == "right_wrist"
    np.testing.assert_array_equal(first.T_world_camera, left.T_world_camera)
    np.testing.assert_allclose(left.T_world_camera[:3, 3] - right.T_world_camera[:3, 3], [0.0, 0.6, 0.0], atol=0.02)
    with pytest.raises(UnknownArm, match="there is left, right"):
        replay.camera_view(camera_spec(CameraPreset(mount="wrist", arm="third"), 224, 224), plain_look(), 3)


def test_the_hand_camera_moves_with_the_recorded_tool(
    index: AssetIndex, simulated: tuple[EpisodeRecord, list[dict[str, Array]]]
) -> None:
    record, _ = simulated
    replay = RecordReplay(record, index)
    views = [replay.camera_view(wrist_camera(), plain_look(), step) for step in range(STEPS + 1)]
    pixels = [project(record.tcp_pose[step, 0, :3], view)[0] for step, view in enumerate(views)]
    np.testing.assert_allclose(pixels, np.tile(pixels[0], (STEPS + 1, 1)), atol=0.01)
    assert not np.allclose(views[0].T_world_camera, views[-1].T_world_camera, atol=1e-3)


def test_the_table_stands_on_the_floor_with_its_top_at_zero_under_robot_and_workspace(
    index: AssetIndex, simulated: tuple[EpisodeRecord, list[dict[str, Array]]]
) -> None:
    record, _ = simulated
    replay = RecordReplay(record, index)
    (table,) = index.find(role="table")
    outline = np.array(table.support.outline) + table_pose(table)[:2, 3]
    assert table_pose(table)[2, 3] + table.support.height == 0.0
    assert replay.scene.floor_height == pytest.approx(-table.support.height)
    assert (outline.min(0) <= (-0.15, -0.42)).all()
    assert (outline.max(0) >= (0.78, 0.42)).all()


def test_ids_are_stable_and_pictures_show_each_thing_where_it_is_recorded(
    index: AssetIndex, simulated: tuple[EpisodeRecord, list[dict[str, Array]]]
) -> None:
    record, _ = simulated
    replay = RecordReplay(record, index)
    ids = replay.scene.instance_ids()
    assert ids[TABLE] == TABLE_ID
    assert ids["hand"] == ids["link3"] == ROBOT_ID
    assert [ids[name] for name in SPOTS] == [FIRST_BODY_ID, FIRST_BODY_ID + 1, FIRST_BODY_ID + 2]
    renderer = open_renderer("filament", width=224, height=224)
    renderer.open(replay.scene, plain_look())
    apple = next(body for body in replay.scene.bodies if body.name == "apple")
    vertices = np.concatenate([part.vertices for part in apple.parts])
    middle = [*((vertices.min(0) + vertices.max(0)) / 2), 1.0]
    seen = []
    for step in (0, 2, STEPS):
        view = replay.camera_view(front_camera(), plain_look(), step)
        frame = renderer.draw(replay.poses(step), view, ids=True)
        rows, columns = np.nonzero(frame.ids == ids["apple"])
        expected, _ = project((replay.poses(step)["apple"] @ middle)[:3], view)
        seen.append((columns.mean() + 0.5, rows.mean() + 0.5))
        assert np.linalg.norm(np.subtract(seen[-1], expected)) < 1.0
    renderer.close()
    assert seen[-1][1] > seen[0][1] + 3
