"""Where results that are dear to compute and cheap to lose are kept between runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[np.generic]]


def cache_directory(kind: str) -> Path:
    """`$DATAENGINE_CACHE/<kind>`, or `~/.cache/st4vla-dataengine/<kind>`; created if absent."""
    root = os.environ.get("DATAENGINE_CACHE")
    directory = (Path(root) if root else Path.home() / ".cache" / "st4vla-dataengine") / kind
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def cached_arrays(kind: str, key: str, compute: Callable[[], Arrays]) -> Arrays:
    """The arrays kept under `kind` and `key`, computed and kept if they are not there.

    Safe with several processes: a file appears under its name only when it is complete. `key` must hold everything that
    the result depends on.
    """
    path = cache_directory(kind) / f"{key}.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored)
    arrays = compute()
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        np.savez(file, allow_pickle=False, **arrays)
    Path(file.name).replace(path)
    return arrays
