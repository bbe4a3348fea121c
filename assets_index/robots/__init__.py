"""The robots the engine knows, from packages that carry their models."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from assets_index.errors import MissingAsset
from assets_index.robot import RobotDescription
from assets_index.robot_setup import ArmMount, MountedArm, RobotSetup, alone, mounted
from assets_index.robots.franka import franka_panda
from assets_index.robots.ur5e import ur5e_2f85

_BUILDERS: dict[str, Callable[[], RobotDescription]] = {"franka_panda": franka_panda, "ur5e_2f85": ur5e_2f85}

_SETUPS: dict[str, RobotSetup] = {
    "two_frankas": RobotSetup(
        arms=(
            ArmMount(name="left", robot="franka_panda", position=(0.0, 0.3, 0.0)),
            ArmMount(name="right", robot="franka_panda", position=(0.0, -0.3, 0.0)),
        )
    ),
}
"""Side by side, the world's origin between them: both reach the middle of the workspace, and either its own side."""


def robot_names() -> tuple[str, ...]:
    """Names of single arms, which `robot` accepts."""
    return tuple(_BUILDERS)


def arm_names(setup: str | RobotSetup) -> tuple[str, ...]:
    """Names of the arms of a set-up, in their order; a single arm has none."""
    chosen = _SETUPS.get(setup) if isinstance(setup, str) else setup
    return () if chosen is None else tuple(mount.name for mount in chosen.arms)


def setup_names() -> tuple[str, ...]:
    """Names that `arms` accepts: of single arms and of set-ups."""
    return (*robot_names(), *_SETUPS)


@lru_cache
def robot(name: str = "franka_panda") -> RobotDescription:
    """The description of a robot.

    Raises:
        MissingAsset: if no robot has that name, or the package that carries its model is not installed.
    """
    if name not in _BUILDERS:
        raise MissingAsset(f"no robot named {name!r}; there is {', '.join(robot_names())}")
    return _BUILDERS[name]()


@lru_cache
def arms(setup: str | RobotSetup) -> tuple[MountedArm, ...]:
    """The arms of a set-up, in their order: one written out, one of ours by its name, or a single arm by its name.

    Raises:
        MissingAsset: if there is no set-up or robot of that name, or the package that carries a model is not installed.
    """
    chosen = _SETUPS.get(setup, setup) if isinstance(setup, str) else setup
    if isinstance(chosen, RobotSetup):
        return tuple(mounted(mount, robot(mount.robot)) for mount in chosen.arms)
    if chosen not in _BUILDERS:
        raise MissingAsset(f"no robot or set-up named {chosen!r}; there is {', '.join(setup_names())}")
    return alone(robot(chosen))
