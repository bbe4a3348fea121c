"""Random numbers for measurements, which must not change what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def own_random_numbers(device: torch.device, seed: int = 0) -> Iterator[None]:
    """Within it torch's generators start at `seed`; afterwards they are as before, on the CPU and on `device`."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
