"""All textures and domes there are: the procedural ones, and those ingested into an index."""

from __future__ import annotations

from dataclasses import dataclass

from assets_index import domes, textures
from assets_index.asset import Source
from assets_index.index import AssetIndex
from assets_index.surfaces import Dome, SurfaceEntry, Texture


@dataclass(frozen=True)
class SurfaceLibrary:
    """Textures and domes by id; holds no data and no open file.

    Attributes:
        index: holds the ingested ones; None for the procedural ones alone.
    """

    index: AssetIndex | None = None

    def textures(self) -> tuple[SurfaceEntry, ...]:
        """What textures are chosen by, sorted by id."""
        ingested = self.index.ingested("texture") if self.index else ()
        return tuple(sorted((*textures.texture_entries(), *ingested), key=lambda entry: entry.id))

    def domes(self) -> tuple[SurfaceEntry, ...]:
        """What domes are chosen by, sorted by id."""
        ingested = self.index.ingested("dome") if self.index else ()
        return tuple(sorted((*domes.dome_entries(), *ingested), key=lambda entry: entry.id))

    def texture(self, texture_id: str) -> Texture:
        """The texture of that id.

        Raises:
            MissingAsset: if there is none.
            CorruptAsset: if its entry is damaged.
        """
        if self.index is None or texture_id in textures.texture_ids():
            return textures.texture(texture_id)
        return self.index.ingested_texture(texture_id)

    def dome(self, dome_id: str) -> Dome:
        """The dome of that id. Raises as `texture`."""
        if self.index is None or dome_id in domes.dome_ids():
            return domes.dome(dome_id)
        return self.index.ingested_dome(dome_id)

    def texture_source(self, texture_id: str) -> Source:
        """Where a texture comes from; no procedural one is made to know that. Raises as `texture`."""
        procedural = texture_id in textures.texture_ids()
        return textures.TEXTURE_SOURCE if procedural else self.texture(texture_id).source

    def dome_source(self, dome_id: str) -> Source:
        """Where a dome comes from, likewise. Raises as `texture`."""
        return domes.DOME_SOURCE if dome_id in domes.dome_ids() else self.dome(dome_id).source


PROCEDURAL = SurfaceLibrary()
