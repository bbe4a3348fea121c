from itertools import pairwise

import numpy as np
import pytest
import shapely
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.asset import Material, VisualPart
from assets_index.mass import mass_properties
from assets_index.procedural.collision import box_hull, round_wall, wall_hulls
from assets_index.procedural.surface import (
    Patch,
    at_height,
    box,
    ellipsoid,
    extrude,
    join,
    revolve,
    rounded_rectangle,
    sweep,
    visual_part,
)

PLAIN = Material(name="plain")


def closed(part: VisualPart) -> trimesh.Trimesh:
    mesh = trimesh.Trimesh(np.round(part.vertices, 6), part.faces)
    mesh.merge_vertices(merge_tex=True, merge_norm=True)
    return mesh


def wrench_like() -> shapely.Polygon:
    bar = shapely.box(-0.1, -0.02, 0.1, 0.02)
    return bar.difference(shapely.box(0.06, -0.01, 0.2, 0.01)).difference(shapely.Point(-0.08, 0).buffer(0.01))


@pytest.mark.parametrize(
    ("patch", "volume"),
    [
        (join(box((0.1, 0.06, 0.04), 0.0)), 0.1 * 0.06 * 0.04),
        (ellipsoid((0.03, 0.02, 0.01), 64, 48), 4 / 3 * np.pi * 0.03 * 0.02 * 0.01),
        (revolve([(0.0, 0.0), (0.02, 0.0), (0.02, 0.05), (0.0, 0.05)], 128), np.pi * 0.02**2 * 0.05),
        (sweep([(0, 0, 0), (0.05, 0, 0), (0.1, 0, 0)], np.full(3, 0.01), 96), np.pi * 0.01**2 * 0.1),
        (extrude(wrench_like(), 0.0, 0.01), wrench_like().area * 0.01),
    ],
    ids=["box", "ellipsoid", "revolve", "sweep", "extrude"],
)
def test_surfaces_are_closed_and_face_outwards(patch: Patch, volume: float) -> None:
    mesh = closed(visual_part(patch, PLAIN))
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume == pytest.approx(volume, rel=0.01)


@settings(max_examples=25)
@given(st.floats(0.001, 0.02))
def test_a_rounded_box_stays_inside_its_size_and_is_closed(bevel: float) -> None:
    mesh = closed(visual_part(box((0.1, 0.06, 0.05), bevel), PLAIN))
    assert mesh.is_watertight
    np.testing.assert_allclose(mesh.extents, (0.1, 0.06, 0.05), atol=2e-6)
    assert 0.8 * 3e-4 < mesh.volume <= 3e-4


def test_normals_are_unit_and_follow_the_faces() -> None:
    for patch in (join(box((0.1, 0.06, 0.04), 0.004)), ellipsoid((0.03, 0.02, 0.01))):
        part = visual_part(patch, PLAIN)
        np.testing.assert_allclose(np.linalg.norm(part.normals, axis=-1), 1.0, atol=1e-6)
        corners = part.vertices[part.faces]
        face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        assert (np.einsum("fd,fcd->fc", face, part.normals[part.faces]) > 0).all()


def test_sharp_edges_stay_sharp_and_round_ones_round() -> None:
    cube = visual_part(box((1, 1, 1)), PLAIN)
    assert {tuple(np.abs(normal).round(6)) for normal in cube.normals} == {(1, 0, 0), (0, 1, 0), (0, 0, 1)}
    ball = visual_part(ellipsoid((1, 1, 1), 32, 24), PLAIN)
    np.testing.assert_allclose(ball.normals, ball.vertices, atol=0.05)


@settings(max_examples=25)
@given(st.floats(0.02, 0.1), st.floats(0.002, 0.01))
def test_a_ring_of_wedges_has_the_volume_of_its_wall(radius: float, wall: float) -> None:
    wedges = round_wall([(radius, 0.0), (radius, 0.05)], [(radius - wall, 0.0), (radius - wall, 0.05)], 16)
    sector = 0.5 * np.sin(np.pi / 8) * 16
    total = mass_properties(wedges, 1.0).mass
    assert total == pytest.approx(sector * (radius**2 - (radius - wall) ** 2) * 0.05, rel=1e-3)


def test_wedges_share_their_sides() -> None:
    outer = [at_height(rounded_rectangle(0.1, 0.08, 0.02, 3), z) for z in (0.0, 0.05)]
    inner = [at_height(rounded_rectangle(0.09, 0.07, 0.01, 3), z) for z in (0.0, 0.05)]
    wedges = wall_hulls(outer, inner)
    for wedge, following in pairwise(wedges):
        shared = {tuple(point) for point in wedge.round(9)} & {tuple(point) for point in following.round(9)}
        assert len(shared) == 4


def test_a_box_hull_is_its_corners() -> None:
    np.testing.assert_allclose(np.ptp(box_hull((0.1, 0.2, 0.3), (1, 2, 3)), axis=0), (0.1, 0.2, 0.3))
