"""Reading a model's answer. Tolerant of code fences and surrounding words, strict about the coordinates themselves.

A text that cannot be read is a value, `ParseFailure`, because evaluation counts it. Coordinates come back as continuous
pixels of the shown picture: a point is the centre of the pixel that was named.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from assets_index.asset import Point2
from assets_index.transforms import Array
from dataengine.questions.resizing import Resizing
from dataengine.samples import Box, QuestionKind

_NUMBER = r"-?\d+(?:\.\d+)?"
_XML_ELEMENT = re.compile(r"<(box|points?)\b([^<>]*)>[^<>]*</\1\s*>")
_XML_LABEL = re.compile(r"\balt\s*=\s*(\"[^\"]*\"|'[^']*')")
_XML_COORDINATE = re.compile(rf"\b([xy])(\d*)\s*=\s*([\"'])({_NUMBER})\3")
_DECODER = json.JSONDecoder()

Value = TypeVar("Value")


@dataclass(frozen=True)
class ParseFailure:
    """An answer that does not say what it should; `reason` is for a person."""

    reason: str


@dataclass(frozen=True)
class ParsedAnswer:
    """What an answer says; coordinates in pixels of the shown picture."""

    boxes: tuple[Box, ...] = ()
    points: tuple[Point2, ...] = ()
    trace: tuple[Point2, ...] = ()
    text: str = ""

    def in_stored(self, resizing: Resizing) -> ParsedAnswer:
        """The same answer in pixels of the stored picture."""
        boxes = tuple(_box(resizing.to_stored(np.reshape(box, (2, 2))).ravel()) for box in self.boxes)
        points, trace = (
            tuple((float(x), float(y)) for x, y in resizing.to_stored(np.reshape(path, (-1, 2))))
            for path in (self.points, self.trace)
        )
        return ParsedAnswer(boxes, points, trace, self.text)


def parse_answer(text: str, kind: QuestionKind) -> ParsedAnswer | ParseFailure:
    """Read an answer to a question of that kind."""
    if kind == "box":
        boxes = parse_boxes(text)
        return boxes if isinstance(boxes, ParseFailure) else ParsedAnswer(boxes=boxes)
    if kind == "trace":
        trace = parse_trace(text)
        return trace if isinstance(trace, ParseFailure) else ParsedAnswer(trace=trace)
    if kind in ("relation", "count"):
        words = " ".join(text.split()).rstrip(".").lower().removeprefix("the ")
        return ParsedAnswer(text=words) if words else ParseFailure("the answer is empty")
    points = parse_points(text)
    return points if isinstance(points, ParseFailure) else ParsedAnswer(points=points)


def parse_boxes(text: str) -> tuple[Box, ...] | ParseFailure:
    """Boxes of a JSON or XML answer: `bbox_2d` entries, bare `[x1,y1,x2,y2]` lists, or `<box>` elements."""
    return _parse(text, _json_boxes, _xml_boxes, "box")


def parse_points(text: str) -> tuple[Point2, ...] | ParseFailure:
    """Points of a JSON or XML answer: `point_2d` entries, bare `[x,y]` lists, or a `<points>` element."""
    return _parse(text, _json_points, _xml_points, "point")


def parse_trace(text: str) -> tuple[Point2, ...] | ParseFailure:
    """A path of at least two points, written as points are."""
    points = parse_points(text)
    if isinstance(points, ParseFailure) or len(points) >= 2:
        return points
    return ParseFailure("a trace needs at least two points")


class _UnreadableError(ValueError):
    """The text is not an answer of the form that was looked for."""


def _parse(
    text: str,
    from_json: Callable[[object], Iterator[Value]],
    from_xml: Callable[[str], Iterator[Value]],
    noun: str,
) -> tuple[Value, ...] | ParseFailure:
    try:
        values = tuple(from_xml(text) if _XML_ELEMENT.search(text) else from_json(_first_json(text)))
    except (_UnreadableError, OverflowError) as error:
        return ParseFailure(str(error))
    return values or ParseFailure(f"no {noun} in the answer")


def _first_json(text: str) -> object:
    """The first JSON list or object in the text."""
    start = re.search(r"[\[{]", text)
    if start is None:
        raise _UnreadableError("neither JSON nor XML in the answer")
    try:
        return _DECODER.raw_decode(text, start.start())[0]
    except (ValueError, RecursionError) as error:
        raise _UnreadableError("the JSON is broken") from error


def _json_boxes(data: object) -> Iterator[Box]:
    for values in _json_vectors(data, "bbox_2d", 4):
        yield _checked_box(values)


def _json_points(data: object) -> Iterator[Point2]:
    for x, y in _json_vectors(data, "point_2d", 2):
        yield x + 0.5, y + 0.5


def _json_vectors(data: object, key: str, size: int) -> Iterator[tuple[float, ...]]:
    """Number lists of that size: one, a list of them, or under `key` in an object or a list of objects."""
    if isinstance(data, dict):
        yield _vector(data.get(key), size)
    elif isinstance(data, list) and data and not isinstance(data[0], (list, dict)):
        yield _vector(data, size)
    elif isinstance(data, list):
        for entry in data:
            yield _vector(entry.get(key) if isinstance(entry, dict) else entry, size)


def _vector(data: object, size: int) -> tuple[float, ...]:
    if not isinstance(data, list) or len(data) != size:
        raise _UnreadableError(f"expected {size} numbers")
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in data):
        raise _UnreadableError("a coordinate is not a number")
    return tuple(_finite(value) for value in data)


def _finite(value: str | float) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise _UnreadableError("a coordinate is not finite")
    return number


def _xml_boxes(text: str) -> Iterator[Box]:
    for element in _XML_ELEMENT.finditer(text):
        corners = _xml_pairs(element.group(2))
        if element.group(1) != "box" or len(corners) != 2:
            raise _UnreadableError("expected a box element with x1, y1, x2 and y2")
        yield _checked_box((*corners[0], *corners[1]))


def _xml_points(text: str) -> Iterator[Point2]:
    for element in _XML_ELEMENT.finditer(text):
        if element.group(1) == "box":
            raise _UnreadableError("expected points, found a box")
        for x, y in _xml_pairs(element.group(2)):
            yield x + 0.5, y + 0.5


def _xml_pairs(attributes: str) -> list[tuple[float, float]]:
    """X and y of each number, in the order of the numbers."""
    axes: dict[str, dict[int, float]] = {"x": {}, "y": {}}
    for axis, number, _, value in _XML_COORDINATE.findall(_XML_LABEL.sub("", attributes)):
        axes[axis][int(number or 1)] = _finite(value)
    if axes["x"].keys() != axes["y"].keys():
        raise _UnreadableError("an x without its y")
    return [(axes["x"][number], axes["y"][number]) for number in sorted(axes["x"])]


def _checked_box(values: tuple[float, ...]) -> Box:
    box = _box(np.asarray(values))
    if box[2] <= box[0] or box[3] <= box[1]:
        raise _UnreadableError("a box has no area")
    return box


def _box(values: Array) -> Box:
    x1, y1, x2, y2 = (float(value) for value in values)
    return x1, y1, x2, y2
