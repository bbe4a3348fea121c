from __future__ import annotations

import numpy as np
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from zarr.storage import MemoryStore

from dataengine.storage.columns import RaggedColumn, TextColumn, read_column, write_column, write_ragged, write_text

DTYPES = st.sampled_from([np.float64, np.float32, np.int64, np.int8, np.uint8, np.uint16, np.bool_])
SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=9)


def new_group() -> zarr.Group:
    return zarr.create_group(MemoryStore())


@settings(max_examples=60)
@given(hnp.arrays(DTYPES, SHAPES))
def test_arrays_come_back_bit_for_bit(values):
    group = new_group()
    write_column(group, "a/b", values)
    back = read_column(group, "a/b")
    assert back.dtype == values.dtype
    assert back.shape == values.shape
    assert back.tobytes() == values.tobytes()


def test_signs_of_zero_and_nan_survive():
    group = new_group()
    values = np.array([-0.0, -0.0])
    write_column(group, "zero", values)
    write_column(group, "nan", np.array([np.nan, -np.inf]))
    assert np.signbit(read_column(group, "zero")).all()
    assert np.isnan(read_column(group, "nan")[0])


@settings(max_examples=60)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=20))
def test_text_comes_back(rows):
    group = new_group()
    write_text(group, "words", rows)
    column = TextColumn.read(group, "words")
    assert list(column) == rows
    assert column[1:] == rows[1:]
    assert not rows or column[-1] == rows[-1]


@settings(max_examples=40)
@given(st.lists(st.lists(st.tuples(*[st.floats(allow_nan=False)] * 2), max_size=5), max_size=10))
def test_lists_of_different_lengths_come_back(rows):
    group = new_group()
    write_ragged(group, "points", rows, 2)
    column = RaggedColumn.read(group, "points")
    assert [[tuple(point) for point in column[i].tolist()] for i in range(len(column))] == rows
