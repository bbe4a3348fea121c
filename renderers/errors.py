"""What can go wrong when pictures are made."""

from __future__ import annotations

from assets_index.errors import EngineError


class RendererUnavailable(EngineError):
    """A backend cannot start on this machine; the message names the packages it needs."""
