import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_index.errors import InvalidConfig
from dataengine.actions import ActionSpec
from trainer.data.column_statistics import ColumnStatistics
from trainer.data.normalization import ActionStatistics, Mode, Range
from trainer.data.statistics import check_reach
from trainer.model.config import DiffusionConfig


def range_of(values: np.ndarray, mode: Mode) -> Range:
    statistics = ColumnStatistics()
    statistics.add(values)
    return Range.fit(statistics, mode)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["quantiles", "extremes"]))
def test_values_within_the_range_come_back(seed, mode):
    values = np.random.default_rng(seed).normal(size=(200, 3)) * [0.01, 1.0, 50.0]
    fitted = range_of(values, mode)
    inside = np.clip(values, fitted.low, fitted.high)
    normalized = fitted.normalize(values)
    assert normalized.min() >= -1
    assert normalized.max() <= 1
    # Normalized values are single precision: they come back to a millionth of the range.
    extent = np.array(fitted.high) - np.array(fitted.low)
    assert (np.abs(fitted.restore(normalized) - inside) <= 1e-6 * extent).all()


@pytest.mark.parametrize("mode", ["quantiles", "extremes", "mean_std"])
def test_an_entry_that_never_changes_comes_back(mode):
    fitted = range_of(np.full((10, 2), 0.1), mode)
    assert np.array_equal(fitted.normalize([0.1, 0.1]), [0, 0])
    assert np.allclose(fitted.restore([0, 0]), 0.1)


def test_mean_and_deviation_become_0_and_1_and_bound_nothing():
    values = np.random.default_rng(0).normal(3.0, 0.2, (500, 2))
    fitted = range_of(values, "mean_std")
    normalized = fitted.normalize(values)
    assert np.allclose(normalized.mean(0), 0, atol=1e-6)
    assert np.allclose(normalized.std(0), 1, atol=1e-6)
    assert np.abs(normalized).max() > 2
    assert np.allclose(fitted.restore(normalized), values, atol=1e-6)


def test_deviations_need_room_in_the_samples():
    with pytest.raises(InvalidConfig, match=r"denoising\.clip of 1"):
        check_reach("mean_std", DiffusionConfig())
    check_reach("mean_std", DiffusionConfig(clip=5.0))
    check_reach("quantiles", DiffusionConfig())


def test_the_gripper_is_binary_whatever_the_data_hold():
    actions = np.random.default_rng(0).normal(size=(100, 8)) * 0.01
    actions[:, 7] = 1.0  # a set of episodes that never close it
    statistics = ActionStatistics.fit([(actions, actions)], ActionSpec(), "quantiles")
    open_, closed = actions[0].copy(), actions[0].copy()
    closed[7] = 0
    assert statistics.action.normalize(open_)[7] == 1
    assert statistics.action.normalize(closed)[7] == -1
