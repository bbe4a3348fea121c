"""Endless, shuffled streams of training items. The item at a position is a pure function of (data, seed, position).

So a stream needs no state: a run that stopped after n items goes on at position n, with any number of workers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import IntEnum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset, Sampler

from assets_index.asset import Split
from assets_index.seeding import Stage, generator
from dataengine.actions import ActionSpec
from dataengine.questions.answers import render_answer
from dataengine.samples import ActionSample, QuestionKind
from dataengine.storage.shard_reader import ShardReader
from dataengine.storage.shard_set import ShardSet
from trainer.data.processor import ActionItem, Processor
from trainer.errors import ActionSpecMismatch, MissingCamera, NoSamples
from trainer.model.config import ObservationSpec


class Stream(IntEnum):
    """Which stream; part of the seed of its order."""

    GROUNDING = 0
    ACTION = 1


@lru_cache(maxsize=8)
def _permutation(seed: int, stream: Stream, epoch: int, size: int) -> NDArray[np.int64]:
    return generator(seed, Stage.TRAINING, stream, epoch).permutation(size)


def item_at(seed: int, stream: Stream, position: int, size: int) -> tuple[int, np.random.Generator]:
    """Which of `size` items stands at a position, and the generator for what else is drawn there.

    Every item comes once in each epoch of `size` positions.
    """
    epoch, offset = divmod(position, size)
    rng = generator(seed, Stage.TRAINING, stream, epoch, offset)
    return int(_permutation(seed, stream, epoch, size)[offset]), rng


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


class GroundingStream(Dataset[Any]):
    """Pictures with up to `per_picture` of their questions each."""

    def __init__(
        self,
        shards: ShardSet,
        processor: Processor,
        *,
        seed: int,
        per_picture: int = 1,
        kinds: Collection[QuestionKind] | None = None,
    ) -> None:
        self._shards, self._processor, self._seed, self._per_picture = shards, processor, seed, per_picture
        self._pictures = pictures_with_questions(shards, kinds=kinds)
        if not self._pictures:
            raise NoSamples(f"{shards.urls[0]} and {len(shards.urls) - 1} more shards hold no question of these kinds")

    def __getitem__(self, position: int) -> Any:
        index, rng = item_at(self._seed, Stream.GROUNDING, position, len(self._pictures))
        questions = rng.permutation(self._pictures[index])[: self._per_picture]
        samples = [self._shards.grounding(int(i)) for i in questions]
        picture = self._shards.rgb(samples[0].frame.camera, self._shards.grounding_row(int(questions[0])))
        resizing = self._processor.planner.resizing(*picture.shape[:2])
        return self._processor.grounding_turn(picture, [render_answer(sample, resizing) for sample in samples])


class ActionStream(Dataset[ActionItem]):
    """Moments of episodes with the actions that follow, each with one of the task's wordings.

    Args:
        failures: whether to imitate also what came to nothing, and what was done while the scene was disturbed on
            purpose. If not, no moment lies in such steps, and of the actions that follow one, those from there on are
            no targets.
    """

    def __init__(
        self, shards: ShardSet, processor: Processor, spec: ActionSpec, *, seed: int, failures: bool = False
    ) -> None:
        check_actions(shards, processor.observation, spec)
        self._shards, self._processor, self._chunk, self._seed = shards, processor, spec.chunk, seed
        self._failures, self._moments = failures, moments_to_imitate(shards, failures=failures)

    def __getitem__(self, position: int) -> ActionItem:
        index, rng = item_at(self._seed, Stream.ACTION, position, len(self._moments))
        sample = self._shards.action(int(self._moments[index]), self._chunk)
        instruction = sample.instructions[rng.integers(len(sample.instructions))]
        spec = self._processor.observation
        names = dict.fromkeys((*spec.planner_cameras, *spec.cameras))
        pictures = {name: self._shards.rgb(name, sample.row) for name in names}
        item = self._processor.observe(instruction, pictures, sample.state)
        return self._processor.target(item, sample.actions, ~sample.padded & self._imitated(sample))

    def _imitated(self, sample: ActionSample) -> NDArray[np.bool_]:
        """Whether each action of a chunk comes before the next step that is not to be imitated."""
        spans = () if self._failures else self._shards.clip(sample.row).not_to_imitate
        until = min((first for first, _ in spans if first > sample.step), default=sample.step + self._chunk)
        return sample.step + np.arange(self._chunk) < until


def moments_to_imitate(shards: ShardSet, *, failures: bool = False) -> NDArray[np.int64]:
    """Indices of the action samples that are learned, ascending; see `ActionStream`.

    Raises:
        NoSamples: if there are none.
    """
    moments = shards.action_indices(to_imitate=not failures)
    if not len(moments):
        raise NoSamples(f"{shards.urls[0]} and {len(shards.urls) - 1} more shards hold no actions to imitate")
    return moments


def check_actions(shards: ShardSet, observation: ObservationSpec, spec: ActionSpec) -> None:
    """Whether the shards can train, or judge, a model with this observation and these actions.

    Raises:
        ActionSpecMismatch, MissingCamera, NoSamples: saying what differs.
    """
    stored = shards.action_spec
    for name in ActionSpec.model_fields:
        if getattr(stored, name) != getattr(spec, name):
            raise ActionSpecMismatch(
                f"{shards.urls[0]}: action {name} is {getattr(stored, name)}, the checkpoint's is {getattr(spec, name)}"
            )
    wanted = {*observation.cameras, *observation.planner_cameras}
    if missing := sorted(wanted - set(shards.cameras)):
        raise MissingCamera(f"{shards.urls[0]}: no camera {missing[0]!r}; there are {', '.join(shards.cameras)}")
    if not shards.action_count:
        raise NoSamples(f"{shards.urls[0]} and {len(shards.urls) - 1} more shards hold no actions")


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
