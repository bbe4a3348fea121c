"""Endless, shuffled streams of training items. The item at a position is a pure function of (data, seed, position).

So a stream needs no state: a run that stopped after n items goes on at position n, with any number of workers.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from assets_index.asset import Split
from assets_index.errors import InvalidConfig
from assets_index.seeding import Stage, generator
from dataengine.actions import ActionSpec
from dataengine.questions.answers import QuestionAnswer, render_answer
from dataengine.samples import ActionSample, QuestionKind
from dataengine.storage.shard_reader import ShardReader
from dataengine.storage.shard_set import ShardSet
from trainer.data.action_data import ActionData, check_actions, moments_to_imitate
from trainer.data.processor import ActionItem, Processor
from trainer.data.sources.conversations import Conversations
from trainer.data.sources.damage import naming_damage
from trainer.data.sources.pictures import read_picture
from trainer.errors import NoSamples


class Stream(IntEnum):
    """Which stream; part of the seed of its order."""

    GROUNDING = 0
    ACTION = 1


@lru_cache(maxsize=16)
def _permutation(seed: int, stream: Stream, source: int, epoch: int, size: int) -> NDArray[np.int64]:
    return generator(seed, Stage.TRAINING, stream, source, epoch).permutation(size)


def item_at(seed: int, stream: Stream, position: int, size: int, source: int = 0) -> tuple[int, np.random.Generator]:
    """Which of `size` items of a source stands at a position, and the generator for what else is drawn there.

    Every item comes once in each epoch of `size` positions.
    """
    epoch, offset = divmod(position, size)
    rng = generator(seed, Stage.TRAINING, stream, source, epoch, offset)
    return int(_permutation(seed, stream, source, epoch, size)[offset]), rng


Item = TypeVar("Item")


class SourceStream(Dataset[Item], Generic[Item]):
    """The items of one source, all of them once in each epoch.

    Args:
        name: of the source, for messages.
        size: how many items it has.
        stream, seed, source: which order they come in; `source` is the number of the source in a mixture.
    """

    def __init__(self, name: str, size: int, stream: Stream, seed: int, source: int) -> None:
        self.name, self.size = name, size
        self._stream, self._seed, self._source = stream, seed, source

    def __getitem__(self, position: int) -> Item:
        index, rng = item_at(self._seed, self._stream, position, self.size, self._source)
        with naming_damage(self.name, self.size, index):
            return self.item(index, rng)

    @abstractmethod
    def item(self, index: int, rng: np.random.Generator) -> Item:
        """Item `index` of the source; `rng` is for all that is drawn about it."""


class MixedStream(Dataset[Item], Generic[Item]):
    """Several sources, drawn by weight; each goes through epochs of its own.

    Every thousand positions hold each source as often as its weight says, in an order drawn by the seed, so that which
    source a position belongs to, and which of its items, follows from the position alone.

    Raises:
        InvalidConfig: if a weight is too small to ever be drawn.
    """

    PERIOD = 1000

    def __init__(self, streams: Sequence[Dataset[Item]], weights: Sequence[float], stream: Stream, seed: int) -> None:
        self._streams, self._stream, self._seed = streams, stream, seed
        self._shares = _shares(weights, self.PERIOD)

    def __getitem__(self, position: int) -> Item:
        period, offset = divmod(position, self.PERIOD)
        order = _period_order(self._seed, self._stream, period, self._shares)
        source = int(order[offset])
        before = period * self._shares[source] + int(np.count_nonzero(order[:offset] == source))
        return self._streams[source][before]


def _shares(weights: Sequence[float], period: int) -> tuple[int, ...]:
    """How often each source comes in a period, by largest remainders."""
    exact = np.asarray(weights, float) / sum(weights) * period
    shares = np.floor(exact).astype(int)
    shares[np.argsort(shares - exact, kind="stable")[: period - shares.sum()]] += 1
    if not shares.all():
        raise InvalidConfig(f"a source's weight is below a thousandth of all: {weights[int(np.argmin(shares))]:g}")
    return tuple(shares.tolist())


@lru_cache(maxsize=16)
def _period_order(seed: int, stream: Stream, period: int, shares: tuple[int, ...]) -> NDArray[np.int64]:
    """Which source each position of a period belongs to. The seed is a number shorter than that of any epoch."""
    return generator(seed, Stage.TRAINING, stream, period).permutation(np.repeat(np.arange(len(shares)), shares))


def pictures_with_questions(
    shards: ShardSet, split: Split | None = None, kinds: Collection[QuestionKind] | None = None
) -> list[NDArray[np.int64]]:
    """Indices of the grounding samples of each picture that has any, in the order of the shards."""
    first_row = first_sample = 0
    keys, samples = [], []
    for url in shards.urls:
        shard = ShardReader(url)
        picture = (first_row + shard.questions.row) * len(shards.cameras) + shard.questions.camera
        keys.append(picture)
        samples.append(first_sample + np.arange(shard.grounding_count))
        first_row += shard.frame_rows
        first_sample += shard.grounding_count
    wanted = np.isin(np.concatenate(samples), shards.grounding_indices(split, kinds))
    key, sample = np.concatenate(keys)[wanted], np.concatenate(samples)[wanted]
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    return np.split(sample[order], starts[1:]) if len(order) else []


class GroundingStream(SourceStream[Any]):
    """Pictures of shards with up to `per_picture` of their questions each."""

    def __init__(
        self,
        shards: ShardSet,
        processor: Processor,
        *,
        seed: int,
        per_picture: int = 1,
        kinds: Collection[QuestionKind] | None = None,
        source: int = 0,
    ) -> None:
        self._shards, self._processor, self._per_picture = shards, processor, per_picture
        self._pictures = pictures_with_questions(shards, kinds=kinds)
        if not self._pictures:
            raise NoSamples(f"{shards.name} hold no question of these kinds")
        super().__init__(shards.name, len(self._pictures), Stream.GROUNDING, seed, source)

    def item(self, index: int, rng: np.random.Generator) -> Any:
        """A picture's questions as the planner encodes them."""
        questions = rng.permutation(self._pictures[index])[: self._per_picture]
        samples = [self._shards.grounding(int(i)) for i in questions]
        picture = self._shards.grounding_picture(int(questions[0]))
        resizing = self._processor.planner.resizing(*picture.shape[:2])
        return self._processor.grounding_turn(picture, [render_answer(sample, resizing) for sample in samples])


