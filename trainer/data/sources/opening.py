"""Sources, opened: what each of them has to offer, and both streams of a run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from torch.utils.data import Dataset

from assets_index.errors import InvalidConfig
from dataengine.actions import ActionSpec
from dataengine.samples import QuestionKind
from dataengine.storage.errors import CorruptBlock, UnreadableData
from dataengine.storage.shard_reader import ShardReader
from dataengine.storage.shard_set import ShardSet, shard_urls
from trainer.data.action_data import ActionData
from trainer.data.processor import Processor
from trainer.data.sources.conversations import Conversations
from trainer.data.sources.damage import Damage
from trainer.data.sources.lerobot import LeRobotEpisodes
from trainer.data.sources.source import Source, only_path
from trainer.data.streams import (
    ActionStream,
    ConversationStream,
    GroundingStream,
    MixedStream,
    Stream,
)
from trainer.errors import NoSamples

QuestionData = ShardSet | Conversations


@dataclass(frozen=True)
class OpenedSource:
    """What a source offers to each stream, None if nothing.

    Attributes:
        damage: shards that were left out, as items of a source that is called after them.
    """

    weight: float
    questions: QuestionData | None
    actions: ActionData | None
    damage: tuple[Damage, ...] = ()

    @property
    def size(self) -> dict[str, int]:
        """How many questions, or rows of conversations, and how many moments with actions."""
        rows = self.questions.grounding_count if isinstance(self.questions, ShardSet) else len(self.questions or ())
        return {"questions": rows, "actions": self.actions.action_count if self.actions is not None else 0}


def open_sources(sources: Sequence[Source], *, leave_out_damaged: bool = False) -> list[OpenedSource]:
    """Open every source.

    Args:
        sources: at least one.
        leave_out_damaged: whether shards whose tables cannot be read are only counted, as long as there are others.

    Raises:
        EngineError: if one is not what it is said to be.
    """
    if not sources:
        raise InvalidConfig("no data: give --data, or `sources` in the recipe")
    return [_opened(source, leave_out_damaged) for source in sources]


def question_sources(opened: Sequence[OpenedSource]) -> list[tuple[float, QuestionData]]:
    """Weight and data of the sources that have questions; raises NoSamples if none has."""
    found = [(source.weight, source.questions) for source in opened if source.questions is not None]
    if not found:
        raise NoSamples("none of the sources has questions")
    return found


def action_sources(opened: Sequence[OpenedSource]) -> list[tuple[float, ActionData]]:
    """Weight and data of the sources that have actions; raises NoSamples if none has."""
    found = [(source.weight, source.actions) for source in opened if source.actions is not None]
    if not found:
        raise NoSamples("none of the sources has actions")
    return found


def action_spec_of(opened: Sequence[OpenedSource]) -> ActionSpec:
    """What the actions of the first source that has any mean, else what shards without actions say of themselves."""
    specs = [source.actions.action_spec for source in opened if source.actions is not None]
    shards = [source.questions.action_spec for source in opened if isinstance(source.questions, ShardSet)]
    if not (specs or shards):
        raise NoSamples("none of the sources has actions")
    return (specs or shards)[0]


def question_stream(
    sources: Sequence[tuple[float, QuestionData]],
    processor: Processor,
    *,
    seed: int,
    per_picture: int = 1,
    kinds: Collection[QuestionKind] | None = None,
) -> Dataset[Any]:
    """The stream of all questions; `kinds` are those of shards, conversations have none."""
    streams: list[Dataset[Any]] = []
    for number, (_, data) in enumerate(sources):
        if isinstance(data, ShardSet):
            streams.append(
                GroundingStream(data, processor, seed=seed, per_picture=per_picture, kinds=kinds, source=number)
            )
        else:
            streams.append(ConversationStream(data, processor, seed=seed, per_picture=per_picture, source=number))
    return _mixed(streams, sources, Stream.GROUNDING, seed)


def action_stream(
    sources: Sequence[tuple[float, ActionData]],
    processor: Processor,
    spec: ActionSpec,
    *,
    seed: int,
    failures: bool = False,
) -> Dataset[Any]:
    """The stream of all moments, as `ActionStream`."""
    streams = [
        ActionStream(data, processor, spec, seed=seed, failures=failures, source=number)
        for number, (_, data) in enumerate(sources)
    ]
    return _mixed(streams, sources, Stream.ACTION, seed)


def _mixed(
    streams: Sequence[Dataset[Any]], sources: Sequence[tuple[float, object]], stream: Stream, seed: int
) -> Dataset[Any]:
    return streams[0] if len(streams) == 1 else MixedStream(streams, [weight for weight, _ in sources], stream, seed)


def _opened(source: Source, leave_out_damaged: bool) -> OpenedSource:
    form = source.resolved_form
    for key, reader in (("use", "shards"), ("conversations", "conversations"), ("lerobot", "lerobot")):
        if form != reader and getattr(source, key) != Source.model_fields[key].default:
            raise InvalidConfig(f"{source.data[0]}: `{key}` has a meaning for {reader} only, these are {form}")
    if form == "conversations":
        return OpenedSource(source.weight, Conversations(only_path(source), source.conversations), None)
    if form == "lerobot":
        if source.lerobot is None:
            raise InvalidConfig(
                f"{source.data[0]}: a LeRobot dataset needs `lerobot`, which says what its features mean; "
                "name it in a file of sources"
            )
        return OpenedSource(source.weight, None, LeRobotEpisodes(only_path(source), source.lerobot))
    urls, damage = _whole_shards(source.data) if leave_out_damaged else (source.data, ())
    shards = ShardSet(urls)
    return OpenedSource(
        source.weight,
        questions=shards if shards.grounding_count and source.use != "actions" else None,
        actions=shards if shards.action_count and source.use != "questions" else None,
        damage=damage,
    )


def _whole_shards(data: Sequence[str]) -> tuple[Sequence[str], tuple[Damage, ...]]:
    """The shards whose tables can be read, and the others; the data themselves where no shard can be read."""
    urls = [url for item in data for url in shard_urls(item)]
    damaged = {}
    for number, url in enumerate(urls):
        try:
            ShardReader(url).read_tables()
        except (CorruptBlock, UnreadableData) as error:
            damaged[url] = Damage(f"shards of {data[0]}", len(urls), number, str(error))
    if len(damaged) == len(urls):
        return data, ()
    return [url for url in urls if url not in damaged], tuple(damaged.values())
