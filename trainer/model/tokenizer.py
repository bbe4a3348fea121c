"""Small byte-level BPE tokenizers in the forms of Qwen and Florence, for planners that start from random weights."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from transformers import BartTokenizer, Qwen2Tokenizer
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

from trainer.planners.florence import IMAGE_TOKEN, LOCATIONS

_QWEN_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)

_FLORENCE_FRAME = ("<s>", "<pad>", "</s>", "<unk>")

# What Qwen2.5-VL's own template makes of system, user and assistant turns with text and images.
_CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def train_qwen_tokenizer(texts: Iterable[str], vocabulary: int) -> Qwen2Tokenizer:
    """A tokenizer whose merges are learned from `texts`.

    Pre-tokenization is Qwen's, which splits numbers into digits: a coordinate is one token per digit. Any text can be
    encoded, since all 256 bytes are in the vocabulary. Reloads through `AutoTokenizer.from_pretrained`.
    """
    split = pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated")
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    vocab, merges = _learned(
        texts, pre_tokenizers.Sequence([split, bytes_only]), vocabulary - len(_QWEN_TOKENS), special=()
    )
    return Qwen2Tokenizer(
        vocab=vocab,
        merges=merges,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=list(_QWEN_TOKENS[1:]),
        chat_template=_CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def train_florence_tokenizer(texts: Iterable[str], vocabulary: int) -> BartTokenizer:
    """A tokenizer whose merges are learned from `texts`, followed by the thousand location tokens and the image token.

    Their ids come after `vocabulary`, as they come after BART's in published ones.
    """
    vocab, merges = _learned(texts, pre_tokenizers.ByteLevel(add_prefix_space=False), vocabulary, _FLORENCE_FRAME)
    locations = [f"<loc_{i}>" for i in range(LOCATIONS)]
    return BartTokenizer(
        vocab=vocab,
        merges=merges,
        mask_token=None,
        additional_special_tokens=[*locations, IMAGE_TOKEN],
        clean_up_tokenization_spaces=False,
    )


def _learned(
    texts: Iterable[str], pre_tokenizer: pre_tokenizers.PreTokenizer, vocabulary: int, special: tuple[str, ...]
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges of byte-pair encoding over `texts`."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        min_frequency=2,
    )
    bpe.train_from_iterator(texts, trainer)
    learned = json.loads(bpe.to_str())["model"]
    return learned["vocab"], [tuple(pair) for pair in learned["merges"]]
