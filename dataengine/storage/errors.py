"""What can be wrong with data on disk."""

from __future__ import annotations

from assets_index.errors import EngineError


class CorruptBlock(EngineError):
    """A block whose bytes are not those that were written; the message names the file."""


class BlockNotWritten(EngineError):
    """The operating system refused to take a block; nothing of it is left."""


class UnreadableData(EngineError):
    """A path that holds no data of ours, or data of another format version."""


class RunBusy(EngineError):
    """Another process is writing into the same run."""
