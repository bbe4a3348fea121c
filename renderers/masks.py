"""Masks as COCO writes them: compressed run lengths, which `pycocotools.mask` reads."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

_BITS = 5
_MORE = 1 << _BITS
_SIGN = 1 << (_BITS - 1)
_FIRST_CHARACTER = 48


class RunLengths(TypedDict):
    """A mask: its height and width, and its runs column by column, unset pixels first, as text."""

    size: list[int]
    counts: str


def run_lengths(mask: NDArray[np.bool_]) -> RunLengths:
    """The mask (H, W) in COCO's compressed run-length encoding.

    Each run is written as its difference from the last but one of its kind, five bits a character, lowest first.
    https://github.com/cocodataset/cocoapi/blob/master/common/maskApi.c
    """
    pixels = mask.ravel(order="F")
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    runs = np.diff(np.concatenate([[0], changes, [len(pixels)]])).tolist()
    if len(pixels) and pixels[0]:
        runs.insert(0, 0)
    steps = [run - runs[i - 2] if i > 2 else run for i, run in enumerate(runs)]
    return RunLengths(size=list(mask.shape), counts="".join(map(_characters, steps)))


def _characters(number: int) -> str:
    text = ""
    while True:
        low, number = number & (_MORE - 1), number >> _BITS
        done = number == (-1 if low & _SIGN else 0)
        text += chr((low if done else low | _MORE) + _FIRST_CHARACTER)
        if done:
            return text
