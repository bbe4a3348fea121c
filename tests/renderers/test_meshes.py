from __future__ import annotations

import numpy as np
import pytest
import trimesh

from assets_index.decimation import decimated
from assets_index.robots import robot
from assets_index.textures import texture
from assets_index.transforms import apply
from renderers.camera import CameraView, Intrinsics, look_at
from renderers.drawables import FLOOR, drawables
from renderers.look import Finish, SurfaceLook
from renderers.meshes import weld, with_normals
from renderers.robot_bodies import robot_bodies
from renderers.scene import Poses, RenderBody, RenderScene
from renderers.silhouette import pixel_triangles, silhouette
from tests.renderers.shapes import plain_look, table


def test_edges_of_a_box_are_sharp_and_a_sphere_is_smooth() -> None:
    box, ball = trimesh.creation.box((1, 1, 1)), trimesh.creation.icosphere(3)
    sharp = with_normals(*weld(box.vertices, box.faces))
    assert len(sharp.vertices) == 24
    np.testing.assert_allclose(np.sort(np.abs(sharp.normals), axis=1), np.tile([0, 0, 1], (24, 1)), atol=1e-6)
    smooth = with_normals(*weld(ball.vertices, ball.faces))
    assert len(smooth.vertices) == len(ball.vertices)
    np.testing.assert_allclose(smooth.normals, smooth.vertices, atol=0.02)


def test_normals_face_outwards_and_faces_keep_their_turn() -> None:
    torus = trimesh.creation.torus(1.0, 0.3, 40, 20)
    mesh = with_normals(*decimated(*weld(torus.vertices, torus.faces), len(torus.faces) // 2))
    corners = mesh.vertices[mesh.faces]
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ikj->ik", face_normals, mesh.normals[mesh.faces]) > 0).all()
    assert trimesh.Trimesh(mesh.vertices, mesh.faces, process=True).volume == pytest.approx(torus.volume, rel=0.02)


def test_welding_drops_what_collapses() -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1e-9]])
    welded, faces = weld(vertices, np.array([[0, 1, 2], [0, 1, 3]]))
    assert len(welded) == 3
    assert len(faces) == 1


def outline(bodies: tuple[RenderBody, ...]) -> np.ndarray:
    view = CameraView(
        "close", 224, 224, Intrinsics.of_fov(224, 224, 0.8).matrix, look_at((0.6, 0.4, 0.4), (0.0, 0.0, 0.0)).matrix
    )
    moved = [
        apply(np.linalg.inv(view.T_world_camera), part.vertices)[part.faces] for body in bodies for part in body.parts
    ]
    return silhouette(pixel_triangles(np.concatenate(moved), view), view.width, view.height)


def test_decimated_links_look_like_the_whole_ones() -> None:
    """Each link alone, close to the camera: no outline moves by more than a sliver."""
    whole, few = robot_bodies(robot(), 2, 1.0), robot_bodies(robot(), 2)
    assert [body.name for body in whole] == [body.name for body in few]
    assert {body.instance_id for body in few} == {2}
    faces = [sum(len(part.faces) for body in bodies for part in body.parts) for bodies in (whole, few)]
    assert faces[1] < 0.1 * faces[0]
    for body, reduced in zip(whole, few, strict=True):
        full, less = outline((body,)), outline((reduced,))
        assert (full & less).sum() / (full | less).sum() > 0.96


def test_the_robot_has_the_colours_of_its_model() -> None:
    colors = {
        tuple(round(c, 2) for c in part.material.color) for body in robot_bodies(robot(), 2) for part in body.parts
    }
    assert {(1.0, 1.0, 1.0), (0.25, 0.25, 0.25)} <= colors


def test_links_come_from_the_cache_the_second_time(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAENGINE_CACHE", str(tmp_path))
    robot_bodies.cache_clear()
    first = robot_bodies(robot(), 2, 0.03)
    robot_bodies.cache_clear()
    second = robot_bodies(robot(), 2, 0.03)
    for a, b in zip(first, second, strict=True):
        for p, q in zip(a.parts, b.parts, strict=True):
            np.testing.assert_array_equal(p.vertices, q.vertices)
            np.testing.assert_array_equal(p.faces, q.faces)


def test_a_table_top_is_covered_at_the_textures_real_size() -> None:
    look = plain_look(table=SurfaceLook(texture_id="wood-oak", scale=2.0, rotation=0.5))
    (top, floor) = drawables(RenderScene((table(),)), look)
    assert floor.body == FLOOR
    part = top.part
    up = part.normals[:, 2] > 0.9
    (a, b), (ua, ub) = part.vertices[up][:2], part.uv[up][:2]
    assert np.linalg.norm(ua - ub) == pytest.approx(
        np.linalg.norm(a - b) / (2.0 * texture("wood-oak").tile_size), rel=1e-5
    )
    assert part.albedo is texture("wood-oak").albedo


def test_a_finish_scales_roughness_only(cluttered: tuple[RenderScene, Poses]) -> None:
    look = plain_look(finishes={"thing0": Finish(roughness_scale=0.5)})
    by_body = {piece.body: piece for piece in drawables(cluttered[0], look)}
    assert by_body["thing0"].roughness == pytest.approx(0.3)
    assert by_body["thing1"].roughness == pytest.approx(0.6)
