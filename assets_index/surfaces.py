"""What surfaces and surroundings look like: PBR textures and HDR domes."""

from __future__ import annotations

from dataclasses import dataclass

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
        normals: (H, W, 3) uint8 normal map in tangent space, green pointing to the picture's top; None for flat.
        roughness_map, metallic_map: (H, W) uint8 where they vary, their means being the scalars; else None.
        tags: words by which looks choose; the kind is one.
    """

    id: str
    kind: str
    albedo: NDArray[np.uint8]
    roughness: float
    metallic: float
    tile_size: float
    color: str
    source: Source
    tags: tuple[str, ...]
    normals: NDArray[np.uint8] | None = None
    roughness_map: NDArray[np.uint8] | None = None
    metallic_map: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Dome:
    """An environment map.

    Attributes:
        id: stable name, e.g. "studio-softbox".
        kind: what it is a picture of: "sky", "studio", "room", or "panorama" where nobody has said.
        radiance: (H, W, 3) float32 linear, equirectangular, W = 2 H; row 0 is +z, column 0 is azimuth 0 (+x),
            azimuth grows towards +y.
        tags: words by which looks choose; the kind is one.
    """

    id: str
    kind: str
    radiance: NDArray[np.float32]
    source: Source
    tags: tuple[str, ...]


@dataclass(frozen=True)
class SurfaceEntry:
    """What looks choose a texture or dome by; `source` is the kind of its source."""

    id: str
    source: str
    tags: tuple[str, ...]
