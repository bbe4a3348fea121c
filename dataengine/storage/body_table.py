"""Where bodies are in pictures, as columns: the annotations of one camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import zarr
from numpy.typing import NDArray

from dataengine.samples import Box
from dataengine.storage.clip import BodyInFrame
from dataengine.storage.columns import offsets, read_column, write_column

_NO_BOX = (np.nan,) * 4


@dataclass(frozen=True)
class StoredBody:
    """One body in one picture as read from a shard; see `BodyInFrame`."""

    instance_id: int
    box: Box | None
    amodal_box: Box | None
    visible_pixels: int
    visible_fraction: float


def write_bodies(group: zarr.Group, rows: Sequence[Sequence[BodyInFrame]]) -> None:
    """Write the bodies of each frame row of one camera."""
    bodies = [body for row in rows for body in row]
    write_column(group, "offset", offsets(map(len, rows)))
    write_column(group, "instance_id", [body.instance_id for body in bodies], np.uint16)
    for name in ("box", "amodal_box"):
        boxes = [getattr(body, name) or _NO_BOX for body in bodies]
        write_column(group, name, np.asarray(boxes, np.float32).reshape(-1, 4))
    write_column(group, "visible_pixels", [body.visible_pixels for body in bodies], np.int32)
    write_column(group, "visible_fraction", [body.visible_fraction for body in bodies], np.float32)


class BodyTable:
    """The table of one camera."""

    def __init__(self, group: zarr.Group) -> None:
        self._offset = read_column(group, "offset")
        self._instance_id = read_column(group, "instance_id")
        self._box = read_column(group, "box")
        self._amodal_box = read_column(group, "amodal_box")
        self._visible_pixels = read_column(group, "visible_pixels")
        self._visible_fraction = read_column(group, "visible_fraction")

    def bodies(self, row: int) -> tuple[StoredBody, ...]:
        """The bodies of a frame row."""
        return tuple(self._body(i) for i in range(self._offset[row], self._offset[row + 1]))

    def _body(self, i: int) -> StoredBody:
        return StoredBody(
            int(self._instance_id[i]),
            _box(self._box[i]),
            _box(self._amodal_box[i]),
            int(self._visible_pixels[i]),
            float(self._visible_fraction[i]),
        )


def _box(values: NDArray[np.float32]) -> Box | None:
    x1, y1, x2, y2 = values.tolist()
    return None if np.isnan(x1) else (x1, y1, x2, y2)
