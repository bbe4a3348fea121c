"""Pictures through lenses with distortion: OpenCV's model, and what is drawn is where it is projected."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from assets_index.transforms import apply
from renderers.annotations import trace_2d
from renderers.camera import CameraView, project
from renderers.distortion import ideal_view
from renderers.frame import Renderer
from renderers.lens import Distortion, distorted, undistorted
from renderers.scene import RenderScene
from tests.renderers.shapes import at, body, front, plain_look, table

BARREL: Distortion = (-0.28, 0.09, 0.001, -0.0015, -0.01)
PINCUSHION: Distortion = (0.12, 0.02, -0.001, 0.001, 0.0)

coefficients = st.tuples(
    st.floats(-0.3, 0.3), st.floats(-0.05, 0.1), st.floats(-0.003, 0.003), st.floats(-0.003, 0.003), st.just(0.0)
)


def through(distortion: Distortion, fov: float = 1.1) -> CameraView:
    focal = 112 / np.tan(fov / 2)
    K = np.array([[focal, 0.0, 108.0], [0.0, focal, 117.0], [0.0, 0.0, 1.0]])
    return CameraView("front", 224, 224, K, front().T_world_camera, distortion)


@given(coefficients, st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)))
def test_distortion_is_that_of_opencv_and_can_be_undone(distortion: Distortion, point: tuple[float, float]) -> None:
    points = np.array([point])
    ours = distorted(points, distortion, reach=1.0)
    theirs, _ = cv2.projectPoints(
        np.array([[*point, 1.0]]), np.zeros(3), np.zeros(3), np.eye(3), np.array(distortion, float)
    )
    np.testing.assert_allclose(ours, theirs[0], atol=1e-12)
    np.testing.assert_allclose(undistorted(ours, distortion), points, atol=1e-7)


@pytest.mark.parametrize("distortion", [BARREL, PINCUSHION], ids=["barrel", "pincushion"])
def test_the_ideal_picture_covers_what_the_lens_sees(distortion: Distortion) -> None:
    view = through(distortion)
    corners = np.array([(x, y) for x in (0.0, 112.0, 224.0) for y in (0.0, 112.0, 224.0)])
    ideal = ideal_view(view)
    pixels = ideal.pixels(view.rays(corners))
    assert (pixels >= 0).all()
    assert (pixels <= [ideal.width, ideal.height]).all()


@pytest.mark.parametrize("distortion", [BARREL, PINCUSHION], ids=["barrel", "pincushion"])
def test_small_things_appear_where_they_project(quick_renderer: Renderer, distortion: Distortion) -> None:
    view = through(distortion)
    grid = np.array([(x, y) for x in (20.0, 85.0, 150.0, 205.0) for y in (25.0, 110.0, 200.0)])
    places = apply(view.T_world_camera, 0.8 * view.rays(grid))
    ball = trimesh.creation.icosphere(3, radius=0.012)
    quick_renderer.open(RenderScene(tuple(body(f"ball{i}", 10 + i, ball) for i in range(len(places)))), plain_look())
    pixels, _ = project(places, view)
    np.testing.assert_allclose(pixels, grid, atol=1e-6)
    plain, _ = project(places, through((0.0,) * 5))
    assert np.linalg.norm(pixels - plain, axis=1).max() > 3.0, "the lens bends something"
    for i, place in enumerate(places):
        apart = {f"ball{j}": at(*place) if j == i else at(0, 0, -50) for j in range(len(places))}
        frame = quick_renderer.draw(apart, view, depth=True, ids=True)
        assert frame.view is view
        rows, columns = np.nonzero(frame.ids == 10 + i)
        found = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
        assert np.linalg.norm(found - pixels[i]) < 0.5
        assert (frame.depth[rows, columns] < 2.0).all()


def test_colours_and_ids_agree(renderer: Renderer) -> None:
    ball = trimesh.creation.icosphere(3, radius=0.02)
    renderer.open(RenderScene((table(), body("ball", 7, ball, (1.0, 0.0, 0.0)))), plain_look())
    frame = renderer.draw({"table": np.eye(4), "ball": at(0.6, -0.2, 0.02)}, through(BARREL), ids=True)
    rgb = frame.rgb.astype(int)
    red = (rgb[..., 0] > 2 * rgb[..., 1]) & (rgb[..., 0] > 2 * rgb[..., 2]) & (rgb[..., 0] > 60)
    assert np.linalg.norm(np.argwhere(red).mean(0) - np.argwhere(frame.ids == 7).mean(0)) < 1.0


def test_a_path_ends_where_it_leaves_the_bent_picture() -> None:
    view = through(BARREL)
    path = np.linspace([0.5, 0.0, 0.1], [0.5, 3.0, 0.1], 20)
    trace = trace_2d(path, view, 8)
    assert ((trace >= 0) & (trace <= 224)).all()
    assert trace[:, 0].min() < 6.0, "it goes to the left border"
    straight = project(path[:2], view)[0][0]
    np.testing.assert_allclose(trace[0], straight, atol=1e-6)
