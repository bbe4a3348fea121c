import numpy as np
import pytest

from assets_index.domes import catalog, dome, dome_ids
from assets_index.domes.sphere import LUMINANCE, angles, mean_luminance, unit
from assets_index.errors import MissingAsset


@pytest.fixture(autouse=True, scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Domes come from the code under test, not from an earlier run's cache."""
    patch = pytest.MonkeyPatch()
    patch.setenv("DATAENGINE_CACHE", str(tmp_path_factory.mktemp("cache")))
    dome.cache_clear()
    yield
    patch.undo()
    dome.cache_clear()


@pytest.mark.parametrize("dome_id", dome_ids())
def test_a_dome_is_finite_positive_seamless_and_sensibly_exposed(dome_id: str) -> None:
    made = dome(dome_id)
    radiance = made.radiance
    assert radiance.shape == (256, 512, 3)
    assert radiance.dtype == np.float32
    assert np.isfinite(radiance).all()
    assert radiance.min() >= 0
    assert radiance.max() <= 2000
    assert 0.2 <= mean_luminance(radiance) <= 1.5
    logarithm = np.log(radiance @ LUMINANCE + 1e-3)
    steps = np.abs(np.diff(logarithm, axis=1)).mean(0)
    assert np.abs(logarithm[:, 0] - logarithm[:, -1]).mean() <= steps.max()


def test_there_are_skies_studios_and_rooms() -> None:
    kinds = [dome(dome_id).kind for dome_id in dome_ids()]
    assert len(kinds) >= 12
    assert kinds.count("sky") >= 4
    assert kinds.count("studio") >= 3
    assert kinds.count("room") >= 4


@pytest.mark.parametrize("dome_id", [i for i in dome_ids() if i.startswith("sky")])
def test_the_sky_is_brighter_than_the_ground(dome_id: str) -> None:
    luminance = dome(dome_id).radiance @ LUMINANCE
    elevation, _ = angles()
    weight = np.cos(elevation)
    up, down = elevation > 0.2, elevation < -0.2
    assert np.average(luminance[up], weights=weight[up]) > 1.5 * np.average(luminance[down], weights=weight[down])


def test_the_sun_stands_where_the_sky_says() -> None:
    luminance = dome("sky-clear-morning").radiance @ LUMINANCE
    elevation, azimuth = angles()
    row, column = np.unravel_index(luminance.argmax(), luminance.shape)
    assert np.degrees(elevation[row, column]) == pytest.approx(22, abs=1.5)
    assert np.degrees(azimuth[row, column]) == pytest.approx(110, abs=1.5)
    assert luminance.max() > 500 * np.median(luminance)


@pytest.mark.parametrize("dome_id", [i for i in dome_ids() if not i.startswith("sky")])
def test_lamps_and_windows_outshine_the_walls(dome_id: str) -> None:
    luminance = dome(dome_id).radiance @ LUMINANCE
    bright = np.quantile(luminance, 0.999)
    assert bright > 5 * np.median(luminance)
    assert (luminance > 0.5 * bright).mean() < 0.25


def test_a_box_of_one_colour_under_one_lamp_is_brightest_below_it() -> None:
    from assets_index.domes.raytrace import Interior, Quad, box, trace

    lamp = Quad((0.8, -0.2, 0.99), (0.4, 0, 0), (0, 0.4, 0), (0, 0, 0), (10.0, 10.0, 10.0))
    seen = trace(Interior([*box((-2, -2, -1), (2, 2, 1), (0.5, 0.5, 0.5)), lamp]))[..., 0]
    elevation, azimuth = angles()
    rays = unit(elevation, azimuth)
    on_floor = rays[..., 2] < -0.6
    below = on_floor & (np.abs(rays[..., 0] / -rays[..., 2] - 1.0) < 0.15) & (np.abs(rays[..., 1]) < 0.1)
    far = on_floor & (rays[..., 0] / -rays[..., 2] < -0.8)
    assert seen[below].mean() > 2 * seen[far].mean()


def test_a_second_run_reads_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = dome("studio-overhead").radiance.tobytes()
    dome.cache_clear()
    assert dome("studio-overhead").radiance.tobytes() == first
    monkeypatch.setattr(catalog, "cached_arrays", lambda _kind, _key, compute: compute())
    dome.cache_clear()
    assert dome("studio-overhead").radiance.tobytes() == first


def test_an_unknown_dome_is_named() -> None:
    with pytest.raises(MissingAsset, match="sky-green"):
        dome("sky-green")
