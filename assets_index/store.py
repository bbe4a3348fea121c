"""The content-addressed store: one folder an asset, `<id>/{asset.json, visual.npz, hulls.npz}`.

The id names the content: it is a hash over the described asset, its surface and its hulls, not over the bytes of the
files. A folder is written beside its place and renamed, so it is whole or absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from assets_index.asset import Asset, Material, Split, VisualPart
from assets_index.errors import EngineError, MissingAsset
from assets_index.transforms import Array

HELDOUT_FRACTION = 0.2


class CorruptAsset(EngineError):
    """A store entry that cannot be read or whose content does not match its id."""


class UnwritableStore(EngineError):
    """The store's folder cannot be written, or its disk is full."""


def content_hash(asset: Asset, parts: Sequence[VisualPart], hulls: Sequence[Array]) -> str:
    """Hash (64 hex digits) of all an asset is; its `id` and `split` follow from it and do not enter."""
    return _combined_hash(asset, visual_digest(parts), hulls_digest(hulls))


def split_of(digest: str) -> Split:
    """Train or held-out, from the digits of the hash that the id leaves out."""
    return "heldout" if int(digest[-8:], 16) / 16**8 < HELDOUT_FRACTION else "train"


def _combined_hash(asset: Asset, visual: str, hulls: str) -> str:
    document = asset.model_dump(mode="json", exclude={"id", "split"})
    if document["inscription"] is None:  # so that what bears none keeps the id it has
        del document["inscription"]
    text = json.dumps([document, visual, hulls], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def arrays_digest(arrays: Iterable[NDArray[Any] | None], text: str = "") -> str:
    """Hash of arrays, their types and shapes, and a text."""
    digest = hashlib.sha256(text.encode())
    for array in arrays:
        if array is None:
            digest.update(b"none")
            continue
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def visual_digest(parts: Sequence[VisualPart]) -> str:
    """Hash of a surface: its arrays and materials."""
    arrays = [array for part in parts for array in (part.vertices, part.faces, part.normals, part.uv, part.albedo)]
    return arrays_digest(arrays, json.dumps([part.material.model_dump(mode="json") for part in parts]))


def hulls_digest(hulls: Sequence[Array]) -> str:
    """Hash of collision hulls."""
    return arrays_digest(hulls)


def write_entry(store: Path, asset: Asset, parts: Sequence[VisualPart], hulls: Sequence[Array]) -> None:
    """Write an entry atomically; an entry that is already there stays (its content is the same by its name)."""
    target = store / asset.id
    if target.exists():
        return
    staging = store / f".{asset.id}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    document = {"asset": asset.model_dump(mode="json"), "visual": visual_digest(parts), "hulls": hulls_digest(hulls)}
    try:
        staging.mkdir(parents=True)
        (staging / "asset.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
        np.savez_compressed(staging / "visual.npz", allow_pickle=False, **_packed_parts(parts))
        np.savez_compressed(staging / "hulls.npz", vertices=np.concatenate(hulls), counts=[len(hull) for hull in hulls])
        staging.rename(target)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        if not target.exists():  # else another process has built the same content meanwhile
            raise UnwritableStore(f"{store}: cannot keep {asset.id}: {error.strerror or error}") from error


def _packed_parts(parts: Sequence[VisualPart]) -> dict[str, NDArray[Any]]:
    packed: dict[str, NDArray[Any]] = {
        "materials": np.frombuffer(json.dumps([part.material.model_dump() for part in parts]).encode(), np.uint8)
    }
    for number, part in enumerate(parts):
        arrays = {
            "vertices": part.vertices,
            "faces": part.faces,
            "normals": part.normals,
            "uv": part.uv,
            "albedo": part.albedo,
        }
        packed |= {f"{number}.{key}": array for key, array in arrays.items() if array is not None}
    return packed


def _document(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / "asset.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingAsset(f"asset {folder.name} is not in {folder.parent}; build or ingest it again") from error
    except (OSError, ValueError) as error:
        raise corrupt(folder, "asset.json") from error


def corrupt(folder: Path, file: str) -> CorruptAsset:
    """The error that says that a file of an entry is damaged."""
    return CorruptAsset(f"{folder / file} is damaged; delete the folder and build or ingest the asset again")


def read_asset(folder: Path) -> Asset:
    """Read and check the description of an entry.

    Raises:
        MissingAsset: if there is no such entry.
        CorruptAsset: if it cannot be read or does not match its id.
    """
    document = _document(folder)
    try:
        asset = Asset.model_validate(document["asset"])
        digest = _combined_hash(asset, document["visual"], document["hulls"])
    except (KeyError, TypeError, ValidationError) as error:
        raise corrupt(folder, "asset.json") from error
    if asset.id != folder.name or not asset.id.endswith(f"-{digest[:12]}") or asset.split != split_of(digest):
        raise corrupt(folder, "asset.json")
    return asset


def load_arrays(folder: Path, file: str) -> dict[str, NDArray[Any]]:
    """The arrays of a file of an entry, read-only. Raises CorruptAsset."""
    try:
        with np.load(folder / file, allow_pickle=False) as archive:
            return {key: _frozen(archive[key]) for key in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise corrupt(folder, file) from error


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False  # caches hand the same array to everyone
    return array


def read_visual(folder: Path) -> tuple[VisualPart, ...]:
    """Read and check the surface of an entry; arrays are read-only. Raises as `read_asset`."""
    document = _document(folder)
    arrays = load_arrays(folder, "visual.npz")
    try:
        materials = [Material.model_validate(item) for item in json.loads(arrays["materials"].tobytes())]
        parts = tuple(
            VisualPart(
                vertices=arrays[f"{number}.vertices"],
                faces=arrays[f"{number}.faces"],
                normals=arrays[f"{number}.normals"],
                uv=arrays.get(f"{number}.uv"),
                material=material,
                albedo=arrays.get(f"{number}.albedo"),
            )
            for number, material in enumerate(materials)
        )
    except (KeyError, ValueError) as error:
        raise corrupt(folder, "visual.npz") from error
    if visual_digest(parts) != document.get("visual"):
        raise corrupt(folder, "visual.npz")
    return parts


def read_hulls(folder: Path) -> tuple[Array, ...]:
    """Read and check the collision hulls of an entry; arrays are read-only. Raises as `read_asset`."""
    document = _document(folder)
    arrays = load_arrays(folder, "hulls.npz")
    try:
        hulls = tuple(_frozen(hull) for hull in np.split(arrays["vertices"], np.cumsum(arrays["counts"])[:-1]))
    except (KeyError, ValueError) as error:
        raise corrupt(folder, "hulls.npz") from error
    if hulls_digest(hulls) != document.get("hulls"):
        raise corrupt(folder, "hulls.npz")
    return hulls
