"""Answers to held-out questions, judged kind by kind, each beside a trivial baseline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from assets_index.asset import Split
from assets_index.schema import Schema
from assets_index.seeding import Stage, generator
from dataengine.questions.answers import render_answer
from dataengine.questions.parsing import ParsedAnswer, ParseFailure, parse_answer
from dataengine.samples import GroundingSample, QuestionKind
from trainer.data.processor import Processor
from trainer.data.sources.judged import GroundingData
from trainer.errors import NoSamples
from trainer.evaluate.baseline import TrivialBaseline
from trainer.evaluate.metrics import Scores, missed, score
from trainer.model.st4vla import ST4VLA


class GroundingEvaluation(Schema):
    """What is asked.

    Attributes:
        kinds: of questions; None for all.
        split: of the assets the questions are about; None for all.
        per_kind: at most so many questions of each kind, drawn by `seed`.
        batch: questions answered at once.
        max_tokens: of an answer.
    """

    kinds: tuple[QuestionKind, ...] | None = None
    split: Split | None = None
    per_kind: int = 100
    batch: int = 64
    max_tokens: int = 192
    seed: int = 0


class KindReport(Schema):
    """One kind of question.

    Attributes:
        unreadable: share of answers that could not be parsed. They count as wrong in shares of right answers and in
            IoU; distances are means over the others.
        model, baseline: means of the kind's metrics. Lengths are pixels of the stored picture.
    """

    samples: int
    unreadable: float
    model: dict[str, float]
    baseline: dict[str, float]


@dataclass(frozen=True)
class Answer:
    """What the model said to one question; coordinates in pixels of the stored picture."""

    index: int
    sample: GroundingSample
    text: str
    parsed: ParsedAnswer | ParseFailure


@dataclass
class _Tally:
    """Scores of one kind as they come in."""

    unreadable: int = 0
    samples: int = 0
    model: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    baseline: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def report(self) -> KindReport:
        return KindReport(
            samples=self.samples,
            unreadable=self.unreadable / self.samples,
            model={name: float(np.mean(values)) for name, values in self.model.items()},
            baseline={name: float(np.mean(values)) for name, values in self.baseline.items()},
        )


def evaluate_grounding(
    model: ST4VLA,
    processor: Processor,
    data: GroundingData,
    baseline_data: GroundingData | None,
    config: GroundingEvaluation,
    on_answers: Callable[[int, int], None] | None = None,
) -> dict[str, KindReport]:
    """A report per kind of question.

    Args:
        model: on its device, in evaluation mode.
        processor: of the same checkpoint.
        data: the questions, on assets and layouts that were not trained on.
        baseline_data: what the constant answers are fitted to: the training data; None for no such baseline.
        config: which questions.
        on_answers: called with the number of answers so far and their total.

    Raises:
        NoSamples: if there are no questions.
    """
    baseline = None if baseline_data is None else TrivialBaseline.fit(_all_questions(baseline_data))
    chosen = choose_questions(data, config)
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for done, answer in enumerate(answer_questions(model, processor, data, chosen, config), 1):
        _record(tallies[answer.sample.kind], answer, baseline, data)
        if on_answers is not None:
            on_answers(done, len(chosen))
    return {kind: tallies[kind].report() for kind in sorted(tallies)}


def _all_questions(data: GroundingData) -> Iterator[GroundingSample]:
    return (data.grounding(i) for i in range(data.grounding_count))


def choose_questions(data: GroundingData, config: GroundingEvaluation) -> list[int]:
    """Indices of the questions to ask, kind after kind."""
    rng = generator(config.seed, Stage.EVALUATION)
    chosen: list[int] = []
    for kind in sorted(config.kinds or get_args(QuestionKind)):
        chosen += rng.permutation(data.grounding_indices(config.split, (kind,)))[: config.per_kind].tolist()
    if not chosen:
        raise NoSamples(f"{data.name} hold no question of this kind or split")
    return chosen


def answer_questions(
    model: ST4VLA, processor: Processor, data: GroundingData, indices: Sequence[int], config: GroundingEvaluation
) -> Iterator[Answer]:
    """Greedy answers to questions, in their order."""
    device = next(model.parameters()).device
    for start in range(0, len(indices), config.batch):
        part = indices[start : start + config.batch]
        samples = [data.grounding(index) for index in part]
        pictures = [data.grounding_picture(index) for index in part]
        resizings = [processor.planner.resizing(*picture.shape[:2]) for picture in pictures]
        turns = [
            processor.grounding_turn(picture, [(render_answer(sample, resizing).question, None)])
            for picture, sample, resizing in zip(pictures, samples, resizings, strict=True)
        ]
        inputs = processor.prompts(turns).to(device)
        tokens = model.planner.generate(inputs, stop=processor.planner.stop, max_tokens=config.max_tokens)
        texts = processor.planner.decode(tokens)
        for index, sample, resizing, text in zip(part, samples, resizings, texts, strict=True):
            parsed = parse_answer(text, sample.kind)
            stored = parsed if isinstance(parsed, ParseFailure) else parsed.in_stored(resizing)
            yield Answer(index, sample, text, stored)


def _record(tally: _Tally, answer: Answer, baseline: TrivialBaseline | None, data: GroundingData) -> None:
    sample, (ids, bodies) = answer.sample, data.grounding_proof(answer.index)
    tally.samples += 1
    if isinstance(answer.parsed, ParseFailure):
        tally.unreadable += 1
        _extend(tally.model, missed(sample, ids))
    else:
        _extend(tally.model, score(answer.parsed, sample, ids, bodies))
    if baseline is None:
        return
    constant = baseline.answer(sample)
    _extend(tally.baseline, missed(sample, ids) if constant is None else score(constant, sample, ids, bodies))


def _extend(columns: dict[str, list[float]], scores: Scores) -> None:
    for name, value in scores.items():
        columns[name].append(value)
