"""What a sensor does to colours, and that it does nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from renderers.frame import Renderer
from renderers.look import SensorLook
from renderers.scene import Poses, RenderScene
from renderers.sensor import sensed
from tests.renderers.shapes import front, plain_look

GRAY = np.full((120, 160, 3), 120, np.uint8)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_perfect_sensor_changes_nothing() -> None:
    picture = rng().integers(0, 256, (40, 50, 3), np.uint8)
    np.testing.assert_array_equal(sensed(picture, SensorLook(), rng()), picture)


def test_noise_has_the_spread_that_is_asked_for() -> None:
    noisy = sensed(GRAY, SensorLook(noise=4.0), rng()).astype(float)
    assert noisy.std() == pytest.approx(4.0, rel=0.05)
    assert noisy.mean() == pytest.approx(120.0, abs=0.2)


def test_white_balance_scales_each_channel() -> None:
    means = sensed(GRAY, SensorLook(white_balance=(1.1, 1.0, 0.9)), rng()).mean((0, 1))
    np.testing.assert_allclose(means, [132.0, 120.0, 108.0])


def test_blur_spreads_a_point_and_keeps_its_light() -> None:
    point = np.zeros((41, 41, 3), np.uint8)
    point[20, 20] = 255
    seen = sensed(point, SensorLook(blur=1.0), rng())[..., 0].astype(float)
    assert seen.max() < 60
    assert seen.sum() == pytest.approx(255, rel=0.1)


def test_compression_loses_a_little() -> None:
    picture = rng().integers(0, 256, (64, 64, 3), np.uint8)
    seen = sensed(picture, SensorLook(jpeg_quality=60), rng())
    assert 2.0 < np.abs(seen.astype(float) - picture).mean() < 80.0


def test_noise_differs_between_pictures_and_comes_again(
    quick_renderer: Renderer, cluttered: tuple[RenderScene, Poses]
) -> None:
    scene, poses = cluttered
    look = plain_look(sensor=SensorLook(noise=3.0, seed=5))

    def pictures() -> list[np.ndarray]:
        quick_renderer.open(scene, look)
        frames = [quick_renderer.draw(poses, front(), ids=number == 1) for number in range(2)]
        assert frames[1].ids is not None
        assert frames[1].ids.max() > 3
        return [frame.rgb for frame in frames]

    first, again = pictures(), pictures()
    np.testing.assert_array_equal(first, again)
    assert np.abs(first[0].astype(int) - first[1]).mean() > 2.0
