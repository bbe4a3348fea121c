"""The robots the engine knows, from packages that carry their models."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from assets_index.errors import MissingAsset
from assets_index.robot import RobotDescription
from assets_index.robots.franka import franka_panda
from assets_index.robots.ur5e import ur5e_2f85

_BUILDERS: dict[str, Callable[[], RobotDescription]] = {"franka_panda": franka_panda, "ur5e_2f85": ur5e_2f85}


def robot_names() -> tuple[str, ...]:
    """Names that `robot` accepts."""
    return tuple(_BUILDERS)


@lru_cache
def robot(name: str = "franka_panda") -> RobotDescription:
    """The description of a robot.

    Raises:
        MissingAsset: if no robot has that name, or the package that carries its model is not installed.
    """
    if name not in _BUILDERS:
        raise MissingAsset(f"no robot named {name!r}; there is {', '.join(_BUILDERS)}")
    return _BUILDERS[name]()
