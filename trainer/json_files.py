"""The small JSON files of a checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from trainer.errors import UnusableCheckpoint


def read_json(path: Path, *needed: str) -> dict[str, Any]:
    """The object in a file; raises UnusableCheckpoint if there is none, or if it lacks one of the keys."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnusableCheckpoint(f"{path} cannot be read: {error}") from error
    for key in needed:
        if not isinstance(data, dict) or key not in data:
            raise UnusableCheckpoint(f"{path} has no {key!r}")
    return data
