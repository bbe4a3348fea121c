"""Finding and reading task files."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from assets_index.errors import InvalidConfig
from assets_index.schema import read_yaml
from scene_graph.tasks.task_file import TaskFile

_FOLDER = Path(__file__).parent


@lru_cache
def builtin_tasks() -> tuple[str, ...]:
    """Names of the tasks that come with the package, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def is_path(name: str) -> bool:
    """Whether a name is meant as that of a file."""
    return name.endswith((".yaml", ".yml"))


def read_task(name: str) -> TaskFile:
    """The task of a name, or of a path that ends in .yaml.

    Raises:
        InvalidConfig: if there is none, or the file is no task.
    """
    if is_path(name):
        return read_yaml(Path(name), TaskFile)
    if name not in builtin_tasks():
        known = ", ".join(builtin_tasks())
        raise InvalidConfig(f"there is no task {name!r}: choose one of {known}, or the path of a YAML file")
    return _builtin(name)


@lru_cache
def _builtin(name: str) -> TaskFile:
    return read_yaml(_FOLDER / f"{name}.yaml", TaskFile)
