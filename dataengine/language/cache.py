"""Answers of language models on disk, so that no question is paid for twice and a run can be repeated."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from pathlib import Path

from pydantic import ValidationError

from assets_index.schema import Schema
from dataengine.language.config import LanguageConfig

_LOG = logging.getLogger(__name__)


class CachedAnswer(Schema):
    """One file of the cache: what was asked of which model, and the valid answer."""

    model: str
    temperature: float
    prompt: str
    rewrites: tuple[str, ...]


def cached_path(directory: Path, prompt: str, config: LanguageConfig) -> Path:
    """Where the answer of that model to that prompt is kept."""
    request = json.dumps([config.model, config.temperature, prompt])
    return directory / f"{hashlib.sha256(request.encode()).hexdigest()}.json"


def load_answer(path: Path) -> tuple[str, ...] | None:
    """The rewrites kept there; None if there are none. A file that was damaged is reported and removed."""
    try:
        return CachedAnswer.model_validate_json(path.read_bytes()).rewrites
    except FileNotFoundError:
        return None
    except ValidationError:
        _LOG.warning("%s: damaged answer removed from the cache; the model is asked again", path)
        path.unlink(missing_ok=True)
        return None


def keep_answer(path: Path, answer: CachedAnswer) -> tuple[str, ...]:
    """Keep an answer and return the one that is kept: when several processes ask at once, the first answer stands.

    Where the cache cannot be written, that is logged and the answer serves this once.
    """
    try:
        return _keep_first(path, answer)
    except OSError as error:
        _LOG.warning("%s: answer not kept: %s", path.parent, error.strerror)
        return answer.rewrites


def _keep_first(path: Path, answer: CachedAnswer) -> tuple[str, ...]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp") as file:
        file.write(answer.model_dump_json().encode())
        file.flush()
        try:
            os.link(file.name, path)
        except FileExistsError:
            return load_answer(path) or answer.rewrites
    return answer.rewrites
