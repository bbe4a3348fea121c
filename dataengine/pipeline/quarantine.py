"""Assets that keep failing are not used any more in their run.

What is quarantined is decided between rounds of blocks, from all blocks of the rounds before. So the tasks of a block
depend on the configuration and the block's number alone: not on the number of workers, nor on interruptions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from assets_index.asset import Asset, Role, Split
from assets_index.schema import Schema
from dataengine.storage.ledger import LedgerRow
from scene_graph.catalog import AssetCatalog

Part = Literal["target", "container"]


class QuarantineConfig(Schema):
    """When an asset counts as a repeated offender.

    Attributes:
        tries: sub-tasks in which it was the target, or the container, before it is judged.
        failures: share of them that must have failed.
        every_blocks: blocks in a round; all workers wait for each other at its end.
    """

    tries: int = Field(default=8, ge=1)
    failures: float = Field(default=0.75, gt=0.0, le=1.0)
    every_blocks: int = Field(default=64, ge=1)


class Trials:
    """How often each asset was tried as a target or a container, and failed."""

    def __init__(self) -> None:
        self._tried: Counter[tuple[str, Part]] = Counter()
        self._failed: Counter[tuple[str, Part]] = Counter()

    def add(self, rows: Iterable[LedgerRow]) -> None:
        """Count what was tried in some attempts."""
        for row in rows:
            for tried in row.tried:
                parts: tuple[tuple[str | None, Part], ...] = (
                    (tried.target_asset, "target"),
                    (tried.container_asset, "container"),
                )
                for asset, part in parts:
                    if asset is not None:
                        self._tried[asset, part] += 1
                        self._failed[asset, part] += not tried.succeeded

    def offenders(self, config: QuarantineConfig) -> dict[str, str]:
        """Assets that failed too often, with the figures in words, sorted by asset."""
        found = {
            asset: f"as {part} in {tried} sub-tasks, of which {self._failed[asset, part]} failed"
            for (asset, part), tried in self._tried.items()
            if tried >= config.tries and self._failed[asset, part] >= config.failures * tried
        }
        return dict(sorted(found.items()))


class CatalogWithout:
    """An asset catalog that does not find some of its assets; it still knows them."""

    def __init__(self, catalog: AssetCatalog, hidden: frozenset[str]) -> None:
        self._catalog, self._hidden = catalog, hidden

    def find(
        self, *, role: Role | None = None, split: Split | None = None, source: str | None = None
    ) -> Sequence[Asset]:
        """Assets that fit all that is asked and are not hidden, sorted by id."""
        found = self._catalog.find(role=role, split=split, source=source)
        return [asset for asset in found if asset.id not in self._hidden]

    def asset(self, asset_id: str) -> Asset:
        """As the catalog."""
        return self._catalog.asset(asset_id)

    def hulls(self, asset_id: str) -> Sequence[NDArray[np.float64]]:
        """As the catalog."""
        return self._catalog.hulls(asset_id)
