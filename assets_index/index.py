"""The asset index: a content-addressed store and one SQLite file that finds things in it."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assets_index import store
from assets_index.asset import Asset, Role, Source, Split, VisualPart
from assets_index.decimation import reduced_parts
from assets_index.errors import EngineError
from assets_index.surface_store import read_surface, write_surface
from assets_index.surfaces import Dome, SurfaceEntry, Texture
from assets_index.transforms import Array

if TYPE_CHECKING:
    from assets_index.surface_library import SurfaceLibrary

ROOT_VARIABLE = "DATAENGINE_ASSETS"
BUSY_SECONDS = 60.0

_TABLES = """
CREATE TABLE IF NOT EXISTS asset (
    id TEXT PRIMARY KEY, role TEXT, category TEXT, "group" TEXT, split TEXT, source TEXT, reference TEXT);
CREATE INDEX IF NOT EXISTS asset_reference ON asset (source, reference);
CREATE TABLE IF NOT EXISTS surface (
    type TEXT, source TEXT, reference TEXT, id TEXT, tags TEXT, PRIMARY KEY (type, source, reference));
CREATE TABLE IF NOT EXISTS quarantine (reference TEXT PRIMARY KEY, reason TEXT);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    id UNINDEXED, name, category, "group", captions, synonyms, tokenize = 'porter unicode61');
"""

STORE = "store"
SURFACES = "surfaces"


# The caches' keys are strings: hashing and joining paths would cost more than everything else in a search.
@lru_cache(8192)
def _read_asset(root: str, asset_id: str) -> Asset:
    return store.read_asset(Path(root, STORE, asset_id))


@lru_cache(2048)
def _read_hulls(root: str, asset_id: str) -> tuple[Array, ...]:
    return store.read_hulls(Path(root, STORE, asset_id))


@lru_cache(256)
def _read_visual(root: str, asset_id: str, tolerance: float) -> tuple[VisualPart, ...]:
    if tolerance:
        return reduced_parts(asset_id, _read_visual(root, asset_id, 0.0), tolerance)
    return store.read_visual(Path(root, STORE, asset_id))


@lru_cache(16)  # a few megabytes each
def _read_texture(root: str, texture_id: str) -> Texture:
    return read_surface(Path(root, SURFACES, texture_id), Texture)


@lru_cache(4)  # `renderers.environment` keeps what is made of them
def _read_dome(root: str, dome_id: str) -> Dome:
    return read_surface(Path(root, SURFACES, dome_id), Dome)


class UnusableIndex(EngineError):
    """The index file or its folder cannot be opened."""


def default_root() -> Path:
    """`$DATAENGINE_ASSETS`, else the user's cache folder."""
    return Path(os.environ.get(ROOT_VARIABLE) or Path.home() / ".cache" / "st4vla-dataengine" / "assets")


