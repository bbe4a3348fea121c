"""What task synthesis asks of an asset index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assets_index.asset import Asset, Role, Split
from scene_graph.placed import GeometrySource


class AssetCatalog(GeometrySource, Protocol):
    """A geometry source that can be searched; `AssetIndex` is one."""

    def find(
        self, *, role: Role | None = None, split: Split | None = None, source: str | None = None
    ) -> Sequence[Asset]:
        """Assets that fit all that is asked, sorted by id."""
        ...
