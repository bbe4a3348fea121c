"""Checkpoints to start from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import Dinov2Model, Florence2ForConditionalGeneration, Qwen2_5_VLForConditionalGeneration

from trainer.data.corpus import sample_corpus, wording_corpus
from trainer.data.processor import Processor
from trainer.data.sources.opening import OpenedSource, action_spec_of, open_sources
from trainer.data.sources.source import named_sources
from trainer.errors import UnusableCheckpoint
from trainer.model.config import ST4VLAConfig
from trainer.model.sizes import (
    BASE,
    TINY,
    TINY_FLORENCE_IMAGES,
    TINY_QWEN_IMAGES,
    TINY_VOCABULARY,
    tiny_encoder_config,
    tiny_florence_config,
    tiny_qwen_config,
)
from trainer.model.st4vla import ST4VLA
from trainer.model.tokenizer import train_florence_tokenizer, train_qwen_tokenizer
from trainer.model.weights import load_network, random_network, read_network_config
from trainer.planners.families import family_of
from trainer.planners.florence import FlorencePlanner, FlorenceProcessor
from trainer.planners.interface import Planner, PlannerProcessor
from trainer.planners.qwen import QwenPlanner, QwenProcessor

Backbone = Literal["qwen", "florence"]


def initialize_tiny(
    out: Path,
    *,
    backbone: Backbone = "qwen",
    config: ST4VLAConfig = TINY,
    data: Sequence[str] = (),
    state: bool = False,
    seed: int = 0,
) -> None:
    """Write a tiny model with random weights.

    Its tokenizer learns from our wordings and from the texts of `data`; its actions are those of `data`.
    """
    sources = _opened(data)
    texts = wording_corpus() + sample_corpus(sources)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        planner, processor = _tiny_qwen(texts) if backbone == "qwen" else _tiny_florence(texts)
        encoder = Dinov2Model(tiny_encoder_config(config.observation.view_size))
        model = ST4VLA(_fitted(config, state, sources), planner, encoder)
    _save(out, model, processor)


def _tiny_qwen(texts: list[str]) -> tuple[Planner[Any], PlannerProcessor[Any]]:
    tokenizer = train_qwen_tokenizer(texts, TINY_VOCABULARY)
    network = Qwen2_5_VLForConditionalGeneration(tiny_qwen_config(tokenizer))
    return QwenPlanner(network), QwenProcessor(tokenizer, TINY_QWEN_IMAGES)


def _tiny_florence(texts: list[str]) -> tuple[Planner[Any], PlannerProcessor[Any]]:
    tokenizer = train_florence_tokenizer(texts, TINY_VOCABULARY)
    network = Florence2ForConditionalGeneration(tiny_florence_config(tokenizer))
    return FlorencePlanner(network), FlorenceProcessor(tokenizer, TINY_FLORENCE_IMAGES)


def initialize_base(
    out: Path,
    planner: str | Path,
    encoder: str | Path,
    *,
    config: ST4VLAConfig = BASE,
    random_weights: bool = False,
    data: Sequence[str] = (),
    state: bool = False,
    seed: int = 0,
) -> None:
    """Write the full model around a planner and an encoder; its actions are those of `data`.

    Args:
        out: directory of the checkpoint.
        planner: folder or name on the hub of a Qwen2.5-VL or a Florence-2, with tokenizer and picture settings.
        encoder: folder or name on the hub of a DINOv2.
        config: everything else about the model.
        random_weights: take only the configurations of the two.
        data: what `named_sources` takes; none leaves the actions of `config`.
        state: whether the policy sees joint angles and finger width, also where `config` does not say so.
        seed: of all random weights.

    Raises:
        UnusableCheckpoint: if there is no such model, it is of another kind, or its tokenizer is another one's.
    """
    planner_config, encoder_config = read_network_config(planner), read_network_config(encoder)
    family = family_of(planner_config.model_type, planner)
    if encoder_config.model_type != "dinov2":
        raise UnusableCheckpoint(f"{encoder}: {encoder_config.model_type!r} cannot be the encoder, only dinov2")
    processor = family.processor.from_pretrained(planner)
    _check_tokenizer(planner, processor, planner_config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if random_weights:
            planner_network = random_network(family.planner.network_class(), planner_config)
            encoder_network = random_network(Dinov2Model, encoder_config)
        else:
            planner_network = load_network(family.planner.network_class(), planner)
            encoder_network = load_network(Dinov2Model, encoder)
        model = ST4VLA(_fitted(config, state, _opened(data)), family.planner(planner_network), encoder_network)
    _save(out, model, processor)


def _check_tokenizer(source: str | Path, processor: PlannerProcessor[Any], config: Any) -> None:
    """Raise UnusableCheckpoint if the tokenizer's ids cannot be those that the weights were trained with."""
    tokens, rows = len(processor.tokenizer), config.text_config.vocab_size
    if tokens > rows:
        raise UnusableCheckpoint(f"{source}: its tokenizer has {tokens} tokens, the model only {rows}")
    if processor.image_token != config.image_token_id:
        raise UnusableCheckpoint(
            f"{source}: its tokenizer's image token is {processor.image_token}, the model's {config.image_token_id}"
        )


def _fitted(config: ST4VLAConfig, state: bool, sources: Sequence[OpenedSource]) -> ST4VLAConfig:
    """The configuration with state input if asked for, and with the action specification of the data, if any."""
    action = action_spec_of(sources) if sources else config.action
    observation = config.observation.model_copy(update={"state": state or config.observation.state})
    return config.model_copy(update={"observation": observation, "action": action})


def _opened(data: Sequence[str]) -> list[OpenedSource]:
    return open_sources(named_sources(data)) if data else []


def _save(out: Path, model: ST4VLA, planner: PlannerProcessor[Any]) -> None:
    model.save_pretrained(out)
    Processor(planner, model.config.observation).save_pretrained(out)
