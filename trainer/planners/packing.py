"""Sequences of different lengths in rows of about the same length, so that little of a batch is padding."""

from __future__ import annotations

import math
from collections.abc import Sequence


def fill_rows(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Which sequences share a row, so that there is least padding; of equal choices the one with the most rows.

    No row is longer than `capacity`, unless a single sequence is. Rows, and sequences within a row, stand in the order
    of `lengths`.
    """
    capacity = max(capacity, *lengths)
    choices = [even_rows(lengths, count) for count in range(len(lengths), math.ceil(sum(lengths) / capacity) - 1, -1)]
    longest = [max(sum(lengths[i] for i in row) for row in rows) for rows in choices]
    fitting = [choice for choice in range(len(choices)) if longest[choice] <= capacity]
    best = min(fitting, key=lambda choice: len(choices[choice]) * longest[choice])
    return sorted(sorted(row) for row in choices[best])


def even_rows(lengths: Sequence[int], count: int) -> list[list[int]]:
    """Sequences in so many rows: the longest first, each into the row that is shortest (Graham 1969)."""
    rows: list[list[int]] = [[] for _ in range(count)]
    filled = [0] * count
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        shortest = filled.index(min(filled))
        rows[shortest].append(index)
        filled[shortest] += lengths[index]
    return rows
