"""A folder of photographed surroundings: HDR domes and sets of PBR maps, each with a sidecar JSON or without.

`attic.hdr` may be described by `attic.json`, the maps `planks_diff_2k.jpg`, `planks_rough_2k.jpg` by `planks.json`,
with the keys of `Sidecar`. The licence is never guessed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from assets_index.asset import Source
from assets_index.index import AssetIndex
from assets_index.ingest import panorama
from assets_index.ingest.batch import IngestReport, Progress
from assets_index.ingest.folder import UNKNOWN, EmptyFolder
from assets_index.ingest.panorama import read_panorama
from assets_index.ingest.pbr import map_sets, read_maps
from assets_index.ingest.pictures import UnusableSurface
from assets_index.schema import Schema, read_json_data, validate
from assets_index.surface_store import surface_id
from assets_index.surfaces import Dome, Texture
from assets_index.words import color_word

logger = logging.getLogger(__name__)


class Sidecar(Schema):
    """What the file `<name>.json` beside a dome or a set of maps may say; every key may be left out.

    Attributes:
        kind: what it is a picture of. Default: "panorama" of a dome, the first word of its name of a texture.
        tags: further words by which looks choose it.
        tile_size: edge of what the picture of a texture shows, metres.
    """

    kind: str | None = None
    tags: tuple[str, ...] = ()
    tile_size: float = Field(default=1.0, gt=0.0)
    license: str = UNKNOWN
    creator: str = UNKNOWN
    url: str | None = None


NOTHING_SAID = Sidecar()


@dataclass(frozen=True)
class _Candidate:
    """What may become a dome, or a texture if it has maps.

    Attributes:
        root: the folder that is ingested.
        path: the dome's file, or what the names of the maps begin with.
        maps: files by role.
    """

    root: Path
    path: Path
    maps: Mapping[str, Path]
    sidecar: Sidecar

    @property
    def source(self) -> Source:
        said = self.sidecar
        reference = self.path.relative_to(self.root).as_posix()
        return Source(kind="folder", reference=reference, creator=said.creator, license=said.license, url=said.url)

    def build(self) -> Texture | Dome:
        """Read its files. Raises UnusableSurface."""
        name = re.sub(r"[^a-z0-9]+", "-", (self.path if self.maps else self.path.with_suffix("")).name.lower())
        made = self._texture() if self.maps else self._dome()
        return replace(made, id=surface_id(name.strip("-") or made.kind, made))

    def _dome(self) -> Dome:
        kind = self.sidecar.kind or "panorama"
        radiance = read_panorama(self.path)
        return Dome(id="", kind=kind, radiance=radiance, source=self.source, tags=(kind, *self.sidecar.tags))

    def _texture(self) -> Texture:
        first_word = re.match(r"[a-z]+", self.path.name.lower())
        kind = self.sidecar.kind or (first_word[0] if first_word else "texture")
        maps = read_maps(str(self.path), self.maps)
        return Texture(
            id="",
            kind=kind,
            albedo=maps.albedo,
            roughness=maps.roughness,
            metallic=maps.metallic,
            tile_size=self.sidecar.tile_size,
            color=color_word(maps.albedo.mean((0, 1)) / 255.0),
            source=self.source,
            tags=(kind, *self.sidecar.tags),
            normals=maps.normals,
            roughness_map=maps.roughness_map,
            metallic_map=maps.metallic_map,
        )


def ingest_surfaces(
    directory: Path,
    index: AssetIndex,
    said: Sidecar = NOTHING_SAID,
    limit: int | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Ingest every HDR dome and every set of PBR maps under a folder.

    A file that cannot be used is reported by name, and the others are ingested.

    Args:
        directory: the folder; subfolders are searched too.
        index: where the textures and domes go; one of an earlier ingest of the same path is replaced.
        said: of all that their sidecars leave open.
        limit: use only the first so many, sorted by path.
        progress: called with the number of candidates done and the number of all.

    Raises:
        EmptyFolder: if there is neither a dome nor a set of maps.
        InvalidConfig: if a sidecar is no JSON or has an unknown key; nothing is ingested then.
    """
    candidates = list(_candidates(directory, said))[:limit]
    if not candidates:
        raise EmptyFolder(f"{directory}: holds neither domes ({', '.join(panorama.FORMATS)}) nor maps of textures")
    unlicensed = sum(candidate.sidecar.license == UNKNOWN for candidate in candidates)
    if unlicensed:
        logger.warning("%d of %d surfaces state no licence; a sidecar JSON can name it", unlicensed, len(candidates))
    made: dict[str, bool] = {}
    reasons: dict[str, str] = {}
    for done, candidate in enumerate(candidates, 1):
        try:
            surface = candidate.build()
            made[surface.id] = index.add_surface(surface)
        except UnusableSurface as error:
            reasons[candidate.source.reference] = str(error)
        if progress:
            progress(done, len(candidates))
    return IngestReport(
        added=tuple(sorted(name for name, new in made.items() if new)),
        kept=tuple(sorted(name for name, new in made.items() if not new)),
        quarantined=reasons,
    )


def _candidates(directory: Path, said: Sidecar) -> Iterator[_Candidate]:
    """Domes and sets of maps, sorted by path."""
    if not directory.is_dir():
        raise EmptyFolder(f"{directory}: no such folder")
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    sets = map_sets(files)
    maps = {path for paths in sets.values() for path in paths.values()}
    for file in files:
        if file.suffix.lower() in panorama.FORMATS and file not in maps:
            sets[file] = {}
    for path, paths in sorted(sets.items()):
        beside = path.with_name(f"{path.name if paths else path.stem}.json")
        yield _Candidate(directory, path, paths, _read_sidecar(beside, said))


def _read_sidecar(path: Path, said: Sidecar) -> Sidecar:
    """What a file says, and what is `said` of the rest."""
    own = validate(read_json_data(path), Sidecar, str(path)) if path.exists() else NOTHING_SAID
    return said.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})
