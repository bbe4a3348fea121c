"""Configurations of published networks, for random weights where no hub can be reached."""

from __future__ import annotations

from transformers import (
    Dinov2Config,
    Dinov2Model,
    PreTrainedTokenizerBase,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
)

from trainer.model.sizes import BASE
from trainer.model.st4vla import ST4VLA
from trainer.planners.qwen import QwenPlanner


def paper_model(tokenizer: PreTrainedTokenizerBase) -> ST4VLA:
    """The model of the paper: Qwen2.5-VL-3B, DINOv2-S and DiT-B with random weights, on torch's default device."""
    planner = QwenPlanner(Qwen2_5_VLForConditionalGeneration(qwen_3b_config(tokenizer)))
    return ST4VLA(BASE, planner, Dinov2Model(dinov2_small_config()))


def qwen_3b_config(tokenizer: PreTrainedTokenizerBase) -> Qwen2_5_VLConfig:
    """Qwen2.5-VL-3B-Instruct: 3,754,622,976 parameters. Its special tokens are those of `tokenizer`."""
    token = tokenizer.convert_tokens_to_ids
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": 151936,
            "hidden_size": 2048,
            "intermediate_size": 11008,
            "num_hidden_layers": 36,
            "num_attention_heads": 16,
            "num_key_value_heads": 2,
            "max_position_embeddings": 128000,
            "rms_norm_eps": 1e-6,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
            "bos_token_id": None,
            "eos_token_id": token("<|im_end|>"),
            "pad_token_id": token("<|endoftext|>"),
        },
        vision_config={
            "depth": 32,
            "hidden_size": 1280,
            "intermediate_size": 3420,
            "num_heads": 16,
            "out_hidden_size": 2048,
            "window_size": 112,
            "fullatt_block_indexes": [7, 15, 23, 31],
        },
        image_token_id=token("<|image_pad|>"),
        video_token_id=token("<|video_pad|>"),
        vision_start_token_id=token("<|vision_start|>"),
        vision_end_token_id=token("<|vision_end|>"),
        tie_word_embeddings=True,
    )


def dinov2_small_config() -> Dinov2Config:
    """DINOv2 ViT-S/14: 22,056,576 parameters, its positions for pictures of 518 pixels."""
    return Dinov2Config(hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=518, patch_size=14)
