"""What can go wrong in physics."""

from __future__ import annotations

from assets_index.errors import EngineError


class UnstablePhysics(EngineError):
    """The state is no longer finite."""


class InvalidCommand(EngineError):
    """A command that is no configuration of the arms, or leaves one of them out."""


class UnsupportedRobot(EngineError):
    """A robot description asks for something that is not built yet."""


class ArmsTooClose(EngineError):
    """Arms of a set-up that are in each other's way before any of them moves."""
