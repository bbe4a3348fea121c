from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_index.domes import dome, dome_ids
from renderers.environment import (
    environment,
    face_directions,
    sample_equirectangular,
    to_cube,
    to_world,
)
from renderers.ktx import encode, pack_r11g11b10
from renderers.lighting import LUMINANCE, WHITE_RADIANCE, balanced
from renderers.look import DomeLook, LightLook
from tests.renderers.shapes import plain_look


def irradiance(harmonics: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """What Filament's shader makes of the harmonics for a normal in cube axes."""
    x, y, z = to_cube(normal)
    return np.array([1, y, z, x, y * x, y * z, 3 * z * z - 1, z * x, x * x - y * y]) @ harmonics


def true_irradiance(radiance: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Irradiance / pi by summing the whole dome."""
    height, width = radiance.shape[:2]
    polar, azimuth = np.meshgrid(
        (np.arange(height) + 0.5) / height * np.pi, (np.arange(width) + 0.5) / width * 2 * np.pi, indexing="ij"
    )
    directions = np.stack([np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)], -1)
    weight = np.maximum(directions @ normal, 0) * np.sin(polar) * (np.pi / height) * (2 * np.pi / width) / np.pi
    return (radiance * weight[..., None]).sum((0, 1))


@pytest.mark.parametrize("name", ["room-living", "sky-overcast", "studio-strips"])
def test_harmonics_give_the_irradiance_of_the_dome(name: str) -> None:
    made = environment(name)
    for normal in np.array([[0, 0, 1.0], [1.0, 0, 0], [0, -1.0, 0], [0.6, 0.0, 0.8]]):
        expected = true_irradiance(dome(name).radiance, normal)
        np.testing.assert_allclose(irradiance(made.harmonics, normal), expected, atol=0.08 * expected.max())
    np.testing.assert_allclose(
        made.irradiance_up, true_irradiance(dome(name).radiance, np.array([0, 0, 1.0])), rtol=0.02
    )


@pytest.mark.parametrize("name", dome_ids())
def test_blurring_spreads_light_and_keeps_it(name: str) -> None:
    levels = environment(name).levels
    peaks = [float(level.max()) for level in levels]
    assert peaks == sorted(peaks, reverse=True)
    means = [float(level.mean()) for level in levels[1:]]
    assert max(means) < 1.6 * min(means)
    assert all(np.isfinite(level).all() and (level >= 0).all() for level in levels)


def test_axes_and_faces_are_those_of_a_cube_map() -> None:
    np.testing.assert_array_equal(to_cube(np.array([0.0, 0.0, 1.0])), [0.0, 1.0, 0.0])
    directions = face_directions(8)
    np.testing.assert_allclose(to_cube(to_world(directions)), directions)
    np.testing.assert_array_equal(np.abs(directions).argmax(-1).reshape(6, -1)[:, 27], [0, 0, 1, 1, 2, 2])
    np.testing.assert_allclose(directions[2].mean((0, 1))[[0, 2]], 0.0, atol=1e-12)


def test_sampling_a_dome_is_seamless_at_azimuth_0() -> None:
    radiance = dome("room-office").radiance
    for z in (-0.3, 0.4):
        left, right = (np.array([1.0, offset, z]) / np.linalg.norm([1.0, offset, z]) for offset in (-1e-6, 1e-6))
        np.testing.assert_allclose(
            sample_equirectangular(radiance, left), sample_equirectangular(radiance, right), rtol=1e-3, atol=1e-4
        )


@given(st.lists(st.floats(1e-3, 6e4), min_size=3, max_size=3))
def test_packed_colours_unpack_to_within_their_precision(color: list[float]) -> None:
    word = int(pack_r11g11b10(np.array(color)))
    halves = np.array([(word & 0x7FF) << 4, (word >> 11 & 0x7FF) << 4, (word >> 22) << 5], np.uint16)
    unpacked = halves.view(np.float16).astype(float)
    np.testing.assert_allclose(unpacked, color, rtol=0.04)


def test_a_ktx_file_has_every_level_and_the_harmonics() -> None:
    levels = [np.full((6, n, n, 3), 0.5, np.float32) for n in (4, 2, 1)]
    data = encode(levels, np.full((9, 3), 0.25))
    header = np.frombuffer(data[12:64], "<u4")
    assert data[:12] == b"\xabKTX 11\xbb\r\n\x1a\n"
    assert list(header[6:12]) == [4, 4, 0, 0, 6, 3]
    assert data.count(b"0.25 0.25 0.25") == 9
    assert len(data) == 64 + int(header[12]) + 3 * 4 + 6 * 4 * (16 + 4 + 1)


@pytest.mark.parametrize("strength", [0.0, 1.0, 5.0])
def test_light_is_balanced_to_one_level(strength: float) -> None:
    light = LightLook(direction=(0.0, 0.6, -0.8), intensity=strength, color=(1.0, 0.8, 0.6))
    look = plain_look(light=light, dome=DomeLook(dome_id="sky-dusk", tint=(1.0, 0.9, 0.8)), exposure=0.9)
    lighting = balanced(look)
    level = LUMINANCE @ (lighting.dome_up + 0.8 * lighting.sun)
    assert level == pytest.approx(0.9 * WHITE_RADIANCE)
