"""Furniture catalogues of Sweet Home 3D, as in Debian's `sweethome3d-furniture` package.

A catalogue (.sh3f) is a zip file with OBJ models and `PluginFurnitureCatalog.properties`, which declares name, size in
centimetres, turn and creator of each. What a model is good for is not in it: `sweethome3d_roles.yaml` beside this
module says so for those that were looked at; all others are left alone.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import numpy as np

from assets_index.asset import Attributes, Role, Source
from assets_index.builder import BuiltAsset
from assets_index.errors import UnusableMesh
from assets_index.index import AssetIndex
from assets_index.ingest.batch import Candidate, IngestReport, Progress, ingest
from assets_index.ingest.debian import UnreadablePackage, extract_files
from assets_index.ingest.description import Description
from assets_index.ingest.load import Surface, load_surfaces
from assets_index.ingest.prepare import PIPELINE_VERSION, prepare
from assets_index.schema import Schema, read_yaml
from assets_index.transforms import Array

ROLES = Path(__file__).with_name("sweethome3d_roles.yaml")
CATALOG = "PluginFurnitureCatalog.properties"
Y_UP = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, -1.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


class ModelRole(Schema):
    """What one model, or a part of one, is good for.

    Attributes:
        model: id in its catalogue.
        keep: names of the materials to be used, for a thing that stands among others; all by default.
        drop: names of materials to be left out, such as a glass cover, which would be drawn opaque.
        reject: why the model is not to be used.
    """

    model: str
    role: Role = "object"
    category: str = ""
    group: str = ""
    material: str | None = None
    synonyms: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    mass: float | None = None
    reject: str | None = None

    def uses(self, material: str) -> bool:
        """Whether what has that material is part of the thing."""
        return material not in self.drop and (not self.keep or material in self.keep)


class ModelRoles(Schema):
    """The file `sweethome3d_roles.yaml`."""

    models: tuple[ModelRole, ...]


@dataclass(frozen=True)
class CatalogEntry:
    """One model as its catalogue declares it.

    Attributes:
        size: width (x), height (y), depth (z) in metres after `turn`, a rotation (3, 3) by rows.
    """

    model_id: str
    path: str
    size: tuple[float, float, float]
    turn: tuple[float, ...]
    creator: str
    license: str
    provider: str


@dataclass(frozen=True)
class SweetHomeModel:
    """A candidate: an entry of a catalogue file and what it is good for."""

    archive: Path
    entry: CatalogEntry
    role: ModelRole

    @property
    def source(self) -> Source:
        """Where it comes from; parts of one model are told apart by what is kept of it."""
        part = f"[{'+'.join(self.role.keep)}]" if self.role.keep else ""
        return Source(
            kind="sweethome3d",
            reference=f"{self.entry.model_id}{part}",
            creator=self.entry.creator,
            license=self.entry.license,
            url=f"https://{self.entry.provider}",
        )

    def digest(self) -> str:
        """Of the model's files, its entry, its role and the pipeline's version."""
        digest = hashlib.sha256(f"{PIPELINE_VERSION} {self.entry} {self.role}".encode())
        for name, checksum in _checksums(self.archive):
            if name.startswith(_folder(self.entry.path)):
                digest.update(f"{name} {checksum}".encode())
        return digest.hexdigest()[:40]

    def build(self) -> BuiltAsset:
        """Load, place, prepare. Raises `UnusableMesh` or `UnreadableMesh`."""
        if self.role.reject is not None:
            raise UnusableMesh(self.role.reject)
        with TemporaryDirectory() as folder, _opened(self.archive) as archive:
            names = [name for name, _ in _checksums(self.archive) if name.startswith(_folder(self.entry.path))]
            archive.extractall(folder, names)
            surfaces = load_surfaces(Path(folder) / self.entry.path)
        placed = [surface.moved(_placement(self.entry, surfaces)) for surface in surfaces]
        kept = [surface for surface in placed if self.role.uses(surface.material.name)]
        description = Description(
            role=self.role.role,
            category=self.role.category,
            group=self.role.group,
            synonyms=self.role.synonyms,
            attributes=Attributes(material=self.role.material),
            mass=self.role.mass,
        )
        return prepare(kept, description, self.source)


def ingest_sweethome3d(
    file: Path,
    index: AssetIndex,
    workers: int = 1,
    limit: int | None = None,
    progress: Progress | None = None,
) -> IngestReport:
    """Ingest the known models of a Debian package, a .sh3f catalogue, or a folder of either.

    Args:
        file: the package, catalogue or folder.
        index: where the assets go.
        workers: processes; the result does not depend on their number.
        limit: use only the first so many models, in the order of the roles file.
        progress: called with the number of models done and the number of all.

    Raises:
        UnreadablePackage: if the file is missing, damaged, or no catalogue of Sweet Home 3D.
    """
    with TemporaryDirectory() as folder:
        archives = _archives(file, Path(folder))
        entries = {entry.model_id: (archive, entry) for archive in archives for entry in read_catalog(archive)}
        roles = read_yaml(ROLES, ModelRoles).models
        found: list[Candidate] = [SweetHomeModel(*entries[role.model], role) for role in roles if role.model in entries]
        if not found:
            raise UnreadablePackage(f"{file}: none of its models is known to {ROLES.name}")
        return ingest(found[:limit], index, workers, progress)


def _archives(file: Path, scratch: Path) -> list[Path]:
    if file.is_dir():
        files = sorted(path for path in file.rglob("*") if path.suffix in (".sh3f", ".deb"))
        if not files:
            raise UnreadablePackage(f"{file}: holds no .sh3f or .deb file")
        return [archive for path in files for archive in _archives(path, scratch)]
    if not file.is_file():
        raise UnreadablePackage(f"{file}: no such file; get it with `apt-get download sweethome3d-furniture`")
    return extract_files(file, ".sh3f", scratch) if file.suffix == ".deb" else [file]


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadablePackage(f"{archive}: not a furniture catalogue: {error}") from error


@lru_cache(8)
def _checksums(archive: Path) -> tuple[tuple[str, int], ...]:
    """Name and CRC of every file of a catalogue, sorted."""
    with _opened(archive) as opened:
        return tuple(sorted((info.filename, info.CRC) for info in opened.infolist() if not info.is_dir()))


def _folder(path: str) -> str:
    """The folder of a model; its materials and textures lie beside it."""
    return f"{PurePosixPath(path).parent}/"


def read_catalog(path: Path) -> Iterator[CatalogEntry]:
    """Entries of a catalogue with a size and a model file that is there.

    Raises:
        UnreadablePackage: if the file is no catalogue.
    """
    with _opened(path) as archive:
        names = set(archive.namelist())
        if CATALOG not in names:
            raise UnreadablePackage(f"{path}: not a furniture catalogue: holds no {CATALOG}")
        head, items = parse_properties(archive.read(CATALOG).decode("latin-1"))
    for item in items:
        model = item.get("model", "").lstrip("/")
        size = [item.get(key, "") for key in ("width", "height", "depth")]
        if model in names and all(re.fullmatch(r"[0-9.]+", value) for value in size):
            width, height, depth = (float(value) / 100 for value in size)
            yield CatalogEntry(
                model_id=item["id"],
                path=model,
                size=(width, height, depth),
                turn=tuple(float(v) for v in item.get("modelRotation", "1 0 0 0 1 0 0 0 1").split()),
                creator=item.get("creator") or head.get("provider", "unknown"),
                license=spdx(head.get("license", "unknown")),
                provider=head.get("provider", "www.sweethome3d.com"),
            )


def parse_properties(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """A catalogue's own keys, and those of each numbered item (`name#12 = ...`) in order."""
    head: dict[str, str] = {}
    items: dict[int, dict[str, str]] = {}
    for line in re.sub(r"\\\r?\n\s*", "", text).splitlines():
        found = re.match(r"(\w+)(?:#(\d+))?\s*=\s*(.*)", line.strip())
        if found:
            key, number, value = found.groups()
            value = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), value).strip()
            (items.setdefault(int(number), {}) if number else head)[key] = value
    return head, [items[number] for number in sorted(items)]


def spdx(license_text: str) -> str:
    """The SPDX identifier of a catalogue's licence line; the line itself if it is another one."""
    if "Public domain" in license_text:
        return "CC0-1.0"
    if "Creative Commons Attribution 3.0" in license_text:
        return "CC-BY-3.0-US" if "United States" in license_text else "CC-BY-3.0"
    return license_text


def _placement(entry: CatalogEntry, surfaces: list[Surface]) -> Array:
    """File to asset coordinates: turned, scaled to the declared size axis by axis, z up."""
    turn = np.eye(4)
    turn[:3, :3] = np.reshape(entry.turn, (3, 3))
    turned = np.concatenate([surface.moved(turn).vertices for surface in surfaces])
    extents = np.ptp(turned, axis=0)
    if extents.min() <= 0:
        raise UnusableMesh("zero volume")
    scale = np.diag([*(np.array(entry.size) / extents), 1.0])
    return np.asarray(Y_UP @ scale @ turn)
