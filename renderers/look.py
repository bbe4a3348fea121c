"""Every random choice of a picture's appearance, already made.

A `Look` names textures and domes by id and holds only numbers and strings, so that it is stored with the frames and any
backend draws the same picture from it.
"""

from __future__ import annotations

from assets_index.schema import Schema
from assets_index.transforms import Pose, Vec3


class DomeLook(Schema):
    """The environment: dome id, rotation about z in radians, colour multiplier, and intensity multiplier."""

    dome_id: str
    rotation: float = 0.0
    tint: Vec3 = (1.0, 1.0, 1.0)
    intensity: float = 1.0


class LightLook(Schema):
    """One directional light.

    Attributes:
        direction: unit vector in which it shines.
        color: linear.
        intensity: illuminance relative to that of the dome on a level surface.
    """

    direction: Vec3
    color: Vec3 = (1.0, 1.0, 1.0)
    intensity: float = 1.0
    casts_shadow: bool = True


class SurfaceLook(Schema):
    """A texture on a table or floor: id, scale multiplier, rotation in radians, roughness."""

    texture_id: str
    scale: float = 1.0
    rotation: float = 0.0
    roughness: float = 0.7


class Finish(Schema):
    """How much rougher than its own materials a body is; colour and metal stay, so that words stay true of it."""

    roughness_scale: float = 1.0


class SensorLook(Schema):
    """What the camera's sensor does to the colours.

    Attributes:
        white_balance: factor on red, green and blue as stored.
        noise: standard deviation, in steps of 255.
        blur: standard deviation, pixels.
        jpeg_quality: of the camera's own compression, 1..100; None for none.
        seed: of the noise.
    """

    white_balance: Vec3 = (1.0, 1.0, 1.0)
    noise: float = 0.0
    blur: float = 0.0
    jpeg_quality: int | None = None
    seed: int = 0


class Look(Schema):
    """One appearance of a scene.

    Attributes:
        index: number of the look of its record; 0 is the first.
        table, floor: surfaces; the floor lies under the table.
        finishes: by body name.
        cameras: T_mount_camera by camera name, jitter included.
        exposure: brightness multiplier of the finished picture.
    """

    index: int
    seed: int
    dome: DomeLook
    light: LightLook
    table: SurfaceLook
    floor: SurfaceLook
    finishes: dict[str, Finish] = {}
    cameras: dict[str, Pose] = {}
    exposure: float = 1.0
    sensor: SensorLook = SensorLook()
