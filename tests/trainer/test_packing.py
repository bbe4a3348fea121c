from hypothesis import given
from hypothesis import strategies as st

from trainer.planners.packing import fill_rows


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20), st.integers(1, 300))
def test_every_sequence_is_in_one_row_and_packing_never_adds_padding(lengths, capacity):
    rows = fill_rows(lengths, capacity)
    assert sorted(i for row in rows for i in row) == list(range(len(lengths)))
    longest = max(sum(lengths[i] for i in row) for row in rows)
    assert longest <= max(capacity, *lengths)
    assert len(rows) * longest <= len(lengths) * max(lengths)


def test_rows_have_little_padding():
    assert fill_rows([3, 9, 5, 1, 6], 12) == [[0, 1], [2, 3, 4]]
    assert fill_rows([5, 5, 5, 5], 14) == [[0], [1], [2], [3]]
    assert fill_rows([20, 1, 1], 8) == [[0], [1, 2]]
