"""A scene as USD says what the scene said: where things are, how cameras see them, what light falls on them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from pxr import Gf, Usd, UsdGeom, UsdLux, UsdSemantics, UsdShade

from assets_index.asset import Material, VisualPart
from assets_index.files import FileNotWritten
from assets_index.transforms import Array, rotation_z
from renderers.camera import CameraView, look_at, project
from renderers.environment import environment, sample_equirectangular
from renderers.errors import RendererUnavailable
from renderers.lighting import balanced
from renderers.look import DomeLook, Look
from renderers.scene import RenderBody, RenderScene
from renderers.shot import Shot
from renderers.usd.cameras import define_camera
from renderers.usd.library import require_usd
from renderers.usd.lights import WHITE_NITS, write_dome
from renderers.usd.paths import prim_names, scene_paths
from renderers.usd.replay import write_replay
from renderers.usd.saving import save_layer
from renderers.usd.scene import new_scene
from tests.renderers.shapes import at, body, card, clutter, front, plain_look
from tests.renderers.usd.reading import assert_moves_as, validation_errors

FRAMES = 6
LOOK = plain_look(dome=DomeLook(dome_id="studio-strips", rotation=1.1, tint=(1.0, 0.9, 0.8)))


def shots() -> list[Shot]:
    """A thing that slides and turns, a camera that moves, and a principal point off the middle."""
    _, poses = clutter()
    made = []
    for frame in range(FRAMES):
        moved = at(0.4, 0.01 * frame, 0.06)
        moved[:3, :3] = rotation_z(0.2 * frame)
        pose = look_at((0.2, 0.02 * frame, 0.5), (0.5, 0.0, 0.0)).matrix
        K = np.array([[310.0, 0.0, 120.0], [0.0, 290.0, 95.0], [0.0, 0.0, 1.0]])
        made.append(Shot({**poses, "thing0": moved}, (front(), CameraView("wrist cam", 224, 168, K, pose))))
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("usd")
    stage, paths = new_scene(folder, clutter()[0], LOOK, shots()[0])
    save_layer(stage.GetRootLayer())
    write_replay(folder, paths, shots(), 10.0)
    return folder


def test_pixars_validators_find_nothing_wrong(folder: Path) -> None:
    assert validation_errors(folder / "scene.usda") == []
    assert validation_errors(folder / "replay.usdc") == []


def test_an_independent_reader_sees_everything_move_as_it_did_and_not_a_frame_later(folder: Path) -> None:
    paths = scene_paths(clutter()[0], ["front", "wrist cam"])
    thing = [shot.poses["thing0"] for shot in shots()]
    camera = [shot.views[1].T_world_camera @ np.diag([1.0, -1.0, -1.0, 1.0]) for shot in shots()]
    for prim, truth in ((paths.bodies["thing0"], thing), (paths.cameras["wrist cam"], camera)):
        assert_moves_as(folder / "replay.usdc", prim, truth)
        with pytest.raises(AssertionError):
            assert_moves_as(folder / "replay.usdc", prim, truth, offset=1)


def test_a_reader_finds_units_times_labels_and_materials(folder: Path) -> None:
    stage = Usd.Stage.Open(str(folder / "replay.usdc"))
    assert (UsdGeom.GetStageUpAxis(stage), UsdGeom.GetStageMetersPerUnit(stage)) == ("Z", 1.0)
    times = (stage.GetStartTimeCode(), stage.GetEndTimeCode(), stage.GetTimeCodesPerSecond())
    assert times == (0.0, FRAMES - 1, 10.0)
    prim = stage.GetPrimAtPath("/World/thing0")
    assert list(UsdSemantics.LabelsAPI(prim, "class").GetLabelsAttr().Get()) == ["thing0"]
    for mesh in (each for each in stage.Traverse() if each.IsA(UsdGeom.Mesh)):
        material, _ = UsdShade.MaterialBindingAPI(mesh).ComputeBoundMaterial()
        surface, _, _ = material.ComputeSurfaceSource()
        assert surface.GetIdAttr().Get() == "UsdPreviewSurface"
        for texture in (each for each in Usd.PrimRange(material.GetPrim()) if each.GetAttribute("inputs:file")):
            assert Path(texture.GetAttribute("inputs:file").Get().resolvedPath).exists()


@given(
    fx=st.floats(80, 900),
    stretch=st.floats(0.8, 1.25),
    cx=st.floats(30, 290),
    cy=st.floats(20, 200),
    eye=st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.4, 2)),
)
def test_pixars_camera_shows_points_at_the_pixels_that_ours_does(
    fx: float, stretch: float, cx: float, cy: float, eye: tuple[float, float, float]
) -> None:
    K = np.array([[fx, 0.0, cx], [0.0, fx * stretch, cy], [0.0, 0.0, 1.0]])
    view = CameraView("camera", 320, 240, K, look_at(eye, (2.0, 0.5, 0.1)).matrix)
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    frustum = define_camera(stage, "/camera", view).GetCamera(Usd.TimeCode.Default()).frustum
    matrix = frustum.ComputeViewMatrix() * frustum.ComputeProjectionMatrix()
    for point in ((2.0, 0.5, 0.1), (1.5, 0.3, -0.2), (2.5, 1.0, 0.4)):
        x, y, _ = matrix.Transform(Gf.Vec3d(*point))
        pixel = ((1 + x) / 2 * view.width, (1 - y) / 2 * view.height)
        np.testing.assert_allclose(pixel, project(point, view)[0], atol=0.01)


def test_the_dome_has_the_same_light_in_every_direction(folder: Path) -> None:
    stage = Usd.Stage.Open(str(folder / "scene.usda"))
    dome = UsdLux.DomeLight(stage.GetPrimAtPath("/World/Dome"))
    directions = np.random.default_rng(0).normal(size=(300, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    read = dome_radiance(dome, folder / "textures/dome.hdr", directions) / WHITE_NITS
    panorama = environment(LOOK.dome.dome_id).panorama
    truth = sample_equirectangular(panorama, directions @ rotation_z(LOOK.dome.rotation)) * balanced(LOOK).dome_scale
    # Texels against interpolated values: equal in the middle, not at edges.
    assert np.median(np.abs(read - truth) / truth.max(1, keepdims=True)) < 0.02
    turned = sample_equirectangular(panorama, directions @ rotation_z(LOOK.dome.rotation + 0.05))
    turned = turned * balanced(LOOK).dome_scale
    assert np.median(np.abs(read - turned) / truth.max(1, keepdims=True)) > 0.04


def dome_radiance(dome: UsdLux.DomeLight, file: Path, directions: Array) -> Array:
    """What hdStorm makes of a dome: longitude from z over x, pole y; nearest texel."""
    image = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)[..., ::-1]
    turn = np.array(UsdGeom.Xformable(dome).ComputeLocalToWorldTransform(Usd.TimeCode.Default()))[:3, :3]
    x, y, z = (directions @ turn.T).T
    u = ((np.arctan2(z, x) + np.pi / 2) / (2 * np.pi)) % 1.0
    v = np.arccos(np.clip(y, -1, 1)) / np.pi
    height, width = image.shape[:2]
    texels = image[np.minimum((v * height).astype(int), height - 1), np.minimum((u * width).astype(int), width - 1)]
    return np.asarray(texels * np.array(dome.GetColorAttr().Get()) * dome.GetIntensityAttr().Get())


def test_the_sun_shines_where_the_look_has_it(folder: Path) -> None:
    stage = Usd.Stage.Open(str(folder / "scene.usda"))
    sun = UsdLux.DistantLight(stage.GetPrimAtPath("/World/Sun"))
    matrix = UsdGeom.Xformable(sun).ComputeLocalToWorldTransform(Usd.TimeCode.Default())
    along = matrix.TransformDir(Gf.Vec3d(0, 0, -1))
    direction = np.array(LOOK.light.direction)
    np.testing.assert_allclose(along, direction / np.linalg.norm(direction), atol=1e-6)
    illuminance = np.array(sun.GetColorAttr().Get()) * sun.GetIntensityAttr().Get() / WHITE_NITS
    np.testing.assert_allclose(illuminance / np.pi, balanced(LOOK).sun, rtol=1e-5)


def test_a_textured_material_is_its_map_times_its_linear_colour(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (8, 8, 3), np.uint8)
    plain = card(picture)
    grey = VisualPart(**{**vars(plain), "material": Material(name="card", color=(0.5, 0.5, 0.5))})
    scene = RenderScene((RenderBody("card", "object", 3, (plain, grey)),))
    stage, _ = new_scene(tmp_path, scene, plain_look(), Shot({"card": np.eye(4)}, (front(),)))
    textures = [prim for prim in stage.Traverse() if prim.GetName() == "Albedo"][:2]
    scales = [prim.GetAttribute("inputs:scale").Get()[0] for prim in textures]
    np.testing.assert_allclose(scales, [1.0, 0.214], atol=1e-3)
    files = {prim.GetAttribute("inputs:file").Get().path for prim in textures}
    assert len(files) == 1, "the same map was written twice"
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / files.pop()))[..., ::-1], picture)


def test_names_that_usd_does_not_allow_stay_apart() -> None:
    assert prim_names(["top drawer", "top_drawer", "cup"], ["cup"]) == ["top_drawer", "top_drawer_2", "cup_2"]
    ball = trimesh.creation.icosphere(1, 0.05)
    scene = RenderScene((body("robot", 3, ball), body("link0", 2, ball, kind="robot"), body("Looks", 4, ball)))
    paths = scene_paths(scene, ["a b", "a_b"])
    every = [*paths.things.values(), *paths.bodies.values(), *paths.cameras.values()]
    assert len(set(every)) == len(every)
    assert "/World/Looks" not in every


def test_moving_parts_belong_to_one_thing() -> None:
    ball = trimesh.creation.icosphere(1, 0.05)
    paths = scene_paths(RenderScene((body("cabinet", 3, ball), body("cabinet/top drawer", 3, ball))), [])
    assert paths.things == {3: "/World/cabinet"}
    assert paths.labels == {3: "cabinet"}
    assert paths.bodies["cabinet/top drawer"] == "/World/cabinet/cabinet_top_drawer"


def test_the_same_scene_gives_the_same_bytes(tmp_path: Path, folder: Path) -> None:
    def written(look: Look) -> bytes:
        stage, paths = new_scene(tmp_path, clutter()[0], look, shots()[0])
        save_layer(stage.GetRootLayer())
        write_replay(tmp_path, paths, shots(), 10.0)
        return b"".join((tmp_path / name).read_bytes() for name in ("scene.usda", "replay.usdc"))

    assert written(LOOK) == b"".join((folder / name).read_bytes() for name in ("scene.usda", "replay.usdc"))


def test_a_disk_that_takes_no_more_is_one_error(tmp_path: Path) -> None:
    folder = tmp_path / "scene"
    folder.mkdir()
    stage, _ = new_scene(folder, clutter()[0], LOOK, shots()[0])
    shutil.rmtree(folder)
    folder.write_text("not a folder")
    with pytest.raises(FileNotWritten, match=r"scene\.usda"):
        save_layer(stage.GetRootLayer())
    with pytest.raises(FileNotWritten, match=r"dome\.hdr"):
        write_dome(folder / "dome.hdr", np.zeros((4, 8, 3), np.float32))


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pxr", None)
    with pytest.raises(RendererUnavailable, match=r"pip install 'st4vla-dataengine\[usd\]'"):
        require_usd()
