"""A folder of mesh files, each with a sidecar JSON of the same name or without.

`mug.glb` may be described by `mug.json` with the keys of `Sidecar`. What a sidecar leaves open is guessed: the category
from the file's name, the unit from the format and the size, the up axis from the format. The licence is never guessed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from assets_index.asset import Attributes, Role, Source
from assets_index.builder import BuiltAsset
from assets_index.errors import EngineError, InvalidConfig
from assets_index.index import AssetIndex
from assets_index.ingest.batch import IngestReport, Progress, ingest
from assets_index.ingest.description import Description
from assets_index.ingest.load import FORMATS, Surface, load_surfaces
from assets_index.ingest.prepare import PIPELINE_VERSION, prepare
from assets_index.schema import Schema, read_json_data, validate
from assets_index.transforms import Array, Vec3
from assets_index.words import COLORS, MATERIALS, SHAPES, SIZES

logger = logging.getLogger(__name__)

UNKNOWN = "unknown"
_CONTAINERS = frozenset(
    ("basin", "basket", "bin", "bowl", "bucket", "crate", "dish", "pan", "plate", "pot", "saucer", "tray", "tub")
)
_TABLES = frozenset(("desk", "table", "workbench"))
_Y_UP_FORMATS = (".glb", ".gltf", ".obj")
_METRIC_FORMATS = (".glb", ".gltf")
_TO_Z_UP: dict[str, Array] = {
    "x": np.array([[0.0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]),
    "y": np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]]),
    "z": np.eye(4),
}


class EmptyFolder(EngineError):
    """A folder that is missing or holds no mesh files."""


class Sidecar(Schema):
    """What the file `<name>.json` beside a mesh may say; every key may be left out.

    Attributes:
        size: width, depth, height in metres once z is up; the mesh is scaled until its largest side fits.
        scale: metres per unit of the file, instead of `size`.
        up: the axis of the file that points up.
    """

    name: str | None = None
    category: str | None = None
    group: str = "household"
    role: Role | None = None
    attributes: Attributes = Attributes()
    synonyms: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    license: str = UNKNOWN
    creator: str = UNKNOWN
    url: str | None = None
    size: Vec3 | None = None
    scale: float | None = None
    up: Literal["x", "y", "z"] | None = None
    mass: float | None = None
    friction: float = 1.0


@dataclass(frozen=True)
class FolderModel:
    """A candidate: a mesh file under `root` and what is said of it."""

    root: Path
    path: Path
    sidecar: Sidecar

    @property
    def source(self) -> Source:
        """The reference is the path within the folder."""
        return Source(
            kind="folder",
            reference=self.path.relative_to(self.root).as_posix(),
            creator=self.sidecar.creator,
            license=self.sidecar.license,
            url=self.sidecar.url,
        )

    @cached_property
    def description(self) -> Description:
        """From the sidecar; category and role from the file's name where it is silent."""
        category = self.sidecar.category or category_of(self.path.stem)
        said = self.sidecar
        return Description(
            role=said.role or role_of(category),
            category=category,
            group=said.group,
            name=said.name,
            synonyms=said.synonyms,
            captions=said.captions,
            attributes=said.attributes,
            mass=said.mass,
            friction=said.friction,
        )

    def digest(self) -> str:
        """Of the mesh, the files it names, the sidecar and the pipeline's version."""
        digest = hashlib.sha256(f"{PIPELINE_VERSION} {self.sidecar} {self.source}".encode())
        for path in (self.path, *companions(self.path)):
            digest.update(f"{path.name} {path.stat().st_size}".encode() + path.read_bytes())
        return digest.hexdigest()[:40]

    def build(self) -> BuiltAsset:
        """Load, place, prepare. Raises `UnusableMesh` or `UnreadableMesh`."""
        surfaces = load_surfaces(self.path)
        matrix = _placement(self.path.suffix.lower(), self.sidecar, self.description.role, surfaces)
        return prepare([surface.moved(matrix) for surface in surfaces], self.description, self.source)


