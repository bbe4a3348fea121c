import os
import subprocess
import sys

import cv2
import mujoco
import numpy as np
import pytest
import trimesh

from assets_index.builder import BuiltAsset
from assets_index.procedural.library import build
from assets_index.words import COLORS, MATERIALS, SHAPES, SIZE_LIMITS, SIZES, color_word
from tests.assets_index.library import CARRIERS, CATEGORIES, CONTAINERS, OBJECTS, TABLES, THINGS, on_the_ground

MAX_OPENING = 0.07


def surface_samples(thing: BuiltAsset, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Random points on the visible surface and their sRGB colour in 0..1, by trimesh."""
    meshes = [trimesh.Trimesh(part.vertices, part.faces, process=False) for part in thing.parts]
    share = np.array([mesh.area for mesh in meshes]) / sum(mesh.area for mesh in meshes)
    points, colors = [], []
    for part, mesh, amount in zip(thing.parts, meshes, share, strict=True):
        found, face = trimesh.sample.sample_surface(mesh, max(8, int(count * amount)), seed=0)
        color = np.broadcast_to(np.array(part.material.color), (len(found), 3))
        if part.albedo is not None:
            weights = trimesh.triangles.points_to_barycentric(mesh.triangles[face], found)
            u, v = np.einsum("nc,ncd->dn", weights, part.uv[part.faces[face]]) % 1.0
            height, width = part.albedo.shape[:2]
            texel = part.albedo[((1 - v) * height).astype(int) % height, (u * width).astype(int) % width]
            color = color * texel / 255
        points.append(found)
        colors.append(color)
    return np.concatenate(points), np.concatenate(colors)


def test_the_library_is_as_wide_as_promised() -> None:
    assert len(OBJECTS) >= 16
    assert len(CONTAINERS) >= 6
    assert len(TABLES) >= 4
    assert len({THINGS[category][0].asset.group for category in OBJECTS}) >= 6


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_thing_is_light_enough_to_draw_and_simulate(category: str) -> None:
    for asset, parts, hulls in THINGS[category]:
        assert sum(len(part.faces) for part in parts) <= 4000
        assert len(hulls) <= 49
        assert max(len(hull) for hull in hulls) <= 48
        assert len(asset.captions) >= 3
        assert len(set(asset.captions)) == len(asset.captions)
        for part in parts:
            assert part.uv is not None
            assert np.isfinite(part.uv).all()
            assert part.albedo is None or part.albedo.dtype == np.uint8
            assert 0 <= part.material.roughness <= 1


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_asset_frame_is_as_agreed(category: str) -> None:
    for asset, parts, hulls in THINGS[category]:
        vertices = np.concatenate(hulls)
        lower, upper = vertices.min(0), vertices.max(0)
        np.testing.assert_allclose(lower[2], 0.0, atol=2e-6)
        np.testing.assert_allclose(lower[:2], -upper[:2], atol=2e-6)
        np.testing.assert_allclose(asset.extents, upper - lower, atol=2e-6)
        visible = np.concatenate([part.vertices for part in parts])
        assert visible[:, 2].min() > -0.0035
        assert (np.abs(visible[:, :2]).max(0) < upper[:2] + 0.0125).all()
        assert asset.upright_pose.upright
        assert asset.upright_pose.height == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("category", OBJECTS)
def test_an_object_can_be_grasped_from_above(category: str) -> None:
    for asset, _, hulls in THINGS[category]:
        outline = np.concatenate(hulls)[:, :2]
        angles = np.linspace(0, np.pi, 36, endpoint=False)
        widths = np.ptp(outline @ np.stack([np.cos(angles), np.sin(angles)]), axis=0)
        assert widths.min() <= MAX_OPENING
        assert asset.extents[2] >= 0.0145
        assert 0.019 <= asset.mass <= 0.6


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_words_are_true(category: str) -> None:
    for thing in THINGS[category]:
        asset, attributes = thing.asset, thing.asset.attributes
        points, colors = surface_samples(thing)
        if attributes.color:
            assert attributes.color in COLORS
            assert color_word(colors.mean(0)) == attributes.color
        assert attributes.material is None or attributes.material in MATERIALS
        assert attributes.size in SIZES
        small, large = SIZE_LIMITS[asset.role]
        assert (attributes.size == "small") == (max(asset.extents) < small)
        assert (attributes.size == "large") == (max(asset.extents) >= large)
        if attributes.shape:
            assert attributes.shape in SHAPES
            assert asset.role != "object" or shape_is_true(attributes.shape, points)


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_renderer_takes_every_part(category: str) -> None:
    for thing in THINGS[category]:
        spec = mujoco.MjSpec()
        for number, part in enumerate(thing.parts):
            spec.add_mesh(
                name=f"part{number}",
                uservert=part.vertices.ravel(),
                userface=part.faces.ravel(),
                usernormal=part.normals.ravel(),
                usertexcoord=part.uv.ravel(),
                inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
            )
            spec.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_MESH, meshname=f"part{number}")
        assert spec.compile().nmesh == len(thing.parts)


def shape_is_true(word: str, points: np.ndarray) -> bool:
    """Whether the word fits what OpenCV's fitted circles and rectangles say of the visible surface."""
    extents = np.sort(np.ptp(points, axis=0))
    if word == "flat":
        return bool(extents[0] < 0.4 * extents[1])
    if word == "elongated":
        return bool(extents[2] > 2 * extents[1])
    fills = []
    for axis in range(3):
        outline = cv2.convexHull(np.delete(points, axis, axis=1).astype(np.float32) * 1000)
        area = cv2.contourArea(outline)
        circle = np.pi * cv2.minEnclosingCircle(outline)[1] ** 2
        fills.append((area / circle, area / np.prod(cv2.minAreaRect(outline)[1])))
    circles, rectangles = np.array(fills).T
    if word == "round":
        return bool(circles.min() > 0.75 and extents[2] < 1.45 * extents[0])
    if word == "cylindrical":
        return bool(circles.max() > 0.93 and np.sort(rectangles)[1] > 0.9)
    return bool(rectangles.min() > 0.9)


def test_most_things_have_a_color() -> None:
    known = [thing.asset.attributes.color is not None for category in OBJECTS for thing in THINGS[category]]
    assert np.mean(known) > 0.85


@pytest.mark.parametrize("category", OBJECTS)
def test_it_stays_upright_where_it_is_put(category: str) -> None:
    for thing in THINGS[category]:
        model = on_the_ground(thing, free=True).compile()
        data = mujoco.MjData(model)
        pose = thing.asset.upright_pose
        data.qpos[:7] = [0, 0, pose.height + 0.001, *pose.quaternion]
        mujoco.mj_step(model, data, nstep=400)
        assert data.body("thing").xmat.reshape(3, 3)[2, 2] > np.cos(np.radians(4))
        assert np.linalg.norm(data.qpos[:2]) < 0.006
        assert np.abs(data.qvel).max() < 1e-3


@pytest.mark.parametrize("category", CARRIERS)
def test_a_thing_put_on_its_support_surface_stays_there(category: str) -> None:
    for thing in THINGS[category]:
        surface = thing.asset.support
        assert surface is not None
        assert thing.asset.extents[2] - 2e-6 <= surface.height <= thing.asset.extents[2] + 2e-6
        spec = on_the_ground(thing, free=True)
        guest = spec.worldbody.add_body(name="guest")
        guest.add_freejoint()
        guest.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.008, 0.008, 0.008], density=400, condim=4)
        model = spec.compile()
        data = mujoco.MjData(model)
        corners = np.array(surface.outline)
        for corner in 0.8 * corners[:: max(1, len(corners) // 4)]:
            mujoco.mj_resetData(model, data)
            data.qpos[7:10] = [*corner, surface.height + 0.0085]
            mujoco.mj_step(model, data, nstep=300)
            np.testing.assert_allclose(data.qpos[7:9], corner, atol=0.003)
            assert data.qpos[9] == pytest.approx(surface.height + 0.008, abs=0.001)


def test_a_price_can_be_read_and_sets_a_tag_apart() -> None:
    tags = [build("price tag", number).asset for number in range(8)]
    assert all(tag.inscription and any(tag.inscription in caption for caption in tag.captions) for tag in tags)
    assert len({tag.inscription for tag in tags}) > 4
    one, *others = tags
    assert all(other.id != one.id for other in others)
    assert build("apple", 0).asset.inscription is None


def test_instances_differ_but_a_seed_does_not() -> None:
    for category in ("mug", "carton", "toy car"):
        first, second = THINGS[category]
        assert first.asset.id != second.asset.id
        again = build(category, 0)
        assert again.asset == first.asset
        assert build(category, 0, seed=1).asset.id != first.asset.id


def test_ids_do_not_depend_on_the_process() -> None:
    code = (
        "from assets_index.procedural.library import build; print(*(build(c, 0).asset.id for c in ('apple', 'book')))"
    )
    ids = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert ids == {f"{THINGS['apple'][0].asset.id} {THINGS['book'][0].asset.id}\n".encode()}
