"""Where results that are dear to compute and cheap to lose are kept between runs."""

from __future__ import annotations

import logging
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assets_index.errors import EngineError
from assets_index.files import FileNotWritten, replacing

logger = logging.getLogger(__name__)

Arrays = Mapping[str, NDArray[np.generic]]


class UnusableCache(EngineError):
    """The cache directory cannot be written."""


def cache_directory(kind: str) -> Path:
    """`$DATAENGINE_CACHE/<kind>`, or `~/.cache/st4vla-dataengine/<kind>`; created if absent.

    Raises:
        UnusableCache: if it cannot be created.
    """
    root = os.environ.get("DATAENGINE_CACHE")
    directory = (Path(root) if root else Path.home() / ".cache" / "st4vla-dataengine") / kind
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(directory, error) from error
    return directory


def cached_arrays(kind: str, key: str, compute: Callable[[], Arrays]) -> Arrays:
    """The arrays kept under `kind` and `key`, computed and kept if they are not there, or if their file is damaged.

    Safe with several processes: a file appears under its name only when it is complete. `key` must hold everything that
    the result depends on.

    Raises:
        UnusableCache: if the result cannot be written.
    """
    path = cache_directory(kind) / f"{key}.npz"
    if path.exists():
        try:
            with np.load(path, allow_pickle=False) as stored:
                return dict(stored)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            logger.warning("%s is damaged and is made again: %s", path, error)
    arrays = compute()
    try:
        with replacing(path) as scratch, scratch.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
    except FileNotWritten as error:
        raise UnusableCache(f"{error}; set DATAENGINE_CACHE to another folder") from error
    return arrays


def _unusable(directory: Path, error: OSError) -> UnusableCache:
    return UnusableCache(f"{directory}: cannot be written ({error.strerror}); set DATAENGINE_CACHE to another folder")
