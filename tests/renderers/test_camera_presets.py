from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from assets_index.errors import InvalidConfig
from assets_index.schema import read_yaml
from dataengine.pipeline.config import RenderConfig
from dataengine.pipeline.render import cameras_of
from renderers.camera import CameraSpec, Intrinsics, look_at, project
from renderers.camera_presets import MODELS, CameraPreset, camera_spec
from tests.renderers.test_camera import WORKSPACE, camera_view, plain_look

LENS = Intrinsics(width=640, height=480, fx=612.0, fy=607.0, cx=327.0, cy=231.0, distortion=(-0.1, 0.02, 0.0, 0.0, 0.0))


def write(path: Path, data: object) -> Path:
    path.write_text(yaml.safe_dump(data))
    return path


def test_the_head_sees_the_whole_workspace() -> None:
    view = camera_view(camera_spec(CameraPreset(mount="head"), 224, 224), plain_look(), np.eye(4))
    pixels, depth = project(WORKSPACE, view)
    assert ((pixels >= 0) & (pixels <= 224)).all()
    assert (depth > 0).all()
    left, right = project([(0.5, 0.1, 0.0), (0.5, -0.1, 0.0)], view)[0]
    assert left[0] < right[0] - 20


@pytest.mark.parametrize(("model", "fov_x"), [("d405", 89.2), ("d435", 69.4), ("d455", 91.1)])
def test_models_have_the_horizontal_view_that_their_vertical_one_means(model: str, fov_x: float) -> None:
    lens = MODELS[model]  # type: ignore[index]
    assert np.degrees(2 * np.arctan(lens.width / 2 / lens.fx)) == pytest.approx(fov_x, abs=0.5)


def test_a_square_picture_is_the_middle_of_a_wide_one() -> None:
    spec = camera_spec(CameraPreset(mount="front", model="d435"), 224, 224)
    assert np.degrees(2 * np.arctan(112 / spec.intrinsics.fx)) == pytest.approx(42.5)


def test_a_measured_camera_is_written_into_the_configuration(tmp_path: Path) -> None:
    measured = CameraSpec(name="side", mount="world", pose=look_at((0.5, 0.9, 0.6), (0.5, 0.0, 0.0)), intrinsics=LENS)
    path = write(tmp_path / "side.yaml", measured.model_dump(mode="json"))
    entries = [{"mount": "wrist", "model": "d405"}, {"file": str(path)}]
    config = read_yaml(write(tmp_path / "render.yaml", {"cameras": entries}), RenderConfig)
    assert config.cameras[1] == measured
    again = RenderConfig.model_validate_json(config.model_dump_json())
    assert again == config
    path.unlink()
    cameras = cameras_of(again)
    assert list(cameras) == ["wrist", "side"]
    assert cameras["side"].intrinsics == LENS.resized(224, 224)


@pytest.mark.parametrize(
    ("cameras", "message"),
    [
        ([{"mount": "wrist"}, {"mount": "wrist", "model": "d405"}], "two cameras are named 'wrist'"),
        ([{"mount": "ceiling"}], "mount"),
        ([{"mount": "front", "model": "d999"}], "model"),
        ([{"file": "/absent.yaml"}], "absent.yaml: cannot be read"),
        ([], "cameras"),
    ],
)
def test_bad_cameras_are_one_line(tmp_path: Path, cameras: list[object], message: str) -> None:
    with pytest.raises(InvalidConfig, match=message) as error:
        read_yaml(write(tmp_path / "render.yaml", {"cameras": cameras}), RenderConfig)
    assert "\n" not in str(error.value)
