"""A board drawn by our own renderer through a known camera: calibration finds that camera again."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from assets_index.asset import Material, VisualPart
from assets_index.schema import read_yaml
from assets_index.transforms import Array
from dataengine.cli.commands import app
from renderers.backends import open_renderer
from renderers.calibration import BoardSpec, Calibration, CalibrationFailed, calibrate
from renderers.camera import CameraSpec, CameraView, Intrinsics, look_at
from renderers.camera_presets import camera_spec
from renderers.scene import RenderBody, RenderScene
from tests.renderers.shapes import plain_look

BOARD = BoardSpec(columns=9, rows=7, square=0.04, marker=0.03)
MARKERS = BoardSpec(kind="aruco", columns=9, rows=7, square=0.04, marker=0.03, dictionary="DICT_4X4_100")
LENS = Intrinsics(width=640, height=480, fx=612.0, fy=607.0, cx=327.0, cy=231.0)
BENT = LENS.model_copy(update={"distortion": (-0.12, 0.05, 0.0008, -0.0005, 0.0)})
PICTURES = 15


class Pictures(NamedTuple):
    """Pictures of a board through a lens."""

    board: BoardSpec
    lens: Intrinsics
    paths: list[Path]


def world_board(board: BoardSpec) -> Array:
    """T_world_board of a board that lies on the table, its middle at x 0.5."""
    width, height = board.size
    return np.array([[1.0, 0, 0, 0.5 - width / 2], [0, -1.0, 0, height / 2], [0, 0, -1.0, 0], [0, 0, 0, 1.0]])


def printed(board: BoardSpec) -> VisualPart:
    """The board with a white margin, about the origin."""
    pixels = 64
    picture = np.pad(board.picture(pixels), pixels, constant_values=255)
    w, h = (edge / 2 + board.square for edge in board.size)
    return VisualPart(
        vertices=np.array([[-w, -h, 0], [w, -h, 0], [w, h, 0], [-w, h, 0]], np.float32),
        faces=np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        uv=np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32),
        material=Material(name="card", roughness=1.0),
        albedo=np.repeat(picture[..., None], 3, 2),
    )


# Straight lenses are drawn at once, bent ones from a finer picture: edges must be smooth in both.
@pytest.fixture(
    scope="module",
    params=[(BOARD, LENS, "quality"), (BOARD, BENT, "fast"), (MARKERS, LENS, "quality")],
    ids=["straight", "bent", "markers alone"],
)
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    (board, lens, quality), folder = request.param, tmp_path_factory.mktemp("board")
    renderer = open_renderer("filament", width=lens.width, height=lens.height, quality=quality)
    renderer.open(RenderScene((RenderBody("card", "object", 3, (printed(board),)),)), plain_look())
    pose = np.eye(4)
    pose[0, 3] = 0.5
    paths = []
    for number in range(PICTURES):
        view = CameraView("c", lens.width, lens.height, lens.matrix, eye_pose(number), lens.distortion)
        rgb = renderer.draw({"card": pose}, view).rgb
        paths.append(folder / f"{number:02}.png")
        cv2.imwrite(str(paths[-1]), rgb[..., ::-1])
    renderer.close()
    return Pictures(board, lens, paths)


def eye_pose(number: int) -> Array:
    """From all around, at three tilts and distances, aimed at unlike parts of the board."""
    around, tilt = 3.8 * np.pi * number / PICTURES, np.radians((20.0, 35.0, 48.0)[number % 3])
    distance = (0.34, 0.45, 0.55)[number // 3 % 3]
    aim = np.array([0.5 + 0.08 * np.cos(3 * number), 0.08 * np.sin(2 * number + 1), 0.0])
    way = np.array([np.sin(tilt) * np.cos(around), np.sin(tilt) * np.sin(around), np.cos(tilt)])
    return look_at(tuple(aim + distance * way), tuple(aim)).matrix


@pytest.fixture(scope="module")
def found(pictures: Pictures) -> Calibration:
    return calibrate(pictures.paths, pictures.board)


def test_intrinsics_are_found_again(found: Calibration, pictures: Pictures) -> None:
    lens = pictures.lens
    assert found.unused == ()
    assert found.error < (0.3 if pictures.board is BOARD else 1.0)
    for key in ("fx", "fy"):
        assert getattr(found.intrinsics, key) == pytest.approx(getattr(lens, key), rel=0.005)
    assert found.intrinsics.cx == pytest.approx(lens.cx, abs=0.005 * lens.fx)
    assert found.intrinsics.cy == pytest.approx(lens.cy, abs=0.005 * lens.fx)
    if lens is BENT:
        assert found.intrinsics.distortion[0] == pytest.approx(-0.12, abs=0.03)


def test_the_camera_is_found_where_it_was(found: Calibration, pictures: Pictures) -> None:
    for number in range(PICTURES):
        pose = found.world_camera(f"{number:02}.png", world_board(pictures.board)).matrix
        truth = eye_pose(number)
        assert np.linalg.norm(pose[:3, 3] - truth[:3, 3]) < 0.002
        turn = np.arccos(np.clip((np.trace(pose[:3, :3].T @ truth[:3, :3]) - 1) / 2, -1, 1))
        assert np.degrees(turn) < 0.2


def test_the_command_writes_a_file_that_renderers_take(pictures: Pictures, tmp_path: Path) -> None:
    lens, paths, spec = pictures.lens, pictures.paths, pictures.board
    out = tmp_path / "side.yaml"
    board = ["--board", spec.kind, "--columns", "9", "--rows", "7", "--square", "0.04", "--marker", "0.03"]
    board += ["--dictionary", spec.dictionary]
    x, y = world_board(spec)[:2, 3]
    place = ["--pose-from", "03.png", "--board-x", str(x), "--board-y", str(y)]
    done = CliRunner().invoke(
        app,
        ["calibrate", *map(str, paths), "--out", str(out), "--name", "side", *board, *place],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    camera = read_yaml(out, CameraSpec)
    assert np.linalg.norm(np.array(camera.pose.position) - eye_pose(3)[:3, 3]) < 0.002
    small = camera_spec(camera, 224, 224)
    assert (small.name, small.width, small.height) == ("side", 224, 224)
    assert small.intrinsics.fy == pytest.approx(lens.fy * 224 / 480, rel=0.005)


def test_pictures_without_the_board_are_refused(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(6)]
    for path in paths:
        cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (480, 640), np.uint8))
    with pytest.raises(CalibrationFailed, match="found in 0 of 6 pictures"):
        calibrate(paths, BOARD)
    with pytest.raises(CalibrationFailed, match="absent"):
        calibrate([tmp_path / "absent.png"], BOARD)
    cv2.imwrite(str(paths[3]), np.zeros((100, 100), np.uint8))
    with pytest.raises(CalibrationFailed, match="100 x 100 pixels, others 640 x 480"):
        calibrate(paths, BOARD)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dictionary": "DICT_9X9"}, "no marker dictionary"),
        ({"marker": 0.05}, "do not fit"),
        ({"columns": 20, "rows": 20}, "the board needs 200"),
    ],
)
def test_impossible_boards_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(CalibrationFailed, match=message):
        BOARD.model_copy(update=change).board()
