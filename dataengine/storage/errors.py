"""What can be wrong with data on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assets_index.errors import EngineError


class CorruptBlock(EngineError):
    """A block whose bytes are not those that were written; the message names the file."""


class BlockNotWritten(EngineError):
    """The operating system refused to take a block; nothing of it is left."""


class UnreadableData(EngineError):
    """A path that holds no data of ours, or data of another format version."""


class RunBusy(EngineError):
    """Another process is writing into the same run."""


@contextmanager
def damage_named(place: str) -> Iterator[None]:
    """Turn what decoders raise when they meet damaged bytes into a `CorruptBlock` that names the place."""
    try:
        yield
    except (IndexError, KeyError, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise CorruptBlock(f"{place}: is damaged ({reason[:200]}); check it with `dataengine verify`") from error
