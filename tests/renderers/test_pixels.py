"""What both backends draw is where it should be: ids, depth, points, textures, domes."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from assets_index.domes import dome
from assets_index.transforms import rotation_z
from renderers.camera import CameraView, Intrinsics, look_at, project
from renderers.environment import sample_equirectangular
from renderers.frame import Frame, Renderer
from renderers.look import DomeLook
from renderers.scene import Poses, RenderBody, RenderScene
from tests.renderers.opened import BACKENDS
from tests.renderers.raycast import cast
from tests.renderers.shapes import at, body, card, front, plain_look, table


def off_center() -> CameraView:
    """Unlike focal lengths and a principal point far from the middle."""
    K = np.array([[310.0, 0.0, 131.5], [0.0, 290.0, 84.25], [0.0, 0.0, 1.0]])
    return CameraView("front", 224, 224, K, front().T_world_camera)


@pytest.mark.parametrize("view", [front(), off_center()], ids=["centred", "off-centre"])
def test_small_things_appear_where_their_centres_project(quick_renderer: Renderer, view: CameraView) -> None:
    rng = np.random.default_rng(0)
    places = rng.uniform((0.3, -0.25, 0.0), (0.7, 0.25, 0.2), (12, 3))
    ball = trimesh.creation.icosphere(3, radius=0.012)
    scene = RenderScene(tuple(body(f"ball{i}", 10 + i, ball) for i in range(len(places))))
    quick_renderer.open(scene, plain_look())
    pixels, _ = project(places, view)
    for i, place in enumerate(places):
        apart = {f"ball{j}": at(*place) if j == i else at(0, 0, -50) for j in range(len(places))}
        frame = quick_renderer.draw(apart, view, ids=True)
        rows, columns = np.nonzero(frame.ids == 10 + i)
        found = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
        assert np.linalg.norm(found - pixels[i]) < 0.5


def test_bright_things_are_bright_where_their_ids_are(renderer: Renderer) -> None:
    """The three passes of a frame show one and the same moment from one and the same place."""
    ball = trimesh.creation.icosphere(3, radius=0.02)
    scene = RenderScene((table(), body("ball", 7, ball, (1.0, 0.0, 0.0))))
    renderer.open(scene, plain_look())
    for x, y in ((0.4, 0.2), (0.6, -0.2)):
        frame = renderer.draw({"table": np.eye(4), "ball": at(x, y, 0.02)}, front(), ids=True)
        rgb = frame.rgb.astype(int)
        red = (rgb[..., 0] > 2 * rgb[..., 1]) & (rgb[..., 0] > 2 * rgb[..., 2]) & (rgb[..., 0] > 60)
        shown, known = np.argwhere(red).mean(0), np.argwhere(frame.ids == 7).mean(0)
        assert np.linalg.norm(shown - known) < 1.0


def test_left_and_near_in_the_world_are_left_and_low_in_the_picture(renderer: Renderer) -> None:
    ball = trimesh.creation.icosphere(2, radius=0.03)
    names = {"left": (0.5, 0.2), "right": (0.5, -0.2), "near": (0.35, 0.0), "far": (0.7, 0.0)}
    scene = RenderScene((table(), *(body(name, 3 + i, ball) for i, name in enumerate(names))))
    renderer.open(scene, plain_look())
    poses = {"table": np.eye(4), **{name: at(x, y, 0.03) for name, (x, y) in names.items()}}
    ids = renderer.draw(poses, front(), ids=True).ids
    rows, columns = zip(*(np.argwhere(ids == 3 + i).mean(0) for i in range(4)), strict=True)
    assert columns[0] < columns[1]
    assert rows[2] > rows[3]


@pytest.mark.parametrize("backend", BACKENDS)
def test_ids_agree_with_ray_casting(
    backend: str, frames: dict[str, Frame], cluttered: tuple[RenderScene, Poses]
) -> None:
    scene, poses = cluttered
    frame = frames[backend]
    expected, _ = cast(scene.bodies, poses, frame.view)
    for number in np.unique(expected):
        ours, theirs = frame.ids == number, expected == number
        if theirs.sum() > 100:
            assert (ours & theirs).sum() / (ours | theirs).sum() >= 0.98


@pytest.mark.parametrize("backend", BACKENDS)
def test_depth_agrees_with_ray_casting(
    backend: str, frames: dict[str, Frame], cluttered: tuple[RenderScene, Poses]
) -> None:
    scene, poses = cluttered
    frame = frames[backend]
    ids, depth = cast(scene.bodies, poses, frame.view)
    same = (ids > 0) & (frame.ids == ids)
    error = np.abs(frame.depth[same] - depth[same])
    assert np.median(error) < 0.0005
    assert np.percentile(error, 99) < 0.005


def test_the_backends_agree(frames: dict[str, Frame]) -> None:
    ours, theirs = frames["filament"], frames["classic"]
    assert (ours.ids == theirs.ids).mean() > 0.999
    finite = np.isfinite(ours.depth) & np.isfinite(theirs.depth)
    assert np.percentile(np.abs(ours.depth[finite] - theirs.depth[finite]), 99) < 1e-4


def test_depth_of_a_plane_is_analytic_and_the_sky_is_infinitely_far(renderer: Renderer) -> None:
    renderer.open(RenderScene((table(),)), plain_look())
    view = CameraView(
        "up", 224, 224, Intrinsics.of_fov(224, 224, 0.9).matrix, look_at((-0.5, 0.0, 0.5), (3.0, 0.0, 0.3)).matrix
    )
    frame = renderer.draw({"table": np.eye(4)}, view, depth=True, ids=True)
    rows, columns = np.nonzero(frame.ids == 1)
    rays = np.linalg.inv(view.K) @ np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))])
    falling = (view.T_world_camera[:3, :3] @ rays)[2]
    expected = -view.T_world_camera[2, 3] / falling
    on_top = expected < 1.5
    assert on_top.sum() > 1000
    np.testing.assert_allclose(frame.depth[rows, columns][on_top], expected[on_top], atol=0.0005)
    assert np.isinf(frame.depth[0]).all()


def test_what_is_close_to_the_camera_is_drawn(renderer: Renderer) -> None:
    """The wrist camera is centimetres away from the fingers."""
    renderer.open(RenderScene((body("wall", 5, trimesh.creation.box((0.001, 0.2, 0.2))),)), plain_look())
    view = CameraView(
        "wrist", 224, 224, Intrinsics.of_fov(224, 224, 0.9).matrix, look_at((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)).matrix
    )
    frame = renderer.draw({"wall": at(0.0305, 0, 0)}, view, depth=True, ids=True)
    assert (frame.ids == 5).all()
    np.testing.assert_allclose(frame.depth, 0.03, atol=1e-4)


def test_a_texture_has_its_top_row_at_v_1(renderer: Renderer) -> None:
    albedo = np.full((64, 64, 3), 90, np.uint8)
    albedo[:32, :32] = (255, 0, 0)
    albedo[32:, 32:] = (0, 0, 255)
    scene = RenderScene((RenderBody("card", "object", 3, (card(albedo),)),))
    renderer.open(scene, plain_look())
    view = CameraView(
        "above",
        224,
        224,
        Intrinsics.of_fov(224, 224, 0.5).matrix,
        np.diag([1.0, -1.0, -1.0, 1.0]) + at(0, 0, 1) - np.eye(4),
    )
    rgb = renderer.draw({"card": np.eye(4)}, view).rgb.astype(int)
    pixels, _ = project([(-0.07, 0.07, 0), (0.07, 0.07, 0), (0.07, -0.07, 0), (-0.07, -0.07, 0)], view)
    colors = [rgb[int(y), int(x)] for x, y in pixels]
    assert colors[0][0] > 1.5 * colors[0][2]
    assert colors[2][2] > 1.5 * colors[2][0]
    for gray in (colors[1], colors[3]):
        assert gray.max() - gray.min() < 60


@pytest.mark.parametrize("turn", [0.0, 2.0])
def test_the_dome_is_behind_everything_and_turned_as_asked(renderer: Renderer, turn: float) -> None:
    renderer.open(RenderScene(()), plain_look(dome=DomeLook(dome_id="room-living", rotation=turn)))
    for azimuth in (0.3, 1.9, 3.5, 5.0):
        aim = (float(np.cos(azimuth)), float(np.sin(azimuth)), 0.45)
        view = CameraView(
            "out", 224, 224, Intrinsics.of_fov(224, 224, 0.8).matrix, look_at((0.0, 0.0, 0.0), aim).matrix
        )
        shown = renderer.draw({}, view).rgb.astype(float).mean(-1)
        columns, rows = np.meshgrid(np.arange(224) + 0.5, np.arange(224) + 0.5)
        rays = (
            np.stack([columns, rows, np.ones_like(rows)], -1) @ np.linalg.inv(view.K).T @ view.T_world_camera[:3, :3].T
        )
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        radiance = sample_equirectangular(dome("room-living").radiance, rays @ rotation_z(turn))
        expected = np.minimum(radiance.mean(-1), 3.0) ** 0.4
        assert correlation(shown, expected) > 0.75
        assert correlation(shown, expected) > correlation(shown, expected[:, ::-1])


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_a_scene_can_be_opened_after_another(renderer: Renderer) -> None:
    ball = trimesh.creation.icosphere(2, radius=0.05)
    for number in (3, 400):
        renderer.open(RenderScene((table(), body("ball", number, ball))), plain_look())
        ids = renderer.draw({"table": np.eye(4), "ball": at(0.5, 0, 0.05)}, front(), ids=True).ids
        assert set(np.unique(ids)) == {0, 1, number}
    renderer.close()
    renderer.close()
