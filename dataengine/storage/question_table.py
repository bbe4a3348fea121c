"""`GroundingSample`s as columns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any, get_args

import numpy as np
import zarr
from numpy.typing import NDArray

from assets_index.asset import Point2
from dataengine.samples import AnswerForm, Box, FrameKey, GroundingSample, QuestionKind
from dataengine.storage.columns import RaggedColumn, TextColumn, read_column, write_column, write_ragged, write_text

KINDS: tuple[QuestionKind, ...] = get_args(QuestionKind)
FORMS: tuple[AnswerForm, ...] = get_args(AnswerForm)

_WIDTHS = {"boxes": 4, "points": 2, "trace": 2}
_TEXTS = ("question", "label", "text")


def write_questions(
    group: zarr.Group, samples: Sequence[GroundingSample], rows: Sequence[int], cameras: Sequence[str]
) -> None:
    """Write the table into `group`; `rows` gives the frame row of each sample."""
    write_column(group, "row", rows, np.int64)
    write_column(group, "camera", [cameras.index(sample.frame.camera) for sample in samples], np.uint8)
    write_column(group, "kind", [KINDS.index(sample.kind) for sample in samples], np.uint8)
    write_column(group, "form", [FORMS.index(sample.form) for sample in samples], np.uint8)
    write_column(group, "visible_fraction", [sample.visible_fraction for sample in samples], np.float64)
    for name in _TEXTS:
        write_text(group, name, [getattr(sample, name) for sample in samples])
    for name, width in _WIDTHS.items():
        write_ragged(group, name, [getattr(sample, name) for sample in samples], width)
    write_text(group, "bodies", [json.dumps(sample.bodies) for sample in samples])
    group.attrs.update({"kinds": list(KINDS), "forms": list(FORMS), "cameras": list(cameras)})


def count_by_kind(samples: Sequence[GroundingSample]) -> dict[str, int]:
    """Number of samples of each kind that occurs, by name."""
    return dict(sorted(Counter(sample.kind for sample in samples).items()))


class QuestionTable:
    """The table of one shard, read when first asked."""

    def __init__(self, group: zarr.Group) -> None:
        self._group = group
        self.kinds: list[str] = list(group.attrs["kinds"])  # type: ignore[arg-type]
        self.forms: list[str] = list(group.attrs["forms"])  # type: ignore[arg-type]
        self.cameras: list[str] = list(group.attrs["cameras"])  # type: ignore[arg-type]

    @cached_property
    def row(self) -> NDArray[np.int64]:
        """Frame row of each sample."""
        return read_column(self._group, "row")

    @cached_property
    def kind(self) -> NDArray[np.uint8]:
        """Index into `kinds` of each sample."""
        return read_column(self._group, "kind")

    @cached_property
    def camera(self) -> NDArray[np.uint8]:
        """Index into `cameras` of each sample."""
        return read_column(self._group, "camera")

    def sample(self, i: int, episode: int, step: int, look: int) -> GroundingSample:
        """Sample i, whose frame row belongs to this episode, step and look."""
        frame = FrameKey(episode=episode, step=step, look=look, camera=self.cameras[self.camera[i]])
        return GroundingSample.model_construct(
            frame=frame,
            kind=self.kinds[self.kind[i]],
            form=self.forms[self._form[i]],
            visible_fraction=float(self._visible_fraction[i]),
            bodies=tuple(json.loads(self._texts["bodies"][i])),
            boxes=_boxes(self._numbers["boxes"][i]),
            points=_points(self._numbers["points"][i]),
            trace=_points(self._numbers["trace"][i]),
            **{name: self._texts[name][i] for name in _TEXTS},
        )

    @cached_property
    def _form(self) -> NDArray[np.uint8]:
        return read_column(self._group, "form")

    @cached_property
    def _visible_fraction(self) -> NDArray[np.float64]:
        return read_column(self._group, "visible_fraction")

    @cached_property
    def _texts(self) -> dict[str, TextColumn]:
        return {name: TextColumn.read(self._group, name) for name in (*_TEXTS, "bodies")}

    @cached_property
    def _numbers(self) -> dict[str, RaggedColumn]:
        return {name: RaggedColumn.read(self._group, name) for name in _WIDTHS}


def _boxes(values: NDArray[Any]) -> tuple[Box, ...]:
    return tuple((x1, y1, x2, y2) for x1, y1, x2, y2 in values.tolist())


def _points(values: NDArray[Any]) -> tuple[Point2, ...]:
    return tuple((x, y) for x, y in values.tolist())
