from __future__ import annotations

from random import Random

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco

from renderers.annotations import annotate, frame_ids, mask, mask_box, trace_2d, visible_points
from renderers.camera import CameraView, Intrinsics, look_at, project
from renderers.frame import Frame
from renderers.masks import run_lengths
from renderers.normals import surface_normals
from renderers.scene import BodyKind, Poses, RenderBody, RenderScene
from renderers.silhouette import pixel_triangles, silhouette
from tests.renderers.raycast import cast, true_normals
from tests.renderers.shapes import at, body, front

Cluttered = tuple[RenderScene, Poses]


def picture(bodies: tuple[RenderBody, ...], poses: Poses, view: CameraView) -> Frame:
    ids, depth = cast(bodies, poses, view)
    return Frame(view, np.zeros((*ids.shape, 3), np.uint8), depth, ids)


def test_tight_boxes_are_those_of_pycocotools(frames: dict[str, Frame], cluttered: Cluttered) -> None:
    frame = frames["filament"]
    for seen in annotate(frame, *cluttered).bodies:
        x, y, w, h = coco.toBbox(coco.encode(np.asfortranarray(mask(frame, seen.instance_id).astype(np.uint8))))
        assert seen.box == (x, y, x + w, y + h)


@given(st.integers(1, 12), st.integers(1, 12), st.randoms(use_true_random=False), st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_masks_are_written_as_pycocotools_writes_them(height: int, width: int, random: Random, share: float) -> None:
    pixels = np.array([[random.random() < share for _ in range(width)] for _ in range(height)], bool)
    expected = coco.encode(np.asfortranarray(pixels.astype(np.uint8)))
    assert run_lengths(pixels) == {"size": expected["size"], "counts": expected["counts"].decode()}


def test_masks_of_a_picture_are_read_back_by_pycocotools(frames: dict[str, Frame]) -> None:
    frame = frames["filament"]
    for number in np.unique(frame_ids(frame)):
        seen = mask(frame, int(number))
        np.testing.assert_array_equal(coco.decode(run_lengths(seen)).astype(bool), seen)


def test_normals_are_those_of_the_surface(cluttered: Cluttered) -> None:
    scene, poses = cluttered
    view = front()
    frame = picture(scene.bodies, poses, view)
    normals = surface_normals(frame)
    ids = frame_ids(frame)
    up_in_camera = view.T_world_camera[:3, :3].T @ [0.0, 0.0, 1.0]
    table = normals[ids == 1]
    assert np.nanpercentile(np.degrees(np.arccos(np.clip(table @ up_in_camera, -1, 1))), 99) < 1.0
    for number in range(3, 10):
        expected = true_normals(scene, poses, view)[ids == number]
        angle = np.degrees(np.arccos(np.clip((normals[ids == number] * expected).sum(-1), -1, 1)))
        assert np.nanmedian(angle) < 5.0
        assert np.isnan(angle).mean() < 0.05
    assert np.isnan(normals[np.isinf(frame.depth)]).all()


def test_whole_boxes_hold_the_visible_ones_and_match_the_body_drawn_alone(
    frames: dict[str, Frame], cluttered: Cluttered
) -> None:
    frame, (scene, poses) = frames["filament"], cluttered
    by_name = {body.name: body for body in scene.bodies}
    for seen in annotate(frame, scene, poses).bodies:
        alone = mask_box(picture((by_name[seen.name],), poses, frame.view).ids == seen.instance_id)
        np.testing.assert_allclose(seen.amodal_box, alone, atol=1.01)
        assert seen.box[0] >= seen.amodal_box[0] - 0.51
        assert seen.box[3] <= seen.amodal_box[3] + 0.51


def test_visible_fraction_is_that_of_counting_pixels(frames: dict[str, Frame], cluttered: Cluttered) -> None:
    frame, (scene, poses) = frames["filament"], cluttered
    fractions = []
    for seen, alone in zip(annotate(frame, scene, poses).bodies, scene.bodies[1:], strict=True):
        whole = (picture((alone,), poses, frame.view).ids == seen.instance_id).sum()
        assert seen.visible_pixels == mask(frame, seen.instance_id).sum()
        assert seen.visible_fraction == pytest.approx(seen.visible_pixels / whole, abs=0.02)
        fractions.append(seen.visible_fraction)
    assert min(fractions) < 0.9
    assert max(fractions) == 1.0


def test_a_hidden_body_has_no_box_but_a_whole_one() -> None:
    plate, ball = trimesh.creation.box((0.01, 0.6, 0.6)), trimesh.creation.icosphere(3, radius=0.03)
    bodies = (body("plate", 3, plate), body("ball", 4, ball))
    poses = {"plate": at(0.3, 0, 0.1), "ball": at(0.6, -0.1, 0.03)}
    hidden = annotate(picture(bodies, poses, front()), RenderScene(bodies), poses)["ball"]
    assert hidden.box is None
    assert hidden.visible_pixels == hidden.visible_fraction == 0
    assert hidden.amodal_box is not None


def test_only_things_are_annotated() -> None:
    ball = trimesh.creation.icosphere(2, radius=0.03)
    kinds: tuple[BodyKind, ...] = ("table", "robot", "container", "object")
    bodies = tuple(body(kind, i + 1, ball, kind=kind) for i, kind in enumerate(kinds))
    poses = {kind: at(0.4, 0.1 * i, 0.1) for i, kind in enumerate(kinds)}
    frame = picture(bodies, poses, front())
    assert [seen.name for seen in annotate(frame, RenderScene(bodies), poses).bodies] == ["container", "object"]


def test_a_body_around_the_camera_is_cut_at_the_camera() -> None:
    """A floor reaches behind the camera; its box ends at the picture's edge and its horizon is right."""
    floor = body("floor", 3, trimesh.creation.box((20.0, 20.0, 0.02)))
    view = CameraView(
        "low", 200, 100, Intrinsics.of_fov(200, 100, 0.9).matrix, look_at((0, 0, 0.5), (1.0, 0.0, 0.5)).matrix
    )
    poses = {"floor": at(0, 0, -0.01)}
    frame = picture((floor,), poses, view)
    seen = annotate(frame, RenderScene((floor,)), poses)["floor"]
    assert seen.visible_fraction == pytest.approx(1.0, abs=0.001)
    horizon = project((10.0, 0.0, 0.0), view)[0][1]
    np.testing.assert_allclose(seen.amodal_box, (0.0, horizon, 200.0, 100.0), atol=0.01)


@given(st.lists(st.tuples(*[st.floats(-20.0, 84.0)] * 6), min_size=1, max_size=6))
def test_silhouettes_hold_the_pixel_centres_that_are_in_a_triangle(triangles: list[tuple[float, ...]]) -> None:
    corners = np.array(triangles).reshape(-1, 3, 2)
    found = silhouette(corners, 64, 48)
    x, y = np.meshgrid(np.arange(64) + 0.5, np.arange(48) + 0.5)
    expected = np.zeros((48, 64), bool)
    on_edge = np.zeros((48, 64), bool)
    for a, b, c in corners:
        area = (b - a)[0] * (c - a)[1] - (b - a)[1] * (c - a)[0]
        on_edge |= np.min([distance_to_segment(x, y, *edge) for edge in ((a, b), (b, c), (c, a))], axis=0) < 1e-6
        if area == 0:
            continue
        u = ((x - a[0]) * (c - a)[1] - (y - a[1]) * (c - a)[0]) / area
        v = ((b - a)[0] * (y - a[1]) - (b - a)[1] * (x - a[0])) / area
        expected |= (u >= 0) & (v >= 0) & (u + v <= 1)
    # Rounding decides about centres that lie on an edge, and about nothing else.
    np.testing.assert_array_equal(found[~on_edge], expected[~on_edge])


def distance_to_segment(x: np.ndarray, y: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    along = end - start
    length = float(along @ along)
    share = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length, 0, 1) if length > 0 else 0.0
    return np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])


