"""The dome, the directional light and the lamps of a look in USD."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pxr import Gf, Usd, UsdGeom, UsdLux

from assets_index.surface_library import SurfaceLibrary
from assets_index.transforms import Array, rotation_z
from renderers.environment import environment
from renderers.lighting import balanced
from renderers.look import Look
from renderers.usd.paths import DOME_PATH, LAMPS, SUN_PATH
from renderers.usd.saving import write_image
from renderers.usd.transforms import add_transform

WHITE_NITS = 1000.0
"""Luminance of what the look shows as white: a bright room, as viewers with a camera's exposure expect it."""

DOME_FILE = "textures/dome.hdr"

SUN_ANGLE = 0.53
"""Angular diameter of the sun, degrees."""

LAMP_RADIUS = 0.03
"""Of the lamps, metres."""

DOME_TO_WORLD = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""A dome's pole is its y axis (UsdLuxDomeLight); here it becomes the world's z."""


def define_lights(stage: Usd.Stage, look: Look, surfaces: SurfaceLibrary, folder: Path) -> None:
    """Put the look's dome, whose picture is written into `folder`, and its light into a stage."""
    lighting = balanced(look, surfaces)
    dome = UsdLux.DomeLight.Define(stage, DOME_PATH)
    write_dome(folder / DOME_FILE, environment(look.dome.dome_id, surfaces).panorama)
    dome.CreateTextureFileAttr(f"./{DOME_FILE}")
    dome.CreateTextureFormatAttr(UsdLux.Tokens.latlong)
    _set_power(dome, lighting.dome_scale)
    add_transform(dome, _turned(rotation_z(look.dome.rotation - np.pi / 2) @ DOME_TO_WORLD))

    sun = UsdLux.DistantLight.Define(stage, SUN_PATH)
    sun.CreateAngleAttr(SUN_ANGLE)
    sun.CreateNormalizeAttr(True)  # intensity is then illuminance, whatever the angle
    _set_power(sun, np.pi * lighting.sun)
    UsdLux.ShadowAPI.Apply(sun.GetPrim()).CreateShadowEnableAttr(look.light.casts_shadow)
    add_transform(sun, _turned(_shining_along(np.array(look.light.direction))))

    UsdGeom.Scope.Define(stage, LAMPS)
    for number, (lamp, radiance) in enumerate(zip(look.lamps, lighting.lamps, strict=True)):
        sphere = UsdLux.SphereLight.Define(stage, f"{LAMPS}/lamp_{number}")
        sphere.CreateRadiusAttr(LAMP_RADIUS)
        sphere.CreateNormalizeAttr(True)  # its surface is four times as large as the disc that a point sees
        _set_power(sphere, 4 * np.pi * radiance)
        pose = np.eye(4)
        pose[:3, 3] = lamp.position
        add_transform(sphere, pose)


def write_dome(path: Path, panorama: np.ndarray) -> None:
    """Write a dome as a Radiance file with longitude from left to right as USD has it: mirrored to ours."""
    mirrored = np.ascontiguousarray(panorama[:, ::-1, ::-1], dtype=np.float32)  # OpenCV has blue first
    write_image(path, mirrored)


def _set_power(light: UsdLux.DomeLight | UsdLux.DistantLight | UsdLux.SphereLight, power: Array) -> None:
    """Colour and intensity of a light whose radiance or illuminance, 1 for white, is `power` (3,)."""
    strongest = max(float(power.max()), 1e-9)
    light.CreateColorAttr(Gf.Vec3f(*(power / strongest).tolist()))
    light.CreateIntensityAttr(WHITE_NITS * strongest)


def _shining_along(direction: Array) -> Array:
    """A rotation (3, 3) that takes -z, along which distant lights shine, to `direction`."""
    z = -direction / np.linalg.norm(direction)
    helper = np.eye(3)[np.abs(z).argmin()]
    x = np.cross(helper, z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z], 1)


def _turned(rotation: Array) -> Array:
    """A pose (4, 4) at the origin."""
    pose = np.eye(4)
    pose[:3, :3] = rotation
    return pose
