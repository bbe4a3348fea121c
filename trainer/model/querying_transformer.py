"""Maps any number of planner and image tokens to a fixed number of condition tokens."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from trainer.model.config import QueryingTransformerConfig


class CrossAttentionBlock(nn.Module):
    """Pre-norm cross-attention of the queries to a context, then an MLP, each with a residual."""

    def __init__(self, width: int, heads: int, dropout: float, attention_gain: float) -> None:
        super().__init__()
        self.norm_queries = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        with torch.no_grad():
            self.attention.in_proj_weight[: 2 * width] *= attention_gain  # the rest is of the values
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, queries: Tensor, context: Tensor, padding: Tensor) -> Tensor:
        """Queries (B, Q, W) after attending to context (B, L, W) where padding (B, L) is False."""
        attended, _ = self.attention(
            self.norm_queries(queries), context, context, key_padding_mask=padding, need_weights=False
        )
        queries = queries + self.dropout(attended)
        return queries + self.dropout(self.mlp(self.norm_mlp(queries)))


class QueryingTransformer(nn.Module):
    """Learned queries that attend, block by block, to k layers of the planner (paper 2.1)."""

    def __init__(self, config: QueryingTransformerConfig, context_width: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(0.02 * torch.randn(config.queries, config.width))
        self.context = nn.Linear(context_width, config.width)
        self.blocks = nn.ModuleList(
            CrossAttentionBlock(config.width, config.heads, config.dropout, config.attention_gain)
            for _ in config.layers
        )

    def forward(self, contexts: Sequence[Tensor], mask: Tensor) -> Tensor:
        """Condition tokens (B, Q, W).

        Args:
            contexts: per block the tokens it attends to, each (B, L, D).
            mask: (B, L) true where a token is real; padding never has an influence.
        """
        queries = self.queries.expand(len(mask), -1, -1)
        padding = ~mask.bool()
        for block, context in zip(self.blocks, contexts, strict=True):
            queries = block(queries, self.context(context), padding)
        return queries
