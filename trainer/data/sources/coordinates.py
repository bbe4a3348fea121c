"""Coordinates in the texts of others: found, and written for the picture as it is shown.

Found are lists of two or four numbers, which are points and boxes (as `"point_2d"` and `"bbox_2d"` have them), lists of
pairs as `[(x,y),(x,y)]`, the attributes of `<point>`, `<points>` and `<box>`, and Qwen2-VL's
`<|box_start|>(x1,y1),(x2,y2)<|box_end|>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assets_index.asset import Point2
from dataengine.questions.answers import pixel_box, pixel_indices
from dataengine.questions.resizing import Resizing
from dataengine.samples import Box
from trainer.errors import UnreadableItem

Unit = Literal["pixels", "unit", "percent", "thousandths"]

_NUMBER = r"-?\d+(?:\.\d+)?"
_PAIR = rf"{_NUMBER}\s*,\s*{_NUMBER}"
_LIST = re.compile(rf"\[\s*({_PAIR}(?:\s*,\s*{_PAIR})?)\s*\]")
_TOKENS = re.compile(rf"<\|box_start\|>\s*\(({_PAIR})\)\s*,\s*\(({_PAIR})\)\s*<\|box_end\|>")
_TUPLES = re.compile(rf"\[\s*(\(\s*{_PAIR}\s*\)(?:\s*,\s*\(\s*{_PAIR}\s*\))*)\s*,?\s*\]")
_PAIRS = re.compile(_PAIR)
_REFERENCE = re.compile(r"<\|object_ref_(?:start|end)\|>")
_TAG = re.compile(r"<(box|points?)\b[^<>]*>")
_ATTRIBUTE = re.compile(rf"\b([xy])(\d*)(\s*=\s*[\"'])({_NUMBER})(?=[\"'])")
_UNMISTAKABLE = re.compile(r"\"(?:bbox_2d|point_2d)\"|<\|box_start\|>|<(?:box|points?)\b[^<>]*\bx\d*\s*=")
_SLACK = 1.01


class StrayCoordinate(UnreadableItem):
    """Coordinates that cannot be: outside of the picture, or not in pairs."""


@dataclass(frozen=True)
class Shapes:
    """What a text points at, in pixels of the stored picture."""

    boxes: tuple[Box, ...]
    points: tuple[Point2, ...]


def has_coordinates(text: str) -> bool:
    """Whether a text has coordinates beyond doubt; a bare list of numbers may be anything."""
    return _UNMISTAKABLE.search(text) is not None


def pointed_at(text: str) -> Literal["box", "point"] | None:
    """What the first coordinates in a text are."""
    _, is_box = next(_vectors(_plain(text)), (None, None))
    return None if is_box is None else "box" if is_box else "point"


def shapes(text: str, unit: Unit, height: int, width: int) -> Shapes:
    """The boxes and points in a text about a picture of that size.

    Raises:
        StrayCoordinate: if one lies outside of the picture: the unit is another one.
    """
    boxes: list[Box] = []
    points: list[Point2] = []
    for pairs, is_box in _vectors(_plain(text)):
        places = _stored(pairs, unit, height, width)
        if is_box:
            boxes.append(_box(places))
        else:
            points += places
    return Shapes(tuple(boxes), tuple(points))


def written_for(text: str, unit: Unit, resizing: Resizing) -> str:
    """The text with its coordinates in whole pixels of the shown picture, as `dataengine.questions.answers` has them.

    Raises:
        StrayCoordinate: if one lies outside of the picture: the unit is another one.
    """
    size = resizing.stored

    def in_list(match: re.Match[str]) -> str:
        pairs = _pairs(match[1])
        values = _shown(_stored(pairs, unit, *size), len(pairs) == 2, resizing)
        return f"[{','.join(str(value) for value in values)}]"

    def in_tag(match: re.Match[str]) -> str:
        pairs = _attribute_pairs(match[0])
        values = _shown(_stored(list(pairs.values()), unit, *size), match[1] == "box", resizing)
        places = dict(zip(pairs, np.reshape(values, (-1, 2)).tolist(), strict=True))
        return _ATTRIBUTE.sub(lambda a: f"{a[1]}{a[2]}{a[3]}{places[a[2]]['xy'.index(a[1])]}", match[0])

    return _TAG.sub(in_tag, _LIST.sub(in_list, _plain(text)))


def _plain(text: str) -> str:
    """Qwen2-VL's tokens, and pairs in parentheses, as lists."""
    listed = _TUPLES.sub(lambda match: f"[{','.join(f'[{pair}]' for pair in _PAIRS.findall(match[1]))}]", text)
    return _REFERENCE.sub("", _TOKENS.sub(r"[\1,\2]", listed))


def _vectors(text: str) -> Iterator[tuple[list[Point2], bool]]:
    """Each group of pairs in the order of the text, and whether it is a box."""
    found = [(match.start(), _pairs(match[1])) for match in _LIST.finditer(text)]
    boxes = {start for start, pairs in found if len(pairs) == 2}
    for match in _TAG.finditer(text):
        found.append((match.start(), list(_attribute_pairs(match[0]).values())))
        if match[1] == "box":
            boxes.add(match.start())
    for start, pairs in sorted(found):
        yield pairs, start in boxes


def _pairs(numbers: str) -> list[Point2]:
    values = [float(number) for number in numbers.split(",")]
    return list(zip(values[::2], values[1::2], strict=True))


def _attribute_pairs(tag: str) -> dict[str, Point2]:
    """X and y of each number in a tag, by the number as it is written."""
    axes: dict[str, dict[str, float]] = {"x": {}, "y": {}}
    for axis, number, _, value in _ATTRIBUTE.findall(tag):
        axes[axis][number] = float(value)
    if axes["x"].keys() != axes["y"].keys():
        raise StrayCoordinate("an x without its y")
    return {number: (x, axes["y"][number]) for number, x in axes["x"].items()}


def _stored(pairs: list[Point2], unit: Unit, height: int, width: int) -> list[Point2]:
    whole = {"pixels": (width, height), "unit": (1, 1), "percent": (100, 100), "thousandths": (1000, 1000)}[unit]
    for pair in pairs:
        for value, most in zip(pair, whole, strict=True):
            if not 0 <= value <= most * _SLACK:
                raise StrayCoordinate(f"the coordinate {value:g} is not within 0 and {most} ({unit})")
    return [(x / whole[0] * width, y / whole[1] * height) for x, y in pairs]


def _shown(stored: list[Point2], is_box: bool, resizing: Resizing) -> list[int]:
    if is_box:
        return pixel_box(_box(stored), resizing)
    return [value for point in pixel_indices(np.reshape(stored, (-1, 2)), resizing) for value in point]


def _box(corners: list[Point2]) -> Box:
    if len(corners) != 2:
        raise StrayCoordinate("a box needs two corners")
    return *corners[0], *corners[1]
