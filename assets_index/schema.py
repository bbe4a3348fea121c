"""The one base of our pydantic models, and reading one from a YAML file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from assets_index.errors import InvalidConfig


class Schema(BaseModel):
    """Immutable, strict about keys (one that nothing reads is an error), and the same after a trip through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


SchemaT = TypeVar("SchemaT", bound=Schema)


def in_order(bounds: tuple[float, float]) -> tuple[float, float]:
    """Least and greatest value as they are; raises ValueError if they stand the other way round."""
    least, greatest = bounds
    if least > greatest:
        raise ValueError(f"the least value comes first: {least} is more than {greatest}")
    return bounds


Range = Annotated[tuple[float, float], AfterValidator(in_order)]
"""Least and greatest value of what is drawn uniformly."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2 as far as truth goes: only true and false, so that the relation "on" stays a word."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_TRUTH = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _TRUTH, list("tTfF"))


def parse_yaml(text: str) -> object:
    """Plain data of a YAML text. Raises yaml.YAMLError."""
    return yaml.load(text, _Loader)


def read_yaml(path: Path, schema: type[SchemaT]) -> SchemaT:
    """Read and validate a YAML file.

    Raises:
        InvalidConfig: if the file is missing, is not YAML, or does not fit `schema`; one line, naming the key.
    """
    return validate(read_yaml_data(path), schema, str(path))


def read_yaml_data(path: Path) -> object:
    """Plain data of a YAML file; an empty mapping if there is nothing in it.

    Raises:
        InvalidConfig: if the file is missing or is not YAML, in one line.
    """
    try:
        return parse_yaml(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise InvalidConfig(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise InvalidConfig(f"{path}: not valid YAML: {' '.join(str(error).split())}") from error


def read_json_data(path: Path) -> object:
    """Plain data of a JSON file.

    Raises:
        InvalidConfig: if the file is missing or is not JSON, in one line.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidConfig(f"{path}: not valid JSON: {error}") from error


def validate(data: object, schema: type[SchemaT], origin: str) -> SchemaT:
    """Validate plain data; the first problem becomes a one-line `InvalidConfig` that names `origin`."""
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        raise InvalidConfig(f"{origin}: {key}: {first['msg']}") from error
