"""Every random choice of a picture's appearance, already made.

A `Look` names textures and domes by id and holds only numbers and strings, so that it is stored with the frames and any
backend draws the same picture from it.
"""

from __future__ import annotations

from typing import Literal

from assets_index.schema import Schema
from assets_index.spaces import Point2
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


class LampLook(Schema):
    """A small light near the table; it casts shadows only where paths are traced.

    Attributes:
        position: in the world, metres.
        color: linear.
        intensity: illuminance at `renderers.lighting.LIT_POINT` relative to that of the dome on a level surface.
    """

    position: Vec3
    color: Vec3 = (1.0, 1.0, 1.0)
    intensity: float = 1.0


class SurfaceLook(Schema):
    """A texture on a table, floor, wall or thing: id, scale multiplier, rotation in radians, roughness."""

    texture_id: str
    scale: float = 1.0
    rotation: float = 0.0
    roughness: float = 0.7


class RoomLook(Schema):
    """Four walls around everything.

    Attributes:
        lower, upper: corners of the floor, metres in the world.
        height: of the walls above the floor, metres.
        wall: their surface.
    """

    lower: Point2
    upper: Point2
    height: float
    wall: SurfaceLook


Furniture = Literal["cabinet", "shelf", "bench"]


class FurnitureLook(Schema):
    """A piece of furniture on the floor, away from the table: background that nobody is asked about.

    Attributes:
        position: of the middle of its base, metres in the world.
        size: width, depth and height, metres.
        rotation: about the vertical, radians.
    """

    kind: Furniture
    position: Point2
    size: Vec3
    rotation: float
    surface: SurfaceLook


class Finish(Schema):
    """How a body differs from its own materials, within what keeps words true of it.

    Attributes:
        roughness_scale: factor on roughness.
        metallic: added to the share of metal of what already is metal.
        color: factors on red, green and blue of the base colours, in sRGB.
        grain: a texture of the body's own kind of material whose pattern, without its colour, is laid over plain
            colours; None for none.
    """

    roughness_scale: float = 1.0
    metallic: float = 0.0
    color: Vec3 = (1.0, 1.0, 1.0)
    grain: SurfaceLook | None = None


class LensLook(Schema):
    """How intrinsics differ from those specified: factor on the focal lengths, shift of the principal point, pixels."""

    focal: float = 1.0
    shift: Point2 = (0.0, 0.0)


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
        lamps: small lights besides `light`.
        room: walls; None for an open view of the dome.
        furniture: clutter outside the work space.
        finishes: by body name.
        cameras: T_mount_camera by camera name, jitter included; lenses: likewise.
        exposure: brightness multiplier of the finished picture.
    """

    index: int
    seed: int
    dome: DomeLook
    light: LightLook
    table: SurfaceLook
    floor: SurfaceLook
    lamps: tuple[LampLook, ...] = ()
    room: RoomLook | None = None
    furniture: tuple[FurnitureLook, ...] = ()
    finishes: dict[str, Finish] = {}
    cameras: dict[str, Pose] = {}
    lenses: dict[str, LensLook] = {}
    exposure: float = 1.0
    sensor: SensorLook = SensorLook()

    @property
    def surfaces(self) -> tuple[SurfaceLook, ...]:
        """Every use of a texture."""
        walls = () if self.room is None else (self.room.wall,)
        grains = (finish.grain for finish in self.finishes.values() if finish.grain is not None)
        return (self.table, self.floor, *walls, *(piece.surface for piece in self.furniture), *grains)
