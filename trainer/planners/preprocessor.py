"""`preprocessor_config.json`, where transformers keeps how a model's pictures are prepared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers.utils import cached_file

from trainer.errors import UnusableCheckpoint

PREPROCESSOR = "preprocessor_config.json"


def read_preprocessor(source: str | Path) -> dict[str, Any]:
    """The settings in a folder or in a repository of the hub; raises UnusableCheckpoint."""
    try:
        return json.loads(Path(cached_file(str(source), PREPROCESSOR)).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnusableCheckpoint(f"{source}: no {PREPROCESSOR} can be read there") from error


def write_preprocessor(directory: Path, settings: Mapping[str, Any]) -> None:
    """Write the settings into a folder."""
    (directory / PREPROCESSOR).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
