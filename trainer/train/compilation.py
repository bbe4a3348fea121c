"""Compiling the model block by block: equal blocks are compiled once, and parameters keep their names."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn


def compile_blocks(model: nn.Module, backend: str = "inductor") -> None:
    """Have torch.compile take over every block of every stack (`nn.ModuleList`) of the model, at their first call."""
    for block in _blocks(model):
        block.compile(backend=backend)


def _blocks(module: nn.Module) -> Iterator[nn.Module]:
    """The entries of the outermost stacks."""
    for child in module.children():
        if isinstance(child, nn.ModuleList):
            yield from child
        else:
            yield from _blocks(child)
