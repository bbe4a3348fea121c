"""Ingested textures and domes on disk: one folder each, `<id>/{surface.json, arrays.npz}`, named by its content."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Source
from assets_index.errors import MissingAsset
from assets_index.files import replacing_folder
from assets_index.store import arrays_digest, corrupt, load_arrays
from assets_index.surfaces import Dome, Texture

SurfaceT = TypeVar("SurfaceT", Texture, Dome)


def surface_id(name: str, surface: Texture | Dome) -> str:
    """The id of a surface of that name: the name and the first 12 hex digits of the hash of all it is but its id."""
    document, arrays = _split(surface)
    text = json.dumps({**document, "id": ""}, sort_keys=True)
    return f"{name}-{arrays_digest([arrays[key] for key in sorted(arrays)], text)[:12]}"


def write_surface(store: Path, surface: Texture | Dome) -> None:
    """Write an entry atomically; one that is already there stays (its content is the same by its name).

    Raises:
        FileNotWritten: if the disk takes no more.
    """
    if (store / surface.id).exists():
        return
    document, arrays = _split(surface)
    with replacing_folder(store / surface.id) as folder:
        (folder / "surface.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
        np.savez_compressed(folder / "arrays.npz", allow_pickle=False, **arrays)


def read_surface(folder: Path, kind: type[SurfaceT]) -> SurfaceT:
    """Read and check an entry; its arrays are read-only.

    Raises:
        MissingAsset: if there is none.
        CorruptAsset: if it cannot be read or does not match its id.
    """
    try:
        document: dict[str, Any] = json.loads((folder / "surface.json").read_text(encoding="utf-8"))
        source, tags = Source.model_validate(document["source"]), tuple(document["tags"])
        values: dict[str, Any] = {**document, **load_arrays(folder, "arrays.npz"), "source": source, "tags": tags}
        surface = kind(**values)
    except FileNotFoundError as error:
        raise MissingAsset(f"{folder.name} is not in {folder.parent}; ingest it again") from error
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise corrupt(folder, "surface.json") from error
    if surface_id(surface.id.rpartition("-")[0], surface) != folder.name:
        raise corrupt(folder, "arrays.npz")
    return surface


def _split(surface: Texture | Dome) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What goes into the document, and the arrays."""
    values = {field.name: getattr(surface, field.name) for field in fields(surface)}
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    document = {name: value for name, value in values.items() if name not in arrays and value is not None}
    return {**document, "source": surface.source.model_dump(mode="json"), "tags": list(surface.tags)}, arrays