def ingest_folder(
    directory: Path, index: AssetIndex, workers: int = 1, limit: int | None = None, progress: Progress | None = None
) -> IngestReport:
    """Ingest every GLB, glTF, OBJ, STL and PLY file under a folder.

    Args:
        directory: the folder; subfolders are searched too.
        index: where the assets go.
        workers: processes; the result does not depend on their number.
        limit: use only the first so many files, sorted by path.
        progress: called with the number of files done and the number of all.

    Raises:
        EmptyFolder: if there are no mesh files.
        InvalidConfig: if a sidecar is no JSON or has an unknown key; nothing is ingested then.
    """
    if not directory.is_dir():
        raise EmptyFolder(f"{directory}: no such folder")
    files = sorted(path for path in directory.rglob("*") if path.suffix.lower() in FORMATS)[:limit]
    if not files:
        raise EmptyFolder(f"{directory}: holds no mesh files ({', '.join(FORMATS)})")
    models = [FolderModel(directory, path, read_sidecar(path)) for path in files]
    unlicensed = sum(model.sidecar.license == UNKNOWN for model in models)
    if unlicensed:
        logger.warning("%d of %d meshes state no licence; a sidecar JSON can name it", unlicensed, len(models))
    return ingest(models, index, workers, progress)


def read_sidecar(mesh: Path) -> Sidecar:
    """What the JSON file beside a mesh says; defaults if there is none.

    Raises:
        InvalidConfig: if it is no JSON, has an unknown key, or gives both size and scale.
    """
    path = mesh.with_suffix(".json")
    if not path.exists():
        return Sidecar()
    sidecar = validate(read_json_data(path), Sidecar, str(path))
    if sidecar.size is not None and sidecar.scale is not None:
        raise InvalidConfig(f"{path}: size and scale exclude each other")
    return sidecar


def category_of(stem: str) -> str:
    """The noun in a file name: "025_red_mug-v2" is a "mug"."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", stem)
    words = [word for word in re.split(r"[^A-Za-z]+", spaced.lower()) if len(word) > 1]
    nouns = [word for word in words if word not in {*COLORS, *MATERIALS, *SHAPES, *SIZES, "model", "mesh", "textured"}]
    return " ".join(nouns) or "object"


def role_of(category: str) -> Role:
    """What a thing with that name is for, by its last word."""
    noun = category.split()[-1]
    return "container" if noun in _CONTAINERS else "table" if noun in _TABLES else "object"


def _placement(suffix: str, sidecar: Sidecar, role: Role, surfaces: list[Surface]) -> Array:
    """File to asset coordinates: z up, metres."""
    up = sidecar.up or ("y" if suffix in _Y_UP_FORMATS else "z")
    matrix = _TO_Z_UP[up].copy()
    vertices = np.concatenate([surface.vertices for surface in surfaces])
    largest = float(np.ptp(vertices, axis=0).max())
    matrix[:3] *= _unit(suffix, sidecar, role, largest)
    return matrix


def _unit(suffix: str, sidecar: Sidecar, role: Role, largest: float) -> float:
    """Metres per unit of the file."""
    if sidecar.scale is not None:
        return sidecar.scale
    if sidecar.size is not None:
        return max(sidecar.size) / max(largest, 1e-12)
    if suffix in _METRIC_FORMATS:
        return 1.0
    # Household things measure 2 cm to 60 cm, tables up to 3 m: the unit that puts the file into that range.
    most = 3.0 if role == "table" else 0.6
    return next((unit for unit in (1.0, 0.01, 0.001) if largest * unit <= most), 0.001)


def companions(mesh: Path) -> Iterator[Path]:
    """Existing files that an OBJ or glTF file names: materials, buffers, textures."""
    if mesh.suffix.lower() == ".gltf":
        yield from _existing(mesh.parent, _gltf_names(mesh))
    if mesh.suffix.lower() != ".obj":
        return
    text = mesh.read_text(encoding="utf-8", errors="replace")
    for material in _existing(mesh.parent, re.findall(r"^mtllib\s+(.+?)\s*$", text, re.MULTILINE)):
        yield material
        content = material.read_text(encoding="utf-8", errors="replace")
        yield from _existing(material.parent, re.findall(r"^\s*map_\w+\s+.*?(\S+)\s*$", content, re.MULTILINE))


def _existing(folder: Path, names: list[str]) -> list[Path]:
    return [folder / name for name in names if (folder / name).is_file()]


def _gltf_names(mesh: Path) -> list[str]:
    try:
        content: dict[str, Any] = json.loads(mesh.read_text(encoding="utf-8"))
    except ValueError:
        return []  # the loader will say what is wrong with it
    entries = [*content.get("buffers", []), *content.get("images", [])]
    return [str(entry["uri"]) for entry in entries if "uri" in entry]
