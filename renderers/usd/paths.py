"""Where things lie in the stage: `/World/<thing>/<body>`, one thing for each instance id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pxr import Tf

from renderers.scene import RenderBody, RenderScene

WORLD = "/World"
CAMERAS = "/World/Cameras"
MATERIALS = "/World/Looks"
SURROUNDINGS = "/World/Surroundings"
DOME_PATH = "/World/Dome"
SUN_PATH = "/World/Sun"
LAMPS = "/World/Lamps"
RESERVED = ("Cameras", "Looks", "Surroundings", "Dome", "Sun", "Lamps", "Physics")


@dataclass(frozen=True)
class ScenePaths:
    """Prim paths.

    Attributes:
        things: by instance id; the prim that carries the thing's label.
        labels: of the things, by instance id: the name of a thing's first body, or "robot".
        bodies: by body name; the prim that moves.
        cameras: by camera name.
    """

    things: dict[int, str]
    labels: dict[int, str]
    bodies: dict[str, str]
    cameras: dict[str, str]


def scene_paths(scene: RenderScene, cameras: Sequence[str]) -> ScenePaths:
    """Paths of everything in a scene, and of cameras by their names; the same scene has the same ones."""
    members: dict[int, list[RenderBody]] = {}
    for body in scene.bodies:
        members.setdefault(body.instance_id, []).append(body)
    labels = {number: "robot" if group[0].kind == "robot" else group[0].name for number, group in members.items()}
    things = dict(zip(labels, _children(WORLD, labels.values(), RESERVED), strict=True))
    bodies = {
        body.name: path
        for number, group in members.items()
        for body, path in zip(group, _children(things[number], [body.name for body in group]), strict=True)
    }
    return ScenePaths(things, labels, bodies, dict(zip(cameras, _children(CAMERAS, cameras), strict=True)))


def _children(parent: str, names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    return [f"{parent}/{prim}" for prim in prim_names(names, taken)]


def prim_names(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Valid prim names, no two alike, one for each name: what USD does not allow becomes "_"."""
    used = set(taken)
    found = []
    for name in names:
        valid = Tf.MakeValidIdentifier(name)
        prim, number = valid, 1
        while prim in used:
            number += 1
            prim = f"{valid}_{number}"
        used.add(prim)
        found.append(prim)
    return found
