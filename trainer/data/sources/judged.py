"""Questions with known answers, wherever they come from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets_index.asset import Split
from assets_index.errors import InvalidConfig
from dataengine.samples import FrameKey, GroundingSample, QuestionKind
from trainer.data.images import Rgb
from trainer.data.sources.conversations import Conversations
from trainer.data.sources.coordinates import pointed_at, shapes
from trainer.data.sources.damage import naming_damage
from trainer.data.sources.opening import open_sources, question_sources
from trainer.data.sources.pictures import read_mask, read_picture
from trainer.data.sources.source import named_sources
from trainer.errors import NoSamples, UnreadableItem

_TARGET = "target"


class GroundingData(Protocol):
    """Questions that can be judged: a `ShardSet`, or `JudgedConversations`. Questions are counted from 0.

    Attributes:
        name: for messages.
    """

    name: str

    @property
    def grounding_count(self) -> int:
        """Number of questions."""

    def grounding_indices(
        self, split: Split | None = None, kinds: Collection[QuestionKind] | None = None
    ) -> NDArray[np.int64]:
        """The questions of a split and of some kinds, ascending."""

    def grounding(self, i: int) -> GroundingSample:
        """Question i with its true answer, in pixels of its picture."""

    def grounding_picture(self, i: int) -> Rgb:
        """The picture (H, W, 3) that question i is about."""

    def grounding_proof(self, i: int) -> tuple[NDArray[np.uint16] | None, dict[str, int]]:
        """Instance ids (H, W) of its picture, if they are known, and which of them each body has."""


class JudgedConversations:
    """The exchanges of conversations about one picture whose answers are boxes or points.

    Their `FrameKey` has the row as episode, the exchange as step, and the size of the picture as camera.

    Raises:
        InvalidConfig: if nobody said what unit their coordinates have.
        NoSamples: if there are none.
        DamagedItem: if a row cannot be read, also by the methods; in judging, nothing takes another one's place.
    """

    def __init__(self, conversations: Conversations) -> None:
        if conversations.form.coordinates is None:
            raise InvalidConfig(f"{conversations.name}: say what unit its coordinates have, with `coordinates`")
        self.name = conversations.name
        self._conversations, self._unit = conversations, conversations.form.coordinates
        self._places: list[tuple[int, int]] = []
        self._kinds: list[QuestionKind] = []
        for row in range(len(conversations)):
            with self._naming(row):
                conversation = conversations.row(row)
            for number, (question, answer) in enumerate(conversation.exchanges):
                kind = pointed_at(answer)
                depends = number > 0 and conversations.form.dialogue
                if kind and not depends and not pointed_at(question) and len(conversation.pictures) == 1:
                    self._places.append((row, number))
                    self._kinds.append(kind)
        if not self._places:
            raise NoSamples(f"{self.name}: no answer is a box or a point")

    @property
    def grounding_count(self) -> int:
        """Number of questions."""
        return len(self._places)

    def grounding_indices(
        self, split: Split | None = None, kinds: Collection[QuestionKind] | None = None
    ) -> NDArray[np.int64]:
        """The questions of some kinds; raises InvalidConfig if a split is asked for."""
        if split is not None:
            raise InvalidConfig(f"{self.name}: conversations have no splits")
        return np.flatnonzero([kinds is None or kind in kinds for kind in self._kinds])

    def grounding(self, i: int) -> GroundingSample:
        """Question i with its true answer, in pixels of its picture."""
        row, number = self._places[i]
        conversation = self._conversations.row(row)
        question, answer = conversation.exchanges[number]
        with self._naming(row):
            width, height = _size(conversation.pictures[0])
            found = shapes(answer, self._unit, height, width)
        return GroundingSample(
            frame=FrameKey(episode=row, step=number, look=0, camera=f"{width}x{height}"),
            kind=self._kinds[i],
            form="text",
            question=question,
            label="",
            boxes=found.boxes,
            points=found.points,
            bodies=(_TARGET,),
        )

    def grounding_picture(self, i: int) -> Rgb:
        """The picture (H, W, 3) that question i is about."""
        row, _ = self._places[i]
        with self._naming(row):
            return read_picture(self._conversations.row(row).pictures[0])

    def grounding_proof(self, i: int) -> tuple[NDArray[np.uint16] | None, dict[str, int]]:
        """The mask of what is pointed at, if the row names one."""
        row, _ = self._places[i]
        with self._naming(row):
            mask = self._conversations.row(row).mask
            return (None if mask is None else read_mask(mask)), {_TARGET: 1}

    def _naming(self, row: int) -> AbstractContextManager[None]:
        return naming_damage(self.name, len(self._conversations), row)


def judged_questions(data: Sequence[str]) -> GroundingData:
    """The questions of what `--data` names: shards, or one file of conversations.

    Raises:
        InvalidConfig: if it is several sources, which are to be judged one at a time.
    """
    sources = question_sources(open_sources(named_sources(data)))
    if len(sources) > 1:
        raise InvalidConfig(f"{sources[0][1].name} and {sources[1][1].name}: judge one source at a time")
    found = sources[0][1]
    return JudgedConversations(found) if isinstance(found, Conversations) else found


def _size(path: Path) -> tuple[int, int]:
    """Width and height, from the head of the file."""
    try:
        with Image.open(path) as picture:
            return picture.size
    except OSError as error:
        raise UnreadableItem(f"{path}: cannot be read as a picture: {error}") from error
