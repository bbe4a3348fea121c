"""How bright a scene's dome and light are, so that every look is well exposed.

A look says how dome and light relate to each other; here both are scaled together until a white, level, unshaded
surface has a fixed radiance. No dome makes pictures black or burnt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets_index.surface_library import PROCEDURAL, SurfaceLibrary
from assets_index.transforms import Array, Vec3
from renderers.environment import environment
from renderers.look import LampLook, Look

WHITE_RADIANCE = 1.1
"""Linear radiance of a white level surface at exposure 1; tone mapping shows 1 as a light gray."""

LIT_POINT: Vec3 = (0.5, 0.0, 0.0)
"""The middle of the work space on the table, where the light of lamps is measured, metres in the world."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True)
class Lighting:
    """Light in the picture's units: 1 is the radiance shown as white.

    Attributes:
        dome_scale: (3,) factors from a dome's radiance to the picture's.
        dome_up: (3,) radiance of a white level surface lit by the dome alone.
        sun: (3,) radiance of a white surface that faces the directional light, lit by it alone.
        lamps: (L, 3) radiance of a white surface at 1 m that faces a lamp of the look, lit by it alone.
        lamps_level: (L, 3) the same of a level one at `LIT_POINT`.
        level: (3,) radiance of a white level surface at `LIT_POINT` with all light on it.
    """

    dome_scale: Array
    dome_up: Array
    sun: Array
    lamps: Array
    lamps_level: Array
    level: Array


def balanced(look: Look, surfaces: SurfaceLibrary = PROCEDURAL) -> Lighting:
    """Dome and light of a look, scaled together to its exposure; the dome is one of `surfaces`."""
    up = np.asarray(environment(look.dome.dome_id, surfaces).irradiance_up, float)
    dome_scale = np.array(look.dome.tint) * look.dome.intensity / max(float(LUMINANCE @ up), 1e-6)
    sun = np.array(look.light.color) * look.light.intensity
    lamps = np.array([np.multiply(lamp.color, lamp.intensity) for lamp in look.lamps]).reshape(-1, 3)
    level = dome_scale * up + sun * max(-look.light.direction[2], 0.0) + lamps.sum(0)
    gain = look.exposure * WHITE_RADIANCE / max(float(LUMINANCE @ level), 1e-6)
    reach = np.array([_reach(lamp) for lamp in look.lamps]).reshape(-1, 1)
    return Lighting(
        dome_scale=gain * dome_scale,
        dome_up=gain * dome_scale * up,
        sun=gain * sun,
        lamps=gain * lamps * reach,
        lamps_level=gain * lamps,
        level=gain * level,
    )


def _reach(lamp: LampLook) -> float:
    """How much more a surface at 1 m that faces a lamp gets than the level one at `LIT_POINT`."""
    way = np.subtract(lamp.position, LIT_POINT)
    return float(np.linalg.norm(way) ** 3 / max(way[2], 1e-6))
