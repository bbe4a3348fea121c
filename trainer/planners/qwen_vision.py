"""Qwen2.5-VL's vision tower: where its patches lie, computed once, and all windows of one size in one product."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VLVisionAttention, apply_rotary_pos_emb_vision
from transformers.vision_utils import get_vision_cu_seqlens, get_vision_position_ids, get_vision_window_index


class SegmentAttention(Qwen2_5_VLVisionAttention):
    """Attention within segments, in one call where all have the same length, as they do in pictures of one size.

    transformers makes a call for each segment: thousands in a step, which leave a GPU waiting.
    """

    def forward(
        self,
        hidden_states: Tensor,
        cu_seqlens: Tensor,
        position_embeddings: tuple[Tensor, Tensor] | None = None,
        max_seqlen: int | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Patches (P, W) after attending to those of their segment, whose borders are `cu_seqlens`."""
        lengths = set(cu_seqlens.diff().tolist())
        if len(lengths) > 1 or self.config._attn_implementation != "sdpa":
            return super().forward(hidden_states, cu_seqlens, position_embeddings, max_seqlen, **kwargs)
        assert position_embeddings is not None, "the tower passes them"
        query, key, value = self.qkv(hidden_states).unflatten(-1, (3, self.num_heads, -1)).unbind(1)
        query, key = apply_rotary_pos_emb_vision(query, key, *position_embeddings)
        query, key, value = (part.unflatten(0, (-1, *lengths)).transpose(1, 2) for part in (query, key, value))
        attended = functional.scaled_dot_product_attention(query, key, value, scale=self.scaling)
        return self.proj(attended.transpose(1, 2).flatten(0, 1).flatten(1))


def attend_by_segments(tower: Any) -> None:
    """Give every block of a vision tower the attention above; its weights and their names stay."""
    for block in tower.blocks:
        block.attn.__class__ = SegmentAttention


def patch_layout(grids: Sequence[Sequence[int]], config: Any, device: torch.device) -> dict[str, Tensor]:
    """What the tower would compute from the grids (time, height, width) of its pictures in every pass.

    Args:
        grids: patches of each picture.
        config: of the tower.
        device: of the tower. Borders of segments stay on the CPU, where the attention above reads them.
    """
    sizes = (config.spatial_merge_size, config.window_size, config.patch_size)
    return dict(_patch_layout(tuple(tuple(grid) for grid in grids), *sizes, device))


@lru_cache(maxsize=64)
def _patch_layout(
    grids: tuple[tuple[int, ...], ...], merge: int, window: int, patch: int, device: torch.device
) -> dict[str, Tensor]:
    grid = torch.tensor(grids)
    index, borders = get_vision_window_index(grid, spatial_merge_size=merge, window_size=window, patch_size=patch)
    return {
        "position_ids": get_vision_position_ids(grid, merge).to(device),
        "window_index": index.to(device),
        "cu_window_seqlens": borders,
        "cu_seqlens": get_vision_cu_seqlens(grid),
    }
