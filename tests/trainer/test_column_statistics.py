import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.data.column_statistics import ColumnStatistics, QuantileSketch


def statistics_of(values: np.ndarray, chunk: int) -> ColumnStatistics:
    statistics = ColumnStatistics()
    for first in range(0, len(values), chunk):
        statistics.add(values[first : first + chunk])
    return statistics


@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 400))
def test_statistics_are_numpys_in_any_chunks(seed, rows, chunk):
    values = np.random.default_rng(seed).normal(1e3, [1e-3, 1.0], (rows, 2))
    statistics = statistics_of(values, chunk)
    assert statistics.rows == rows
    assert np.array_equal(statistics.minimum, values.min(0))
    assert np.array_equal(statistics.maximum, values.max(0))
    assert np.allclose(statistics.mean, values.mean(0), rtol=1e-12)
    assert np.allclose(statistics.std, values.std(0), rtol=1e-6, atol=1e-12)
    for q in (0.01, 0.5, 0.99):
        assert np.array_equal(statistics.sketch.quantile(q), np.quantile(values, q, axis=0))


@pytest.mark.parametrize("order", ["random", "sorted", "interleaved"])
def test_quantiles_of_a_long_stream_are_within_the_stated_error(order):
    rng = np.random.default_rng(0)
    values = np.column_stack([rng.standard_cauchy(300_000), rng.integers(0, 5, 300_000)])
    if order == "sorted":
        values = np.sort(values, axis=0)
    elif order == "interleaved":
        values = np.sort(values, axis=0).reshape(2, -1, 2).swapaxes(0, 1).reshape(-1, 2)
    sketch = QuantileSketch(buffer=1024)
    for part in np.array_split(values, 97):
        sketch.add(part)
    assert 0 < sketch.rank_error < 0.005
    for q in (0.0, 0.01, 0.5, 0.99, 1.0):
        for column, found in enumerate(sketch.quantile(q)):
            below, upto = np.mean(values[:, column] < found), np.mean(values[:, column] <= found)
            assert below - sketch.rank_error - 1e-5 <= q <= upto + sketch.rank_error + 1e-5


def test_memory_does_not_grow_with_the_stream():
    sketch, rng = QuantileSketch(buffer=256), np.random.default_rng(0)
    for _ in range(500):
        sketch.add(rng.normal(size=(256, 3)))
    assert sketch.stored_rows <= 256 * 11
