"""What answers would score that look at no picture: for each kind and camera the mean or most frequent true answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from assets_index.asset import Point2
from dataengine.questions.parsing import ParsedAnswer
from dataengine.samples import Box, GroundingSample
from trainer.evaluate.metrics import TRACE_POINTS, resample_by_arc_length, true_text

_Key = tuple[str, str]


@dataclass(frozen=True)
class TrivialBaseline:
    """One constant answer per kind and camera. All pictures of a camera have one size."""

    answers: dict[_Key, ParsedAnswer]

    @classmethod
    def fit(cls, samples: Iterable[GroundingSample]) -> TrivialBaseline:
        """The mean box, point or trace and the majority word of training samples."""
        grouped: dict[_Key, list[GroundingSample]] = defaultdict(list)
        for sample in samples:
            grouped[sample.kind, sample.frame.camera].append(sample)
        return cls({key: _constant_answer(group) for key, group in grouped.items()})

    def answer(self, sample: GroundingSample) -> ParsedAnswer | None:
        """The constant answer, or None if no training sample was of this kind and camera."""
        return self.answers.get((sample.kind, sample.frame.camera))


def _constant_answer(group: list[GroundingSample]) -> ParsedAnswer:
    kind = group[0].kind
    if kind == "box":
        return ParsedAnswer(boxes=(_mean_box(group),))
    if kind == "trace":
        paths = [resample_by_arc_length(sample.trace, TRACE_POINTS) for sample in group]
        return ParsedAnswer(trace=tuple(_point(point) for point in np.mean(paths, 0)))
    if kind in ("relation", "count"):
        return ParsedAnswer(text=Counter(true_text(sample) for sample in group).most_common(1)[0][0])
    points = np.concatenate([np.asarray(sample.points, float) for sample in group])
    return ParsedAnswer(points=(_point(points.mean(0)),))


def _mean_box(group: list[GroundingSample]) -> Box:
    x1, y1, x2, y2 = np.mean([sample.boxes[0] for sample in group], 0).tolist()
    return x1, y1, x2, y2


def _point(values: np.ndarray) -> Point2:
    return float(values[0]), float(values[1])
