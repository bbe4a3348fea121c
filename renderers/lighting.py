"""How bright a scene's dome and light are, so that every look is well exposed.

A look says how dome and light relate to each other; here both are scaled together until a white, level, unshaded
surface has a fixed radiance. No dome makes pictures black or burnt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets_index.transforms import Array
from renderers.environment import environment
from renderers.look import Look

WHITE_RADIANCE = 1.1
"""Linear radiance of a white level surface at exposure 1; tone mapping shows 1 as a light gray."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True)
class Lighting:
    """Light in the picture's units: 1 is the radiance shown as white.

    Attributes:
        dome_scale: (3,) factors from a dome's radiance to the picture's.
        dome_up: (3,) radiance of a white level surface lit by the dome alone.
        sun: (3,) radiance of a white surface that faces the directional light, lit by it alone.
    """

    dome_scale: Array
    dome_up: Array
    sun: Array


def balanced(look: Look) -> Lighting:
    """Dome and light of a look, scaled together to its exposure."""
    up = np.asarray(environment(look.dome.dome_id).irradiance_up, float)
    dome_scale = np.array(look.dome.tint) * look.dome.intensity / max(float(LUMINANCE @ up), 1e-6)
    sun = np.array(look.light.color) * look.light.intensity
    level = LUMINANCE @ (dome_scale * up) + LUMINANCE @ sun * max(-look.light.direction[2], 0.0)
    gain = look.exposure * WHITE_RADIANCE / max(float(level), 1e-6)
    return Lighting(dome_scale=gain * dome_scale, dome_up=gain * dome_scale * up, sun=gain * sun)
