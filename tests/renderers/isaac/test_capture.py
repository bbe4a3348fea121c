"""Reading the files of Replicator's BasicWriter, and what may be wrong with them. All the files here are synthetic."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderers.annotations import mask, mask_box
from renderers.camera import CameraView, look_at
from renderers.frame import Frame
from renderers.isaac.capture import CaptureIncomplete, CaptureMismatch, check_camera, read_capture
from renderers.usd.paths import scene_paths
from tests.renderers.isaac.synthetic import camera_params, write_capture
from tests.renderers.shapes import clutter

VIEW = CameraView(
    "camera",
    320,
    240,
    np.array([[300.0, 0.0, 171.0], [0.0, 300.0, 110.0], [0.0, 0.0, 1.0]]),
    look_at((-0.3, 0.2, 0.7), (0.5, 0.0, 0.0)).matrix,
)
PATHS = scene_paths(clutter()[0], []).things
THINGS = {path: number for number, path in PATHS.items()}


def write(folder: Path, frame: Frame, *, subfolders: bool = False) -> None:
    assert frame.ids is not None
    assert frame.depth is not None
    write_capture(
        folder,
        0,
        ids=frame.ids,
        depth=frame.depth,
        rgb=frame.rgb,
        paths=PATHS,
        params=camera_params(frame.view),
        subfolders=subfolders,
    )


@pytest.mark.parametrize("subfolders", [False, True])
def test_what_was_drawn_is_what_is_read(subfolders: bool, tmp_path: Path, frames: dict[str, Frame]) -> None:
    drawn = frames["classic"]
    write(tmp_path, drawn, subfolders=subfolders)
    capture = read_capture(tmp_path, 0, drawn.view, THINGS)
    np.testing.assert_array_equal(capture.frame.rgb, drawn.rgb)
    np.testing.assert_array_equal(capture.frame.ids, drawn.ids)
    np.testing.assert_array_equal(capture.frame.depth, drawn.depth)
    assert capture.frame.depth is not None
    assert capture.frame.depth.dtype == np.float32
    for number, (x1, y1, x2, y2) in capture.boxes.items():
        assert mask_box(mask(drawn, number)) == (x1, y1, x2 + 1, y2 + 1)
    assert set(capture.boxes) == set(np.unique(drawn.ids)) - {0}


@pytest.fixture
def capture(tmp_path: Path, frames: dict[str, Frame]) -> Path:
    write(tmp_path, frames["classic"])
    return tmp_path


def test_a_part_of_a_labelled_thing_is_that_thing(capture: Path, frames: dict[str, Frame]) -> None:
    file = capture / "instance_segmentation_mapping_0000.json"
    mapping = {key: path + "/body/mesh" if path.startswith("/") else path for key, path in read(file).items()}
    file.write_text(json.dumps(mapping))
    np.testing.assert_array_equal(
        read_capture(capture, 0, frames["classic"].view, THINGS).frame.ids, frames["classic"].ids
    )


def read(file: Path) -> dict[str, str]:
    return json.loads(file.read_text())


Damage = Callable[[Path], object]


def rename_things(file: Path) -> None:
    file.write_text(json.dumps({key: path.replace("thing", "stranger") for key, path in read(file).items()}))


def forget_colours(file: Path) -> None:
    file.write_text(json.dumps({}))


def swap_things(file: Path) -> None:
    mapping = read(file)
    first, second = [key for key, path in mapping.items() if "thing" in path][:2]
    file.write_text(json.dumps({**mapping, first: mapping[second], second: mapping[first]}))


def shrink(file: Path) -> None:
    cv2.imwrite(str(file), cv2.imread(str(file))[::2])


@pytest.mark.parametrize("name", ["rgb", "distance_to_image_plane", "camera_params", "bounding_box_2d_tight"])
def test_a_missing_file_is_named(name: str, capture: Path, frames: dict[str, Frame]) -> None:
    (file,) = capture.glob(f"{name}_0000.*")
    file.unlink()
    with pytest.raises(CaptureIncomplete, match=f"has not written {file.name}"):
        read_capture(capture, 0, frames["classic"].view, THINGS)


@pytest.mark.parametrize(
    ("name", "damage", "error"),
    [
        ("rgb_0000.png", lambda file: file.write_bytes(b"PNG"), CaptureIncomplete),
        ("rgb_0000.png", shrink, CaptureMismatch),
        ("distance_to_image_plane_0000.npy", lambda file: file.write_bytes(b"\x93NUMPY"), CaptureIncomplete),
        ("camera_params_0000.json", lambda file: file.write_text("{"), CaptureIncomplete),
        ("camera_params_0000.json", lambda file: file.write_text('{"cameraProjection": [1]}'), CaptureIncomplete),
        ("instance_segmentation_mapping_0000.json", forget_colours, CaptureMismatch),
        ("instance_segmentation_mapping_0000.json", lambda file: file.write_text('{"red": "/a"}'), CaptureIncomplete),
        ("bounding_box_2d_tight_0000.npy", lambda file: np.save(file, np.zeros(3)), CaptureIncomplete),
        ("bounding_box_2d_tight_prim_paths_0000.json", lambda file: file.write_text("[]"), CaptureIncomplete),
        ("instance_segmentation_mapping_0000.json", rename_things, CaptureMismatch),
        ("instance_segmentation_mapping_0000.json", swap_things, CaptureMismatch),
    ],
)
def test_damaged_files_are_named(
    name: str, damage: Damage, error: type[Exception], capture: Path, frames: dict[str, Frame]
) -> None:
    damage(capture / name)
    with pytest.raises(
        error, match=name.split("_0000")[0].removesuffix("_prim_paths") if error is CaptureIncomplete else "picture 0"
    ) as caught:
        read_capture(capture, 0, frames["classic"].view, THINGS)
    assert "\n" not in str(caught.value)


@given(
    focal=st.floats(150, 900),
    middle=st.tuples(st.floats(100, 220), st.floats(70, 170)),
    eye=st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.3, 1.5)),
)
def test_the_camera_that_was_asked_for_is_known_again(
    focal: float, middle: tuple[float, float], eye: tuple[float, float, float]
) -> None:
    K = np.array([[focal, 0.0, middle[0]], [0.0, focal, middle[1]], [0.0, 0.0, 1.0]])
    check_camera(
        camera_params(made := replace(VIEW, K=K, T_world_camera=look_at(eye, (3.0, 0.4, 0.0)).matrix)), made, ""
    )


@pytest.mark.parametrize(
    ("row", "column", "off"),
    [(0, 0, 2.0), (1, 1, -2.0), (0, 2, 1.0), (1, 2, -1.0)],
    ids=["fx", "fy", "cx", "cy"],
)
def test_another_lens_is_noticed(row: int, column: int, off: float) -> None:
    K = VIEW.K.copy()
    K[row, column] += off
    with pytest.raises(CaptureMismatch, match="drawn with K"):
        check_camera(camera_params(replace(VIEW, K=K)), VIEW, "picture")


def test_a_camera_that_is_no_number_is_noticed() -> None:
    for key in ("cameraProjection", "cameraViewTransform"):
        with pytest.raises(CaptureMismatch):
            check_camera({**camera_params(VIEW), key: [float("nan")] * 16}, VIEW, "picture")


def test_another_place_is_noticed() -> None:
    moved = VIEW.T_world_camera.copy()
    moved[0, 3] += 0.002
    with pytest.raises(CaptureMismatch, match="stood off"):
        check_camera(camera_params(replace(VIEW, T_world_camera=moved)), VIEW, "picture")
