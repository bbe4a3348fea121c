"""Too little memory, explained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from trainer.errors import OutOfMemory


@contextmanager
def explained_memory(what: str, remedy: str) -> Iterator[None]:
    """Say what does not fit into memory, and what to lower.

    Raises:
        OutOfMemory: instead of torch's error.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # torch's is a RuntimeError
        if isinstance(error, RuntimeError) and not _is_about_memory(error):
            raise
        raise OutOfMemory(f"{what} does not fit into memory: {remedy}") from error


def _is_about_memory(error: RuntimeError) -> bool:
    # On a CPU, and from some libraries, an allocation that fails is a plain RuntimeError.
    text = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "allocate memory" in text or "out of memory" in text
