"""What surfaces and surroundings look like: PBR textures and HDR domes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Source


@dataclass(frozen=True)
class Texture:
    """A tileable surface.

    Attributes:
        id: stable name, e.g. "wood-oak-03".
        kind: what it is a picture of ("wood", "fabric", "stone", ...).
        albedo: (H, W, 3) uint8 sRGB, tileable.
        roughness, metallic: scalars in 0..1.
        tile_size: edge of one tile in metres.
        color: the basic colour word that is true of it.
    """

    id: str
    kind: str
    albedo: NDArray[np.uint8]
    roughness: float
    metallic: float
    tile_size: float
    color: str
    source: Source


@dataclass(frozen=True)
class Dome:
    """An environment map.

    Attributes:
        id: stable name, e.g. "studio-softbox".
        kind: "sky", "studio" or "room".
        radiance: (H, W, 3) float32 linear, equirectangular, W = 2 H; row 0 is +z, column 0 is azimuth 0 (+x),
            azimuth grows towards +y.
        license, creator: see `source`.
    """

    id: str
    kind: Literal["sky", "studio", "room"]
    radiance: NDArray[np.float32]
    source: Source