@dataclass(frozen=True)
class AssetIndex:
    """What exists. Holds no open file: it may be pickled, and several processes may read and build at once.

    Example:
        >>> index = AssetIndex.open()
        >>> mugs = index.find(category="mug", split="train")
        >>> hulls = index.hulls(mugs[0].id)
    """

    root: Path

    @classmethod
    def open(cls, root: Path | None = None) -> AssetIndex:
        """Open the index under `root`, making an empty one if there is none.

        Raises:
            UnusableIndex: if the folder cannot be written or the file is no index.
        """
        index = cls((root or default_root()).absolute())
        try:
            index._store.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnusableIndex(f"{index.root}: cannot hold an asset index: {error.strerror}") from error
        with index._connection() as connection:
            connection.executescript(_TABLES)
        return index

    @property
    def _store(self) -> Path:
        return self.root / STORE

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are committed at the end; one a call, which a fork cannot break."""
        path = self.root / "index.sqlite"
        try:
            with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection, connection:
                yield connection
        except sqlite3.OperationalError as error:
            raise UnusableIndex(f"{path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise UnusableIndex(f"{path}: {error}; delete it and build or ingest the assets again") from error

    def asset(self, asset_id: str) -> Asset:
        """What is known of one asset.

        Raises:
            MissingAsset: if the store does not hold it.
            CorruptAsset: if its entry is damaged.
        """
        return _read_asset(str(self.root), asset_id)

    def hulls(self, asset_id: str) -> tuple[Array, ...]:
        """Vertices of its convex collision hulls in the asset frame, each (N, 3), read-only. Raises as `asset`."""
        return _read_hulls(str(self.root), asset_id)

    def visual(self, asset_id: str, tolerance: float = 0.0) -> tuple[VisualPart, ...]:
        """Its surface in the asset frame; the arrays are read-only. Raises as `asset`.

        Args:
            asset_id: of the asset.
            tolerance: how far, in metres, the surface may be from the true one, so that it has fewer triangles.
        """
        return _read_visual(str(self.root), asset_id, tolerance)

    def find(
        self,
        *,
        role: Role | None = None,
        category: str | None = None,
        group: str | None = None,
        split: Split | None = None,
        source: str | None = None,
        text: str | None = None,
    ) -> list[Asset]:
        """Assets that fit all that is asked and are not in quarantine, sorted by id.

        Args:
            role: "object", "container" or "table".
            category: the noun, e.g. "mug".
            group: the wider kind, e.g. "fruit".
            split: "train" or "heldout".
            source: kind of source, e.g. "procedural".
            text: words that must all occur in name, category, group, captions or synonyms, in any inflection.
        """
        wanted = {"role": role, "category": category, "group": group, "split": split, "source": source}
        clauses = ["id NOT IN (SELECT reference FROM quarantine)"]
        clauses += [f'"{column}" = ?' for column, value in wanted.items() if value is not None]
        values = [value for value in wanted.values() if value is not None]
        if text is not None:
            clauses.append("id IN (SELECT id FROM words WHERE words MATCH ?)")
            values.append(" ".join(f'"{word}"' for word in re.findall(r"\w+", text)) or '""')
        query = f"SELECT id FROM asset WHERE {' AND '.join(clauses)} ORDER BY id"
        with self._connection() as connection:
            rows = connection.execute(query, values).fetchall()
        return [self.asset(asset_id) for (asset_id,) in rows]

    def categories(self, role: Role | None = None) -> tuple[str, ...]:
        """Categories that occur, sorted."""
        condition, values = ("WHERE role = ?", [role]) if role else ("", [])
        with self._connection() as connection:
            rows = connection.execute(f"SELECT DISTINCT category FROM asset {condition} ORDER BY category", values)
            return tuple(category for (category,) in rows)

    def by_source(self, source: Source) -> Asset | None:
        """The asset made from that source, if it is here and its entry is whole on disk."""
        query = "SELECT id FROM asset WHERE source = ? AND reference = ? ORDER BY id"
        with self._connection() as connection:
            row = connection.execute(query, (source.kind, source.reference)).fetchone()
        return self.asset(row[0]) if row and (self._store / row[0] / "asset.json").exists() else None

    def add(self, asset: Asset, parts: Sequence[VisualPart], hulls: Sequence[Array]) -> None:
        """Keep an asset; adding the same content again changes nothing. `index.add(*make_asset(...))`.

        Raises:
            CorruptAsset: if the id is not the hash of the content.
        """
        digest = store.content_hash(asset, parts, hulls)
        if not asset.id.endswith(f"-{digest[:12]}"):
            raise store.CorruptAsset(f"{asset.id}: id and content do not agree; make the asset with make_asset")
        store.write_entry(self._store, asset, parts, hulls)
        origin = (asset.source.kind, asset.source.reference)
        row = (asset.id, asset.role, asset.category, asset.group, asset.split, *origin)
        texts = ("\n".join(asset.captions), "\n".join(asset.synonyms))
        words = (asset.id, asset.name, asset.category, asset.group, *texts)
        with self._connection() as connection:
            new = connection.execute("INSERT OR IGNORE INTO asset VALUES (?, ?, ?, ?, ?, ?, ?)", row).rowcount
            if new:
                connection.execute("INSERT INTO words VALUES (?, ?, ?, ?, ?, ?)", words)

    def remove(self, asset_id: str) -> None:
        """Forget an asset; its store entry stays, so that records that name it can still be read."""
        with self._connection() as connection:
            connection.execute("DELETE FROM asset WHERE id = ?", (asset_id,))
            connection.execute("DELETE FROM words WHERE id = ?", (asset_id,))

    @property
    def surfaces(self) -> SurfaceLibrary:
        """All textures and domes: the procedural ones and those in this index."""
        from assets_index.surface_library import SurfaceLibrary  # which needs this module

        return SurfaceLibrary(self)

    def add_surface(self, surface: Texture | Dome) -> bool:
        """Keep a texture or dome in place of an earlier one of the same source; whether it was not there before.

        The entry of an earlier one stays, so that looks that name it can still be drawn.

        Raises:
            FileNotWritten: if the disk takes no more.
        """
        write_surface(self.root / SURFACES, surface)
        key = (_type_of(surface), surface.source.kind, surface.source.reference)
        row = (*key, surface.id, json.dumps(surface.tags))
        with self._connection() as connection:
            known = connection.execute(
                "SELECT 1 FROM surface WHERE (type, source, reference) = (?, ?, ?) AND id = ?", row[:4]
            ).fetchone()
            connection.execute("INSERT OR REPLACE INTO surface VALUES (?, ?, ?, ?, ?)", row)
        return known is None

    def ingested(self, surface_type: Literal["texture", "dome"]) -> tuple[SurfaceEntry, ...]:
        """The textures or domes that were ingested, sorted by id."""
        query = "SELECT id, source, tags FROM surface WHERE type = ? ORDER BY id"
        with self._connection() as connection:
            rows = connection.execute(query, (surface_type,)).fetchall()
        return tuple(SurfaceEntry(key, source, tuple(json.loads(tags))) for key, source, tags in rows)

    def ingested_texture(self, texture_id: str) -> Texture:
        """An ingested texture, whether it is still listed or not. Raises as `asset`."""
        return _read_texture(str(self.root), texture_id)

    def ingested_dome(self, dome_id: str) -> Dome:
        """An ingested dome, whether it is still listed or not. Raises as `asset`."""
        return _read_dome(str(self.root), dome_id)

    def quarantine(self, reference: str, reason: str) -> None:
        """Remember that a source, or an asset by its id, is not to be used, and why."""
        with self._connection() as connection:
            connection.execute("INSERT OR REPLACE INTO quarantine VALUES (?, ?)", (reference, reason))

    def quarantined(self) -> dict[str, str]:
        """Reason by reference, sorted by reference."""
        with self._connection() as connection:
            return dict(connection.execute("SELECT reference, reason FROM quarantine ORDER BY reference").fetchall())


def _type_of(surface: Texture | Dome) -> Literal["texture", "dome"]:
    return "texture" if isinstance(surface, Texture) else "dome"
