"""What can be wrong with a checkpoint, its data, or both together."""

from __future__ import annotations

from assets_index.errors import EngineError


class UnusableCheckpoint(EngineError):
    """A directory that is not a checkpoint of ours, or lacks a part of one."""


class ActionSpecMismatch(EngineError):
    """Actions in the data mean something else than the actions of the checkpoint."""


class NoSamples(EngineError):
    """The data hold no sample of the kind that is asked for."""


class MissingCamera(EngineError):
    """The checkpoint looks through a camera that the data do not have."""


class TooManyTokens(EngineError):
    """Pictures and words are more than the planner can read at once."""


class Diverged(EngineError):
    """A loss or a gradient is infinite or no number."""


class OutOfMemory(EngineError):
    """A step of training does not fit into memory."""
