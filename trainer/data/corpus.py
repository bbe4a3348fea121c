"""Text from which a tiny planner's tokenizer learns its merges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from assets_index import words
from dataengine.questions import wordings
from dataengine.questions.answers import FORM_INSTRUCTIONS, render_answer
from dataengine.questions.resizing import Resizing
from trainer.data.prompts import SPATIAL_PROMPTS
from trainer.data.sources.conversations import BrokenRow, Conversations
from trainer.data.sources.opening import OpenedSource
from trainer.planners.qwen_chat import opening_text, question_text

_SAMPLES = 4000
_RESIZING = Resizing((224, 224), (224, 224))
_ANSWERS = (
    '{"bbox_2d":[1,1,1,1],"label":"the"}',
    '[{"point_2d":[1,1],"label":"the"},{"point_2d":[1,1],"label":"the"}]',
    "[[1,1],[1,1],[1,1],[1,1]]",
    '<box x1="1" y1="1" x2="1" y2="1" alt="the">the</box>',
    '<points x1="1" y1="1" x2="1" y2="1" x3="1" y3="1" alt="the">the</points>',
    "yes no the left of right of in front of behind",
)


def wording_corpus() -> list[str]:
    """How questions, answers and prompts are worded, without any data."""
    vocabulary = (*words.COLORS, *words.MATERIALS, *words.SHAPES, *words.SIZES)
    frame = (opening_text([0]), question_text(""))
    texts = [*_strings(vars(wordings)), *SPATIAL_PROMPTS.values(), *FORM_INSTRUCTIONS.values(), *_ANSWERS, *frame]
    texts += [f" the {word} one" for word in vocabulary]
    # Twice, since merges are learned from what occurs more than once.
    return texts * 2


def sample_corpus(sources: Sequence[OpenedSource]) -> list[str]:
    """Questions, answers and instructions of evenly spaced items of every source."""
    texts: list[str] = []
    for source in sources:
        if isinstance(source.questions, Conversations):
            texts += _conversation_texts(source.questions)
        elif source.questions is not None:
            for index in _spaced(source.questions.grounding_count):
                texts += render_answer(source.questions.grounding(index), _RESIZING)
        if source.actions is not None:
            for index in _spaced(source.actions.action_count):
                texts += source.actions.action(index, 1).instructions
    return texts


def _conversation_texts(conversations: Conversations) -> Iterator[str]:
    """As they are written; rows that cannot be read are left to training, which counts them."""
    for index in _spaced(len(conversations)):
        with suppress(BrokenRow):
            for exchange in conversations.row(index).exchanges:
                yield from exchange


def _spaced(count: int) -> range:
    return range(0, count, max(1, count // _SAMPLES))


def _strings(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if name.isupper() and isinstance(value, Mapping):
            yield from (text for texts in value.values() for text in ([texts] if isinstance(texts, str) else texts))
        elif name.isupper() and isinstance(value, tuple):
            yield from value
