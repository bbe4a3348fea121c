import torch

from trainer.model.gradient_decay import decay_gradient


def test_values_are_untouched_and_gradients_are_scaled_exactly():
    x = torch.randn(1000, requires_grad=True)
    upstream = torch.randn(1000)
    y = decay_gradient(x, 0.3)
    assert torch.equal(y, x)
    y.backward(upstream)
    assert x.grad is not None
    assert torch.equal(x.grad, upstream * 0.3)
