"""What can go wrong with a worker."""

from __future__ import annotations

from assets_index.errors import EngineError


class WorkerDied(EngineError):
    """A block cost two workers their lives: killed from outside, out of memory, crashed, or out of time.

    Attributes:
        block: number of the block.
    """

    def __init__(self, block: int, reason: str) -> None:
        self.block = block
        super().__init__(f"block {block}: {reason}; tried twice. Finished blocks are kept; run again to go on")


class BlockFailed(EngineError):
    """The block function raised; the traceback of an unexpected exception is in the log.

    Attributes:
        block: number of the block.
        cause: name of the exception's class.
    """

    def __init__(self, block: int, cause: str, message: str) -> None:
        self.block = block
        self.cause = cause
        super().__init__(f"block {block}: {cause}: {message}")
