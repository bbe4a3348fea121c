"""Text from which a tiny planner's tokenizer learns its merges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assets_index import words
from dataengine.questions import wordings
from dataengine.questions.answers import FORM_INSTRUCTIONS, render_answer
from dataengine.questions.resizing import Resizing
from dataengine.storage.shard_set import ShardSet
from trainer.data.prompts import SPATIAL_PROMPTS
from trainer.planners.qwen_chat import opening_text, question_text

_SAMPLES = 4000
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


def sample_corpus(shards: ShardSet) -> list[str]:
    """Questions, answers and instructions of evenly spaced samples."""
    texts: list[str] = []
    for index in range(0, shards.grounding_count, max(1, shards.grounding_count // _SAMPLES)):
        texts += render_answer(shards.grounding(index), Resizing((224, 224), (224, 224)))
    for index in range(0, shards.action_count, max(1, shards.action_count // _SAMPLES)):
        texts += shards.action(index, 1).instructions
    return texts


def _strings(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if name.isupper() and isinstance(value, Mapping):
            yield from (text for texts in value.values() for text in ([texts] if isinstance(texts, str) else texts))
        elif name.isupper() and isinstance(value, tuple):
            yield from value
