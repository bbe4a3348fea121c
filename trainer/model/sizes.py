"""Sizes: the diffusion transformers, the model around published weights, and a tiny one for a CPU."""

from __future__ import annotations

from transformers import Dinov2Config, Florence2Config, PreTrainedTokenizerBase, Qwen2_5_VLConfig

from trainer.model.config import (
    ActionExpertConfig,
    FlowMatchingConfig,
    ObservationSpec,
    QueryingTransformerConfig,
    ST4VLAConfig,
)
from trainer.planners.florence import IMAGE_TOKEN, FlorenceImages, PictureSize
from trainer.planners.qwen_images import QwenImages

DIT = {  # Peebles & Xie 2023, table 1
    "S": ActionExpertConfig(width=384, depth=12, heads=6),
    "B": ActionExpertConfig(width=768, depth=12, heads=12),
    "L": ActionExpertConfig(width=1024, depth=24, heads=16),
}
BASE = ST4VLAConfig()
TINY = ST4VLAConfig(
    # Few tokens before the actions, of many heads that choose from the start what they attend to; velocities instead of
    # noise, and more draws of noise a moment, which cost little: all shorten training from random weights. Without
    # guidance nothing asks for actions without their condition, so none is dropped.
    querying_transformer=QueryingTransformerConfig(queries=4, width=128, heads=16, dropout=0.0, attention_gain=4.0),
    action_expert=ActionExpertConfig(width=128, depth=3, heads=4, noise_repeats=8, condition_dropout=0.0),
    denoising=FlowMatchingConfig(guidance=1.0),
    observation=ObservationSpec(planner_cameras=("front",), view_size=112),
)
TINY_VOCABULARY = 1024
TINY_QWEN_IMAGES = QwenImages(max_pixels=112**2, patch_size=14, merge_size=1)
"""Small pictures, with a token for each patch: 64 at most."""
TINY_FLORENCE_IMAGES = FlorenceImages(size=PictureSize(height=224, width=224))
_PATCHES = 8
"""Of the second encoder, along each side of a view."""
# About 1 / sqrt(width) of narrow layers; at the 0.02 that suits wide ones, attention is slow to start.
_INITIALIZER = 0.06


def with_expert(config: ST4VLAConfig, size: str) -> ST4VLAConfig:
    """The configuration with an action expert as wide and deep as a size of `DIT`; all else about it stays."""
    shape = DIT[size].model_dump(include={"width", "depth", "heads"})
    return config.model_copy(update={"action_expert": config.action_expert.model_copy(update=shape)})


def tiny_qwen_config(tokenizer: PreTrainedTokenizerBase) -> Qwen2_5_VLConfig:
    """A Qwen2.5-VL of about a million parameters for the tokens of `tokenizer`."""
    token = tokenizer.convert_tokens_to_ids
    return Qwen2_5_VLConfig(
        text_config={
            "initializer_range": _INITIALIZER,
            "vocab_size": len(tokenizer),
            "hidden_size": 128,
            "intermediate_size": 384,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 4,
            "max_position_embeddings": 4096,
            # Wavelengths of the size of an 8 x 8 grid of image tokens; Qwen's own could not tell its columns apart.
            "rope_parameters": {"rope_type": "default", "rope_theta": 10.0, "mrope_section": [4, 6, 6]},
            "bos_token_id": None,
            "eos_token_id": token("<|im_end|>"),
            "pad_token_id": token("<|endoftext|>"),
        },
        vision_config={
            "initializer_range": _INITIALIZER,
            "depth": 2,
            "hidden_size": 128,
            "intermediate_size": 384,
            "num_heads": 4,
            "out_hidden_size": 128,
            "patch_size": TINY_QWEN_IMAGES.patch_size,
            "spatial_merge_size": TINY_QWEN_IMAGES.merge_size,
            "fullatt_block_indexes": [0, 1],
        },
        image_token_id=token("<|image_pad|>"),
        video_token_id=token("<|video_pad|>"),
        vision_start_token_id=token("<|vision_start|>"),
        vision_end_token_id=token("<|vision_end|>"),
        tie_word_embeddings=True,
    )


def tiny_florence_config(tokenizer: PreTrainedTokenizerBase) -> Florence2Config:
    """A Florence-2 of about a million parameters for the tokens of `tokenizer`."""
    return Florence2Config(
        text_config={
            "model_type": "bart",
            "init_std": _INITIALIZER,
            "vocab_size": len(tokenizer),
            "d_model": 128,
            "encoder_layers": 3,
            "decoder_layers": 2,
            "encoder_ffn_dim": 384,
            "decoder_ffn_dim": 384,
            "encoder_attention_heads": 4,
            "decoder_attention_heads": 4,
            "dropout": 0.0,
            "max_position_embeddings": 1024,
            "bos_token_id": tokenizer.bos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "decoder_start_token_id": tokenizer.eos_token_id,
            "forced_eos_token_id": tokenizer.eos_token_id,
        },
        vision_config={
            "initializer_range": _INITIALIZER,
            "depths": (1, 1, 1, 1),
            "embed_dim": (32, 64, 64, 128),
            "num_heads": (2, 4, 4, 4),
            "num_groups": (2, 4, 4, 4),
            "window_size": 7,
            "projection_dim": 128,
            "drop_path_rate": 0.0,
        },
        image_token_id=tokenizer.convert_tokens_to_ids(IMAGE_TOKEN),
    )


def tiny_encoder_config(view_size: int) -> Dinov2Config:
    """A DINOv2 of half a million parameters that sees 64 patches a view of `view_size` pixels a side."""
    return Dinov2Config(
        hidden_size=96,
        num_hidden_layers=3,
        num_attention_heads=3,
        image_size=view_size,
        patch_size=view_size // _PATCHES,
        use_mask_token=False,
        initializer_range=_INITIALIZER,
    )
