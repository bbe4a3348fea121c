import torch

from trainer.model.config import QueryingTransformerConfig
from trainer.model.querying_transformer import QueryingTransformer


def test_full_size_has_the_papers_8_7_million_parameters():
    with torch.device("meta"):
        bridge = QueryingTransformer(QueryingTransformerConfig(), context_width=2048)
    assert sum(parameter.numel() for parameter in bridge.parameters()) == 8_710_656


def test_padding_has_no_influence():
    config = QueryingTransformerConfig(queries=4, width=32, heads=4, layers=(1, -1))
    bridge = QueryingTransformer(config, context_width=16).eval()
    contexts = [torch.randn(2, 6, 16) for _ in config.layers]
    mask = torch.tensor([[1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1]])
    expected = bridge(contexts, mask)
    noisy = [torch.where(mask[..., None].bool(), x, torch.randn_like(x) * 100) for x in contexts]
    assert torch.allclose(bridge(noisy, mask), expected, atol=1e-6)
    alone = bridge([x[:1, :4] for x in contexts], mask[:1, :4])
    assert torch.allclose(alone, expected[:1], atol=1e-5)


def test_attention_with_gain_begins_selective():
    def largest_share(gain: float) -> float:
        torch.manual_seed(0)
        config = QueryingTransformerConfig(queries=4, width=64, heads=8, attention_gain=gain)
        bridge = QueryingTransformer(config, context_width=32).eval()
        block, context = bridge.blocks[0], bridge.context(torch.randn(8, 100, 32))
        queries = block.norm_queries(bridge.queries.expand(8, -1, -1))
        _, shares = block.attention(queries, context, context, average_attn_weights=False)
        return float(shares.max(-1).values.mean())

    uniform = 1 / 100
    assert largest_share(1.0) < 3 * uniform
    assert largest_share(4.0) > 10 * uniform
