"""Finding and reading task files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from assets_index.errors import InvalidConfig
from assets_index.schema import read_yaml_data, validate
from scene_graph.tasks.task_file import TaskFile

_FOLDER = Path(__file__).parent


@lru_cache
def builtin_tasks() -> tuple[str, ...]:
    """Names of the tasks that come with the package, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def read_task(source: str | Mapping[str, Any]) -> TaskFile:
    """The task of a name, of a path that ends in .yaml, or of the keys of a task file, which may extend another.

    Raises:
        InvalidConfig: if there is none, or it is no task.
    """
    if isinstance(source, Mapping):
        return validate(with_extended(source), TaskFile, "task")
    if source in builtin_tasks():
        return _builtin(source)
    return validate(_data(_path(source, Path()), ()), TaskFile, source)


def with_extended(data: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a task, with those of the one that it extends where it is silent.

    Raises:
        InvalidConfig: if there is none to extend.
    """
    return _extended(data, Path(), ())


@lru_cache
def _builtin(name: str) -> TaskFile:
    return validate(_data(_path(name, Path()), ()), TaskFile, f"task {name}")


def _path(source: str, folder: Path) -> Path:
    """Where the task of a name, or of a path seen from a folder, is."""
    if source.endswith((".yaml", ".yml")):
        return folder / source
    if source not in builtin_tasks():
        known = ", ".join(builtin_tasks())
        raise InvalidConfig(f"there is no task {source!r}: choose one of {known}, or the path of a YAML file")
    return _FOLDER / f"{source}.yaml"


def _data(path: Path, extending: tuple[Path, ...]) -> dict[str, Any]:
    """The keys of a file, and of those that it extends."""
    data = read_yaml_data(path)
    if not isinstance(data, dict):
        raise InvalidConfig(f"{path}: a task is a mapping of keys")
    if path.resolve() in extending:
        raise InvalidConfig(f"{path}: extends itself")
    return _extended(data, path.parent, (*extending, path.resolve()))


def _extended(data: Mapping[str, Any], folder: Path, extending: tuple[Path, ...]) -> dict[str, Any]:
    own = dict(data)
    if "extends" not in own:
        return own
    base = own.pop("extends")
    if not isinstance(base, str):
        raise InvalidConfig(f"extends: the name of a task or the path of a task file, not {base!r}")
    return _merged(_data(_path(base, folder), extending), own)


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings are merged key by key; everything else is replaced."""
    merged = dict(base)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if both else value
    return merged