class ConversationStream(SourceStream[Any]):
    """Rows of conversations with up to `per_picture` of their exchanges each; these do not see each other."""

    def __init__(
        self, conversations: Conversations, processor: Processor, *, seed: int, per_picture: int = 1, source: int = 0
    ) -> None:
        self._conversations, self._processor, self._per_picture = conversations, processor, per_picture
        super().__init__(conversations.name, len(conversations), Stream.GROUNDING, seed, source)

    def item(self, index: int, rng: np.random.Generator) -> Any:
        """A row's questions as the planner encodes them."""
        row = self._conversations.row(index)
        pictures = [read_picture(path) for path in row.pictures]
        resizing = self._processor.planner.resizing(*pictures[0].shape[:2])
        texts = [self._conversations.exchange(exchange, resizing) for exchange in row.exchanges]
        chosen = sorted(rng.permutation(len(texts))[: self._per_picture].tolist())
        return self._processor.planner.encode(pictures, [self._asked(texts, i) for i in chosen])

    def _asked(self, texts: Sequence[QuestionAnswer], i: int) -> QuestionAnswer:
        """Exchange i of a row, after those before it if it may depend on them."""
        if not self._conversations.form.dialogue:
            return texts[i]
        return QuestionAnswer(self._processor.planner.continued(texts[:i], texts[i].question), texts[i].answer)


class ActionStream(SourceStream[ActionItem]):
    """Moments of episodes with the actions that follow, each with one of the task's wordings.

    Args:
        failures: whether to imitate also what came to nothing, and what was done while the scene was disturbed on
            purpose. If not, no moment lies in such steps, and of the actions that follow one, those from there on are
            no targets.
    """

    def __init__(
        self,
        data: ActionData,
        processor: Processor,
        spec: ActionSpec,
        *,
        seed: int,
        failures: bool = False,
        source: int = 0,
    ) -> None:
        check_actions(data, processor.observation, spec)
        self._data, self._processor, self._chunk = data, processor, spec.chunk
        self._failures, self._moments = failures, moments_to_imitate(data, failures=failures)
        super().__init__(data.name, len(self._moments), Stream.ACTION, seed, source)

    def item(self, index: int, rng: np.random.Generator) -> ActionItem:
        """One moment, encoded."""
        sample = self._data.action(int(self._moments[index]), self._chunk)
        instruction = sample.instructions[rng.integers(len(sample.instructions))]
        spec = self._processor.observation
        names = dict.fromkeys((*spec.planner_cameras, *spec.cameras))
        pictures = {name: self._data.rgb(name, sample.row) for name in names}
        item = self._processor.observe(instruction, pictures, sample.state)
        return self._processor.target(item, sample.actions, ~sample.padded & self._imitated(sample))

    def _imitated(self, sample: ActionSample) -> NDArray[np.bool_]:
        """Whether each action of a chunk comes before the next step that is not to be imitated."""
        spans = () if self._failures else self._data.not_to_imitate(sample.row)
        until = min((first for first, _ in spans if first > sample.step), default=sample.step + self._chunk)
        return sample.step + np.arange(self._chunk) < until


class StepSampler(Sampler[list[int]]):
    """Positions of the items of each step, from `start` to `stop`; rank r of w reads its own part of every step."""

    def __init__(self, start: int, stop: int, per_rank: int, rank: int = 0, ranks: int = 1) -> None:
        self._steps, self._per_rank, self._rank, self._ranks = range(start, stop), per_rank, rank, ranks

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[list[int]]:
        for step in self._steps:
            first = (step * self._ranks + self._rank) * self._per_rank
            yield list(range(first, first + self._per_rank))
