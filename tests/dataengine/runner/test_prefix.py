from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dataengine.runner.prefix import run_until
from dataengine.runner.worker import Report
from tests.dataengine.runner.blocks import as_is


@given(
    counts=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    target=st.integers(0, 30),
    known=st.sets(st.integers(0, 11)),
)
def test_the_shortest_beginning_that_suffices(counts: list[int], target: int, known: set[int]):
    done = {block: counts[block] for block in known if block < len(counts)}
    called: list[int] = []

    def function(block: int) -> int:
        called.append(block)
        return counts[block]

    values = run_until(function, target, count=as_is, limit=len(counts), workers=0, known=done)
    expected = next((n for n in range(len(counts) + 1) if sum(counts[:n]) >= target), len(counts))
    assert values == counts[: len(values)]
    assert len(values) == expected
    assert not set(called) & done.keys()
    assert len(called) == len(set(called))


def test_progress_is_reported():
    seen: list[Report] = []
    run_until(lambda block: block, 6, count=as_is, limit=10, workers=0, on_done=seen.append)
    assert [report.block for report in seen] == [0, 1, 2, 3]
