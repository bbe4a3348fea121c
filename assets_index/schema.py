"""The one base of our pydantic models, and reading one from a YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assets_index.errors import InvalidConfig


class Schema(BaseModel):
    """Immutable, strict about keys (one that nothing reads is an error), and the same after a trip through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


SchemaT = TypeVar("SchemaT", bound=Schema)


def read_yaml(path: Path, schema: type[SchemaT]) -> SchemaT:
    """Read and validate a YAML file.

    Raises:
        InvalidConfig: if the file is missing, is not YAML, or does not fit `schema`; one line, naming the key.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidConfig(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise InvalidConfig(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error
    return validate(data or {}, schema, str(path))


def validate(data: object, schema: type[SchemaT], origin: str) -> SchemaT:
    """Validate plain data; the first problem becomes a one-line `InvalidConfig` that names `origin`."""
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        raise InvalidConfig(f"{origin}: {key}: {first['msg']}") from error