def test_triangles_behind_the_camera_are_nowhere() -> None:
    view = front()
    behind = np.array([[[0.0, 0.0, -1.0], [1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]])
    assert pixel_triangles(behind, view).shape == (0, 3, 2)
    assert not silhouette(np.zeros((0, 3, 2)), 8, 8).any()


def test_points_lie_on_the_body_away_from_its_outline(frames: dict[str, Frame]) -> None:
    ids = frame_ids(frames["filament"])
    points = visible_points(ids, 3, 200, np.random.default_rng(0))
    columns, rows = (points - 0.5).astype(int).T
    assert (ids[rows, columns] == 3).all()
    inner = ids == 3
    inner[1:-1, 1:-1] &= (ids[:-2, 1:-1] == 3) & (ids[2:, 1:-1] == 3) & (ids[1:-1, :-2] == 3) & (ids[1:-1, 2:] == 3)
    assert inner[rows, columns].mean() > inner.sum() / (ids == 3).sum()
    with pytest.raises(ValueError, match="no pixel of instance 99"):
        visible_points(ids, 99, 1, np.random.default_rng(0))


def test_a_trace_is_evenly_spaced_from_start_to_end() -> None:
    view = front()
    path = np.array([(0.4, 0.1, 0.1), (0.41, 0.1, 0.1), (0.6, 0.1, 0.2), (0.6, -0.1, 0.1)])
    trace = trace_2d(path, view, 9)
    ends = project(path[[0, -1]], view)[0]
    np.testing.assert_allclose(trace[[0, -1]], ends, atol=1e-6)
    steps = np.linalg.norm(np.diff(trace, axis=0), axis=1)
    # Chords that cut a corner are shorter; those along the straights are all alike.
    assert np.median(steps) == pytest.approx(steps.max(), rel=1e-3)


def test_a_trace_ends_where_the_path_leaves_the_picture() -> None:
    view = front()
    leaving = np.array([(0.5, 0.0, 0.1), (0.5, 2.0, 0.1), (0.5, 0.0, 0.1)])
    trace = trace_2d(leaving, view, 5)
    assert trace[-1][0] == pytest.approx(0.0, abs=1e-6)
    assert (trace >= -1e-6).all()
    entering = trace_2d(leaving[1:], view, 5)
    np.testing.assert_allclose(entering, trace[::-1], atol=1e-6)


def test_a_path_behind_the_camera_has_no_trace_and_one_that_passes_it_is_cut() -> None:
    view = front()
    eye, forward = view.T_world_camera[:3, 3], view.T_world_camera[:3, 2]
    assert trace_2d(np.array([eye - forward, eye - 2 * forward]), view, 4).shape == (0, 2)
    through = trace_2d(np.array([eye + forward + 0.1, eye - forward]), view, 4)
    assert len(through) == 4
    assert ((through >= -1e-6) & (through <= 224 + 1e-6)).all()


def test_a_point_that_stands_still_has_a_trace_of_equal_points() -> None:
    trace = trace_2d(np.array([(0.5, 0.0, 0.1)] * 3), front(), 4)
    np.testing.assert_allclose(trace, np.repeat(project([(0.5, 0.0, 0.1)], front())[0], 4, axis=0))
