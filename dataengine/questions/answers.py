"""Spatial questions and answers as text, for the size at which a model is shown the picture.

Coordinates are written as absolute integers of the shown picture, Qwen2.5-VL's convention: a point is the pixel it lies
in (column, row), a box is its edges rounded to whole pixels. `dataengine.questions.parsing` reads them back.
"""

from __future__ import annotations

import json
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import ArrayLike

from dataengine.questions.resizing import Resizing
from dataengine.samples import Box, GroundingSample

FORM_INSTRUCTIONS = {"json": "Answer in JSON.", "xml": "Answer in XML.", "text": ""}


class QuestionAnswer(NamedTuple):
    """What is asked of the model, and what it should say."""

    question: str
    answer: str


def render_answer(sample: GroundingSample, resizing: Resizing) -> QuestionAnswer:
    """The text of a sample for a picture shown at a certain size.

    JSON: `{"bbox_2d":[x1,y1,x2,y2],"label":...}`, `{"point_2d":[x,y],"label":...}`, a list of them if there are
    several, and `[[x,y],...]` for a trace. XML: `<box x1= y1= x2= y2= alt=>label</box>` and
    `<points x1= y1= x2= y2= ... alt=>label</points>`, in the order of time for a trace. Text: `sample.text`.
    """
    instruction = FORM_INSTRUCTIONS[sample.form]
    question = f"{sample.question} {instruction}" if instruction else sample.question
    if sample.form == "text":
        return QuestionAnswer(question, sample.text)
    write = _json_answer if sample.form == "json" else _xml_answer
    return QuestionAnswer(question, write(sample, resizing))


def pixel_indices(points: ArrayLike, resizing: Resizing) -> list[list[int]]:
    """Columns and rows in the shown picture of points (N, 2) in the stored one, within the picture."""
    height, width = resizing.shown
    indices = np.floor(resizing.to_shown(points)).astype(int)
    return [[int(x), int(y)] for x, y in np.clip(indices, 0, [width - 1, height - 1])]


def pixel_box(box: Box, resizing: Resizing) -> list[int]:
    """x1, y1, x2, y2 in whole pixels of the shown picture, half-open, at least one pixel wide and high."""
    height, width = resizing.shown
    corners = np.floor(resizing.to_shown(np.reshape(box, (2, 2))) + 0.5).astype(int)
    lower = np.clip(corners[0], 0, [width - 1, height - 1])
    upper = np.clip(corners[1], lower + 1, [width, height])
    return [int(value) for value in (*lower, *upper)]


def _json_answer(sample: GroundingSample, resizing: Resizing) -> str:
    if sample.kind == "trace":
        return json.dumps(pixel_indices(sample.trace, resizing), separators=(",", ":"))
    entries: list[dict[str, object]] = [
        {"bbox_2d": pixel_box(box, resizing), "label": sample.label} for box in sample.boxes
    ]
    if sample.points:
        entries += [{"point_2d": point, "label": sample.label} for point in pixel_indices(sample.points, resizing)]
    answer = entries[0] if len(entries) == 1 else entries
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False)


def _xml_answer(sample: GroundingSample, resizing: Resizing) -> str:
    label = f"alt={quoteattr(sample.label)}>{escape(sample.label)}"
    elements = [_xml_box(pixel_box(box, resizing), label) for box in sample.boxes]
    points = sample.trace if sample.kind == "trace" else sample.points
    if points:
        numbered = enumerate(pixel_indices(points, resizing), 1)
        coordinates = " ".join(f'x{i}="{x}" y{i}="{y}"' for i, (x, y) in numbered)
        elements.append(f"<points {coordinates} {label}</points>")
    return "".join(elements)


def _xml_box(box: list[int], label: str) -> str:
    x1, y1, x2, y2 = box
    return f'<box x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {label}</box>'
