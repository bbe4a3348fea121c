"""What can be wrong with a checkpoint, its data, or both together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assets_index.errors import EngineError

if TYPE_CHECKING:
    from trainer.data.sources.damage import Damage


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


class MissingPackage(EngineError):
    """Something asked for needs a package that is not installed."""


class UnreadableItem(EngineError):
    """A picture, a row or a frame of the data that cannot be read or makes no sense."""


class DamagedItem(EngineError):
    """Which item of which source is unreadable; another one takes its place, as long as there are few."""

    def __init__(self, message: str, damage: Damage) -> None:
        super().__init__(message)
        self.damage = damage

    def __reduce__(self) -> tuple[type[DamagedItem], tuple[str, Damage]]:
        return DamagedItem, (str(self), self.damage)


class TooMuchDamage(EngineError):
    """A larger share of the data cannot be read than the recipe allows."""


class NothingMeasured(EngineError):
    """A run has no measurements on held-out data."""
