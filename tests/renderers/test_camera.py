from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_index.transforms import Pose
from renderers.camera import CameraSpec, CameraView, Intrinsics, camera_view, look_at, project
from renderers.camera_presets import front_camera, wrist_camera
from tests.renderers.shapes import plain_look

coordinate = st.floats(-1.0, 1.0)
WORKSPACE = np.array([(x, y, z) for x in (0.28, 0.78) for y in (-0.42, 0.42) for z in (0.0, 0.15)])


@given(coordinate, coordinate, st.floats(0.05, 5.0))
def test_projection_is_undone_by_the_pixels_ray(x: float, y: float, depth: float) -> None:
    view = CameraView(
        "any", 320, 240, Intrinsics.of_fov(320, 240, 0.9).matrix, look_at((0.3, -1.0, 0.7), (0.5, 0.2, 0.0)).matrix
    )
    local = np.array([x, y, depth])
    world = view.T_world_camera[:3, :3] @ local + view.T_world_camera[:3, 3]
    pixel, found = project(world, view)
    assert found == pytest.approx(depth)
    np.testing.assert_allclose(np.linalg.inv(view.K) @ [*pixel, 1.0] * found, local, atol=1e-9)


@given(st.tuples(coordinate, coordinate, st.floats(0.2, 1.0)))
def test_what_is_looked_at_is_in_the_middle_and_up_is_up(eye: tuple[float, float, float]) -> None:
    view = CameraView("any", 100, 60, Intrinsics.of_fov(100, 60, 0.9).matrix, look_at(eye, (1.5, 1.5, 0.0)).matrix)
    middle, _ = project((1.5, 1.5, 0.0), view)
    above, _ = project((1.5, 1.5, 0.01), view)
    np.testing.assert_allclose(middle, [50.0, 30.0], atol=1e-6)
    assert above[1] < middle[1]
    assert above[0] == pytest.approx(middle[0], abs=1e-6)


@pytest.mark.parametrize("spec", [front_camera(), wrist_camera()], ids=lambda spec: spec.name)
def test_presets_are_rigid_and_right_handed(spec: CameraSpec) -> None:
    rotation = spec.pose.matrix[:3, :3]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


def test_the_front_camera_sees_the_whole_workspace_with_left_to_the_left() -> None:
    view = camera_view(front_camera(), plain_look(), np.eye(4))
    pixels, depth = project(WORKSPACE, view)
    assert (pixels >= 0).all()
    assert (pixels <= 224).all()
    assert (depth > 0).all()
    for x in (0.3, 0.5, 0.7):
        left, right = project([(x, 0.1, 0.0), (x, -0.1, 0.0)], view)[0]
        assert left[0] < right[0] - 20


def test_the_wrist_camera_looks_down_at_what_the_fingers_hold() -> None:
    T_world_hand = np.diag([1.0, -1.0, -1.0, 1.0])
    T_world_hand[:3, 3] = 0.5, 0.0, 0.3
    view = camera_view(wrist_camera(), plain_look(), T_world_hand)
    held = T_world_hand @ [0.0, 0.0, 0.1034, 1.0]
    (x, y), _ = project(held[:3], view)
    assert x == pytest.approx(112.0, abs=1e-6)
    assert 112 < y < 224
    left, right = project([(0.5, 0.05, 0.1), (0.5, -0.05, 0.1)], view)[0]
    assert left[0] < right[0]


def test_a_look_moves_cameras_in_their_mounts_frame() -> None:
    T_world_hand = np.eye(4)
    T_world_hand[:3, 3] = 0.1, 0.2, 0.3
    look = plain_look(cameras={"wrist": Pose(position=(0.0, 0.0, 1.0)), "front": Pose(position=(1.0, 0.0, 0.0))})
    wrist, front = (camera_view(spec, look, T_world_hand) for spec in (wrist_camera(), front_camera()))
    np.testing.assert_allclose(wrist.T_world_camera[:3, 3], [0.1, 0.2, 1.3])
    np.testing.assert_allclose(front.T_world_camera[:3, 3], [1.0, 0.0, 0.0])


@given(st.integers(40, 500), st.integers(40, 500))
def test_a_resized_camera_shows_the_middle_of_the_same_picture(width: int, height: int) -> None:
    lens = Intrinsics(width=640, height=480, fx=610.0, fy=605.0, cx=322.0, cy=236.0)
    small = lens.resized(width, height)
    scale = max(width / 640, height / 480)
    rays = np.array([(-0.1, 0.05, 1.0), (0.2, -0.1, 1.0), (0.0, 0.0, 1.0)])
    before, after = ((rays @ each.matrix.T)[:, :2] for each in (lens, small))
    np.testing.assert_allclose(after - [width / 2, height / 2], scale * (before - [320, 240]), atol=1e-9)
