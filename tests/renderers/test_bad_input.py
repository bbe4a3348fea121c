"""Scenes and views that nobody means to make: pictures without a crash, annotations that say what is not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import trimesh

from renderers.annotations import annotate
from renderers.backends import open_renderer
from renderers.camera import CameraView, Intrinsics, look_at
from renderers.frame import Renderer
from renderers.scene import RenderBody, RenderScene
from tests.renderers.shapes import at, clutter, front, part, plain_look, table

SIZE = 96


@pytest.fixture(scope="module", params=["filament", "classic"])
def renderer(request: pytest.FixtureRequest) -> Iterator[Renderer]:
    backend = open_renderer(request.param, width=SIZE, height=SIZE)
    yield backend
    backend.close()


def view(eye: tuple[float, float, float], target: tuple[float, float, float]) -> CameraView:
    intrinsics = Intrinsics.of_fov(SIZE, SIZE, 0.7)
    return CameraView("front", SIZE, SIZE, intrinsics.matrix, look_at(eye, target).matrix)


def test_faces_without_area_and_parts_without_faces_are_not_drawn(renderer: Renderer) -> None:
    box = part(trimesh.creation.box((0.1, 0.1, 0.1)))
    line = np.tile(np.array([[0, 1, 1]], np.int32), (4, 1))
    faces = {"half": np.concatenate([box.faces, line]), "flat": line, "none": line[:0]}
    bodies = (
        RenderBody(name, "object", number, (replace(box, faces=each),))
        for number, (name, each) in enumerate(faces.items(), 3)
    )
    scene = RenderScene((table(), *bodies))
    poses = {"table": np.eye(4), "half": at(0.5, 0.1, 0.05), "flat": at(0.5, -0.1, 0.05), "none": at(0.6, 0.0, 0.05)}
    renderer.open(scene, plain_look())
    frame = renderer.draw(poses, front(SIZE, SIZE), depth=True, ids=True)
    notes = annotate(frame, scene, poses)
    assert notes["half"].visible_fraction > 0.9
    assert notes["flat"].box is None
    assert notes["none"].box is None
    assert frame.ids is not None
    assert set(np.unique(frame.ids)) == {0, 1, 3}


def test_a_camera_inside_a_thing_sees_no_whole_thing(renderer: Renderer) -> None:
    scene, poses = clutter()
    inside = {**poses, "thing0": at(0.0, 0.0, 0.5)}
    renderer.open(scene, plain_look())
    frame = renderer.draw(inside, view((0.0, 0.0, 0.5), (0.5, 0.0, 0.1)), depth=True, ids=True)
    notes = annotate(frame, scene, inside)
    assert frame.depth is not None
    assert not np.isnan(frame.depth).any()
    assert all(0.0 <= note.visible_fraction <= 1.0 for note in notes.bodies)


def test_where_nothing_is_visible_nothing_is_said_to_be(renderer: Renderer) -> None:
    scene, poses = clutter()
    renderer.open(scene, plain_look())
    away = view((-0.5, 0.0, 0.6), (-2.0, 0.0, 1.4))
    notes = annotate(renderer.draw(poses, away, depth=True, ids=True), scene, poses)
    assert all(note.box is None and note.amodal_box is None and note.visible_pixels == 0 for note in notes.bodies)
