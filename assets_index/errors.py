"""The root of every error a person can act on."""

from __future__ import annotations


class EngineError(Exception):
    """An error whose message is one line that says what to do.

    Both command lines print the message of any `EngineError` and leave with `exit_code`; every other exception
    is a bug and keeps its traceback.
    """

    exit_code = 2


class MissingAsset(EngineError):
    """An asset, texture, dome or robot was named that the index does not hold."""


class UnusableMesh(EngineError):
    """A mesh that cannot become an asset; the message is the reason kept in the quarantine."""


class InvalidConfig(EngineError):
    """A configuration file that does not validate; the message names the key."""
