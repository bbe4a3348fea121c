"""Checkpoints to start from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoTokenizer, Dinov2Model, PreTrainedTokenizerBase, Qwen2_5_VLForConditionalGeneration

from dataengine.storage.shard_set import ShardSet
from trainer.data.corpus import sample_corpus, wording_corpus
from trainer.data.images import PlannerImages
from trainer.data.processor import Processor
from trainer.errors import UnusableCheckpoint
from trainer.model.config import ST4VLAConfig
from trainer.model.sizes import BASE, TINY, TINY_VOCABULARY, tiny_encoder_config, tiny_planner_config
from trainer.model.st4vla import ST4VLA
from trainer.model.tokenizer import train_tokenizer

_PUBLISHED = {"planner": "Qwen/Qwen2.5-VL-3B-Instruct", "encoder": "facebook/dinov2-small"}
_TINY_MAX_PIXELS = 224 * 224


def initialize_tiny(out: Path, *, data: Sequence[str] = (), state: bool = False, seed: int = 0) -> None:
    """Write a tiny model with random weights.

    Its tokenizer learns from our wordings and from the texts of `data`; its actions are those of `data`.
    """
    texts = wording_corpus() + (sample_corpus(ShardSet(data)) if data else [])
    tokenizer = train_tokenizer(texts, TINY_VOCABULARY)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        planner = Qwen2_5_VLForConditionalGeneration(tiny_planner_config(tokenizer))
        model = ST4VLA(_fitted(TINY, state, data), planner, Dinov2Model(tiny_encoder_config()))
    _save(out, model, tokenizer, PlannerImages(max_pixels=_TINY_MAX_PIXELS))


def initialize_base(
    out: Path, planner: Path, encoder: Path, *, data: Sequence[str] = (), state: bool = False, seed: int = 0
) -> None:
    """Write the full model around the published weights in two directories; its actions are those of `data`.

    Raises:
        UnusableCheckpoint: if one of the directories holds no model.
    """
    for name, path in (("planner", planner), ("encoder", encoder)):
        if not (path / "config.json").exists():
            raise UnusableCheckpoint(
                f"{path} has no config.json: give the directory of a download of {_PUBLISHED[name]}"
            )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = ST4VLA(
            _fitted(BASE, state, data),
            Qwen2_5_VLForConditionalGeneration.from_pretrained(planner),
            Dinov2Model.from_pretrained(encoder),
        )
    tokenizer = AutoTokenizer.from_pretrained(planner)
    _save(out, model, tokenizer, PlannerImages.from_pretrained(planner))


def _fitted(config: ST4VLAConfig, state: bool, data: Sequence[str]) -> ST4VLAConfig:
    """The configuration with or without state input, and with the action specification of the data, if there is any."""
    action = ShardSet(data).action_spec if data else config.action
    observation = config.observation.model_copy(update={"state": state})
    return config.model_copy(update={"observation": observation, "action": action})


def _save(out: Path, model: ST4VLA, tokenizer: PreTrainedTokenizerBase, images: PlannerImages) -> None:
    model.save_pretrained(out)
    Processor(tokenizer, images, model.config.observation, model.encoder.config.image_size).save_pretrained(out)
