"""The domes that exist, by id. Each is made when first asked for and kept in the cache directory."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Source
from assets_index.cache import cached_arrays
from assets_index.domes import rooms, sky, studios
from assets_index.domes.raytrace import Interior, trace
from assets_index.domes.sphere import exposed
from assets_index.errors import MissingAsset
from assets_index.seeding import Stage, generator
from assets_index.surfaces import Dome, SurfaceEntry

_Render = Callable[[np.random.Generator], NDArray[np.float32]]


def _interior(
    build: Callable[[np.random.Generator], Interior], level: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    return exposed(trace(build(rng)), level)


_DOMES: dict[str, _Render] = {
    "sky-clear-noon": partial(sky.render, sky.CLEAR_NOON),
    "sky-clear-morning": partial(sky.render, sky.CLEAR_MORNING),
    "sky-partly-cloudy": partial(sky.render, sky.PARTLY_CLOUDY),
    "sky-overcast": partial(sky.render, sky.OVERCAST),
    "sky-sunset": partial(sky.render, sky.SUNSET),
    "sky-dusk": partial(sky.render, sky.DUSK),
    "studio-softbox-pair": partial(_interior, studios.softbox_pair, 0.8),
    "studio-overhead": partial(_interior, studios.overhead, 0.7),
    "studio-three-point": partial(_interior, studios.three_point, 0.5),
    "studio-strips": partial(_interior, studios.strips, 0.5),
    "room-office": partial(_interior, rooms.office, 0.75),
    "room-living": partial(_interior, rooms.living_room, 0.6),
    "room-kitchen": partial(_interior, rooms.kitchen, 0.7),
    "room-workshop": partial(_interior, rooms.workshop, 0.5),
    "room-laboratory": partial(_interior, rooms.laboratory, 0.85),
    "room-bedroom": partial(_interior, rooms.bedroom, 0.35),
}
DOME_SOURCE = Source(
    kind="procedural", reference="assets_index.domes", creator="st4vla-dataengine", license="Apache-2.0"
)
"""Of every dome here."""


def dome_entries() -> tuple[SurfaceEntry, ...]:
    """All domes by id, source and kind, sorted by id."""
    return tuple(SurfaceEntry(dome_id, DOME_SOURCE.kind, (_kind(dome_id),)) for dome_id in dome_ids())


def _kind(dome_id: str) -> str:
    """Sky, studio or room."""
    return dome_id.split("-")[0]


def dome_ids() -> tuple[str, ...]:
    """Ids of all domes, sorted."""
    return tuple(sorted(_DOMES))


@cache
def recipes_digest() -> str:
    """A hash of the code that makes domes (and the textures in them), so that no stale picture is ever read back."""
    package = Path(__file__).parent.parent
    sources = sorted([*(package / "domes").glob("*.py"), *(package / "textures").glob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


@cache
def dome(dome_id: str) -> Dome:
    """The dome of that name, 256 x 512; made in 0.1 to 3 s, then kept between runs.

    Raises:
        MissingAsset: if there is none.
    """
    render = _DOMES.get(dome_id)
    if render is None:
        raise MissingAsset(f"no dome is called {dome_id!r}; `dataengine assets gallery --domes` shows them all")
    rng = generator(0, Stage.ASSET, zlib.crc32(dome_id.encode()))
    stored = cached_arrays("domes", f"{dome_id}-{recipes_digest()}", lambda: {"radiance": render(rng)})
    radiance = stored["radiance"].astype(np.float32, copy=False)
    radiance.setflags(write=False)
    kind = _kind(dome_id)
    return Dome(id=dome_id, kind=kind, radiance=radiance, source=DOME_SOURCE, tags=(kind,))
