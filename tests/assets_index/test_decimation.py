from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.asset import Material, VisualPart
from assets_index.decimation import decimated, deviation, reduced, reduced_parts
from assets_index.procedural.surface import Patch, visual_part
from tests.renderers.shapes import part


def ball(sections: int, radius: float = 0.05) -> VisualPart:
    """A sphere whose texture has a seam, as textures on things do."""
    sphere = trimesh.creation.uv_sphere(radius, count=(sections, sections))
    vertices = np.asarray(sphere.vertices)
    turn = np.arctan2(vertices[:, 1], vertices[:, 0]) / (2 * np.pi) + 0.5
    uv = np.stack([turn, 0.5 + vertices[:, 2] / (2 * radius)], 1)
    return visual_part(Patch(vertices, np.asarray(sphere.faces), uv), Material(name="ball"))


def test_open_borders_stay_where_they_are() -> None:
    """Of a flat ring, whose surface alone says nothing of where it ends."""
    radius, turn = np.meshgrid(np.linspace(0.5, 1.0, 17), np.linspace(0.0, 2 * np.pi, 64, endpoint=False))
    ring = np.stack([radius * np.cos(turn), radius * np.sin(turn), np.zeros_like(radius)], -1).reshape(-1, 3)
    here = (np.arange(64)[:, None] * 17 + np.arange(16)).ravel()
    there = (here + 17) % len(ring)
    faces = np.concatenate([np.stack([here, here + 1, there], 1), np.stack([here + 1, there + 1, there], 1)])
    vertices, triangles = decimated(ring, faces.astype(np.int32), len(faces) // 10)
    assert len(triangles) < 0.11 * len(faces)
    assert np.linalg.norm(vertices, axis=1).min() == pytest.approx(0.5, rel=0.01)
    assert trimesh.Trimesh(vertices, triangles).area == pytest.approx(trimesh.Trimesh(ring, faces).area, rel=0.01)


@settings(max_examples=8)
@given(sections=st.integers(30, 60), tolerance=st.floats(1e-4, 2e-3))
def test_reduced_surfaces_stay_within_the_tolerance(sections: int, tolerance: float) -> None:
    whole = ball(sections)
    small = reduced(whole, tolerance)
    assert len(small.faces) <= len(whole.faces)
    assert deviation((small.vertices, small.faces), (whole.vertices, whole.faces)) <= 1.01 * tolerance
    assert np.linalg.norm(small.normals, axis=1) == pytest.approx(1.0, abs=1e-3)


def test_normals_and_texture_coordinates_are_those_of_the_place() -> None:
    small = reduced(ball(60), 5e-4)
    assert len(small.faces) < 0.3 * len(ball(60).faces)
    outwards = small.vertices / np.linalg.norm(small.vertices, axis=1, keepdims=True)
    assert np.einsum("ij,ij->i", outwards, small.normals).min() > 0.98
    assert small.uv is not None
    np.testing.assert_allclose(small.uv[:, 1], 0.5 + small.vertices[:, 2] / 0.1, atol=0.03)


def test_normals_of_things_that_touch_are_those_of_their_own_surface() -> None:
    boards = [trimesh.creation.box((0.2, 0.2, 0.01)).subdivide_to_size(0.03) for _ in range(2)]
    boards[1].apply_translation((0.0, 0.0, 0.01))
    small = reduced(part(trimesh.util.concatenate(boards)), 5e-4)
    corners = small.vertices[small.faces].astype(float)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    assert np.einsum("fcd,fd->fc", small.normals[small.faces], across).min() > 0.5


def test_parts_are_kept_for_the_next_process(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAENGINE_CACHE", str(tmp_path))
    parts = (ball(40), ball(5))
    first, second = (reduced_parts("ball-1", parts, 1e-3) for _ in range(2))
    assert second[1] is parts[1]
    assert len(first[0].faces) < len(parts[0].faces)
    for name in ("vertices", "faces", "normals", "uv"):
        np.testing.assert_array_equal(getattr(first[0], name), getattr(second[0], name))
