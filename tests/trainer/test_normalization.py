import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dataengine.actions import ActionSpec
from trainer.data.normalization import ActionStatistics, Range


@given(st.integers(0, 2**32 - 1), st.sampled_from(["quantiles", "extremes"]))
def test_values_within_the_range_come_back(seed, mode):
    values = np.random.default_rng(seed).normal(size=(200, 3)) * [0.01, 1.0, 50.0]
    fitted = Range.fit(values, mode)
    inside = np.clip(values, fitted.low, fitted.high)
    normalized = fitted.normalize(values)
    assert normalized.min() >= -1
    assert normalized.max() <= 1
    # Normalized values are single precision: they come back to a millionth of the range.
    extent = np.array(fitted.high) - np.array(fitted.low)
    assert (np.abs(fitted.restore(normalized) - inside) <= 1e-6 * extent).all()


def test_an_entry_that_never_changes_comes_back():
    fitted = Range.fit(np.full((10, 2), 0.25), "quantiles")
    assert np.array_equal(fitted.normalize([0.25, 0.25]), [0, 0])
    assert np.allclose(fitted.restore([0, 0]), 0.25)


def test_the_gripper_is_binary_whatever_the_data_hold():
    actions = np.random.default_rng(0).normal(size=(100, 8)) * 0.01
    actions[:, 7] = 1.0  # a set of episodes that never close it
    statistics = ActionStatistics.fit(actions, actions, ActionSpec(), "quantiles")
    open_, closed = actions[0].copy(), actions[0].copy()
    closed[7] = 0
    assert statistics.action.normalize(open_)[7] == 1
    assert statistics.action.normalize(closed)[7] == -1
