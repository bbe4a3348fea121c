"""What the hand is about to do in each picture, as columns: the guides of one camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import zarr

from dataengine.storage.clip import Guide
from dataengine.storage.columns import RaggedColumn, write_ragged

_NAMES = tuple(column.name for column in fields(Guide))


def write_guides(group: zarr.Group, rows: Sequence[Guide | None]) -> None:
    """Write the guide of each frame row of one camera; a row without one is empty."""
    for name in _NAMES:
        values = [np.zeros((0, 3)) if guide is None else getattr(guide, name) for guide in rows]
        write_ragged(group, name, values, 3, np.float32)


class GuideTable:
    """The table of one camera."""

    def __init__(self, group: zarr.Group) -> None:
        self._columns = {name: RaggedColumn.read(group, name) for name in _NAMES}

    def guide(self, row: int) -> Guide | None:
        """The guide of a frame row; None if there is none."""
        values = {name: column[row].astype(float) for name, column in self._columns.items()}
        return Guide(**values) if any(len(each) for each in values.values()) else None
