"""Networks of transformers, with the weights of a folder or of the hub, or with random ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoConfig, PreTrainedConfig, PreTrainedModel

from trainer.errors import UnusableCheckpoint


def read_network_config(source: str | Path) -> PreTrainedConfig:
    """The `config.json` of a folder or of a repository of the hub; raises UnusableCheckpoint."""
    try:
        return AutoConfig.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise UnusableCheckpoint(f"{source}: no model is here, neither as a folder nor on the hub") from error


def load_network(network_class: Any, source: str | Path) -> PreTrainedModel:
    """The network in float32, which is what its optimizer needs, with every weight taken from `source`.

    Raises:
        UnusableCheckpoint: if weights are missing, too many, or of other shapes; transformers would go on with random
            ones in their place.
    """
    try:
        network, found = network_class.from_pretrained(
            source, output_loading_info=True, ignore_mismatched_sizes=True, dtype=torch.float32
        )
    except (OSError, SafetensorError) as error:
        raise UnusableCheckpoint(f"{source}: {str(error).strip().splitlines()[0]}") from error
    for name, stored, expected in sorted(found["mismatched_keys"]):
        raise _misshapen(str(source), name, stored, expected)
    check_whole(str(source), found["missing_keys"], found["unexpected_keys"])
    return network


def random_network(network_class: Any, config: PreTrainedConfig) -> PreTrainedModel:
    """The network of a configuration, with random weights in float32."""
    config.dtype = torch.float32
    return network_class(config)


def check_shapes(source: str, stored: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raise UnusableCheckpoint, naming the first one, if a tensor has another shape than the model's."""
    for name in sorted(stored.keys() & expected.keys()):
        if stored[name].shape != expected[name].shape:
            raise _misshapen(source, name, stored[name].shape, expected[name].shape)


def _misshapen(source: str, name: str, stored: Sequence[int], expected: Sequence[int]) -> UnusableCheckpoint:
    return UnusableCheckpoint(f"{source}: the tensor {name} is {tuple(stored)}, the model's is {tuple(expected)}")


def check_whole(source: str, missing: Any, unexpected: Any) -> None:
    """Raise UnusableCheckpoint, naming the first ones, if tensors are missing or too many."""
    for names, fault in ((missing, "lacks"), (unexpected, "has, though the model does not,")):
        if names:
            first, more = sorted(names)[0], len(names) - 1
            raise UnusableCheckpoint(f"{source} {fault} the tensor {first}" + (f" and {more} more" if more else ""))
