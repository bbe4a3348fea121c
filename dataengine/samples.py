"""What a trainer reads: spatial questions and actions that point to the same frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Point2
from assets_index.schema import Schema

QuestionKind = Literal["box", "point", "trace", "affordance", "region", "relation", "count"]
AnswerForm = Literal["json", "xml", "text"]
Box = tuple[float, float, float, float]


class FrameKey(Schema):
    """Which picture: attempt number of the episode, control step, look and camera."""

    episode: int
    step: int
    look: int
    camera: str


class GroundingSample(Schema):
    """One spatial question about one picture, answered from what is known.

    Coordinates are pixels of the stored picture (pixel centres at integer + 0.5); the text is written for a pixel
    budget when a batch is made, by `dataengine.questions.answers`.

    Attributes:
        question: the question in words, without any formatting instruction.
        form: how the answer is to be written.
        boxes: x1, y1, x2, y2 half-open, of what is seen or of the whole, as the question says; points: x, y;
            trace: x, y along time, hidden parts included.
        text: the answer of relation and count questions.
        label: the expression that names the thing asked for.
        bodies: names of the bodies that prove the answer.
        visible_fraction: of the (least visible) body asked for.
    """

    frame: FrameKey
    kind: QuestionKind
    form: AnswerForm
    question: str
    label: str
    boxes: tuple[Box, ...] = ()
    points: tuple[Point2, ...] = ()
    trace: tuple[Point2, ...] = ()
    text: str = ""
    bodies: tuple[str, ...] = ()
    visible_fraction: float = 1.0


@dataclass(frozen=True)
class ActionSample:
    """What to do from one moment of an episode on.

    Attributes:
        row: frame row of the moment in the `ShardReader` or `ShardSet` that gave the sample; every camera has it.
        episode, step, look: the moment; with a camera's name they are the `FrameKey`.
        instructions: wordings of the same task, the template first.
        state: (J + G,) joint positions in rad and the opening between each arm's fingers in metres.
        actions: (chunk, A) as `dataengine.actions.ActionSpec` says. Behind the end: joints stay, grippers as last.
        padded: (chunk,) True for actions behind the end.
    """

    row: int
    episode: int
    step: int
    look: int
    instructions: tuple[str, ...]
    state: NDArray[np.float32]
    actions: NDArray[np.float32]
    padded: NDArray[np.bool_]
