"""What a layout must leave possible besides its relations, asked while bodies are being placed.

The layout solver knows nothing of hands and arms. Whoever does hands it a `Feasibility`; the solver asks at every body
it places, so that only what is in the way is put elsewhere, not the whole layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from scene_graph.placed import PlacedBody


class Feasibility(Protocol):
    """What is still possible among the bodies placed so far. Immutable: the solver keeps one for each body it placed.

    More bodies never make more possible, so a refusal is final for all layouts that hold the bodies placed so far. Of
    a body only pose and asset are to be used: its hulls are those of its convex hull.
    """

    def with_body(self, body: PlacedBody, placed: Mapping[str, PlacedBody]) -> Feasibility | None:
        """What is still possible with one more body; None if too little is.

        Args:
            body: the one that is added.
            placed: those placed before, by name.
        """
        ...


class Unasked:
    """Everything is possible: the layout is only to be looked at."""

    def with_body(self, body: PlacedBody, placed: Mapping[str, PlacedBody]) -> Unasked:
        """The same."""
        del body, placed
        return self
