import pytest
import torch

from dataengine.storage.shard_set import ShardSet
from trainer.data.processor import Processor
from trainer.data.streams import ActionStream
from trainer.model.gradient_decay import decay_gradient
from trainer.model.st4vla import ST4VLA


def test_values_are_untouched_and_gradients_are_scaled_exactly():
    x = torch.randn(1000, requires_grad=True)
    upstream = torch.randn(1000)
    y = decay_gradient(x, 0.3)
    assert torch.equal(y, x)
    y.backward(upstream)
    assert x.grad is not None
    assert torch.equal(x.grad, upstream * 0.3)


def gradients(model: ST4VLA, batch, factor: float) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Gradients of the action loss by part of the model, and the loss."""
    bridge = model.config.querying_transformer.model_copy(update={"gradient_decay": factor})
    model.config = model.config.model_copy(update={"querying_transformer": bridge})
    model.zero_grad()
    torch.manual_seed(1)
    loss = model.action_loss(batch)
    loss.backward()
    parts: dict[str, list[torch.Tensor]] = {}
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            parts.setdefault(name.split(".")[0], []).append(parameter.grad.flatten().clone())
    return {name: torch.cat(values) for name, values in parts.items()}, loss.detach()


@pytest.mark.parametrize("factor", [0.0, 0.3, 0.5, 1.0])
def test_the_planner_alone_receives_the_share_that_is_configured(
    model: ST4VLA, processor: Processor, shards: ShardSet, factor: float
):
    torch.manual_seed(0)
    torch.nn.init.normal_(model.action_expert.prediction.weight)  # else no gradient leaves the untrained expert
    stream = ActionStream(shards, processor, model.config.action, seed=0)
    batch = processor.action_batch([stream[0], stream[1]])
    whole, expected = gradients(model, batch, 1.0)
    decayed, loss = gradients(model, batch, factor)
    assert torch.equal(loss, expected)
    ratio = decayed["planner"].norm() / whole["planner"].norm()
    assert float(ratio) == pytest.approx(factor, abs=1e-5)
    for part in ("encoder", "encoder_projection", "querying_transformer", "action_expert"):
        assert torch.equal(decayed[part], whole[part])
