"""What may vary from one picture of a scene to the next, and how far: the settings of looks, an axis each."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field, NonNegativeInt

from assets_index.schema import Range, Schema, in_order

Count = Annotated[tuple[NonNegativeInt, NonNegativeInt], AfterValidator(in_order)]
"""Least and greatest number of things."""

Patterns = tuple[str, ...]
"""Shell patterns of ids."""

Sources = tuple[Literal["procedural", "folder"], ...]
"""Where textures and domes come from; "folder" are those that `dataengine assets ingest surfaces` has brought in."""

FULL_TURN: Range = (0.0, 2 * float(np.pi))
UPRIGHT: Range = (0.0, 0.0)


class Choice(Schema):
    """Which textures or domes there are to choose from: those that fit all three.

    Attributes:
        ids: by shell pattern.
        sources: where they come from. What was ingested is left out by default, so that a run looks the same whatever
            else the index holds.
        tags: by shell pattern; one of a texture's or dome's tags must fit.
    """

    ids: Patterns = ("*",)
    sources: Sources = ("procedural",)
    tags: Patterns = ("*",)


class DomeAxis(Choice):
    """The surroundings.

    Attributes:
        rotation: turn about the vertical, rad.
        kelvin: colour temperature to which their light is tinted; 6500 leaves it as it is.
        intensity: factor on the light that they give, against that of the other lights.
    """

    vary: bool = True
    rotation: Range = FULL_TURN
    kelvin: Range = (5000.0, 8000.0)
    intensity: Range = (0.7, 1.4)


class LightAxis(Schema):
    """The directional light.

    Attributes:
        elevation: height above the horizon, rad; azimuth: where it comes from, rad about the vertical.
        strength: illuminance relative to that of the dome.
        kelvin: colour temperature.
    """

    vary: bool = True
    elevation: Range = (0.6, 1.4)
    azimuth: Range = FULL_TURN
    strength: Range = (0.3, 1.8)
    kelvin: Range = (3200.0, 7500.0)


class LampAxis(Schema):
    """Small lights around the table.

    Attributes:
        number: at least and at most.
        distance: from the middle of the table, level, metres; azimuth: where, rad about the vertical.
        height: above the table, metres.
        strength: illuminance on the table relative to that of the dome.
        kelvin: colour temperature.
    """

    vary: bool = True
    number: Count = (0, 2)
    distance: Range = (1.2, 2.0)
    azimuth: Range = FULL_TURN
    height: Range = (0.9, 1.8)
    strength: Range = (0.1, 0.5)
    kelvin: Range = (2700.0, 6500.0)


TABLE_SURFACES: Patterns = (
    *("wood-*", "laminate-*", "marble-*", "granite-*", "terrazzo-*", "travertine", "slate-*", "steel-brushed"),
    *("linen-*", "cotton-*", "denim-*", "tweed-*", "gingham-*", "tartan-*", "corduroy-*", "felt-*", "leather-*"),
    *("paper-*", "cardboard", "cork", "concrete-*", "tile-*", "rubber-*"),
)
FLOOR_SURFACES: Patterns = (
    *("wood-*", "marble-*", "granite-*", "terrazzo-*", "travertine", "slate-*", "tile-*", "concrete-*", "brick-*"),
    *("carpet-*", "asphalt", "cork", "rubber-*", "sand", "grass", "steel-plate"),
)
WALL_SURFACES: Patterns = ("plaster-*", "brick-*", "concrete-*", "tile-white", "tile-subway-*", "wood-*", "paper-*")
FURNITURE_SURFACES: Patterns = ("wood-*", "laminate-*", "steel-brushed", "plaster-white")


class SurfaceAxis(Choice):
    """A surface: which textures, scale of the texture, turn (rad), mean roughness."""

    vary: bool = True
    scale: Range = (0.7, 1.4)
    rotation: Range = FULL_TURN
    roughness: Range = (0.35, 0.95)


class TableAxis(SurfaceAxis):
    """The table's top."""

    ids: Patterns = TABLE_SURFACES


class FloorAxis(SurfaceAxis):
    """The floor."""

    ids: Patterns = FLOOR_SURFACES
    roughness: Range = (0.6, 1.0)


class WallAxis(SurfaceAxis):
    """Walls of a room."""

    ids: Patterns = WALL_SURFACES
    rotation: Range = UPRIGHT
    roughness: Range = (0.7, 1.0)


class FurnitureSurfaceAxis(SurfaceAxis):
    """Boards of furniture."""

    ids: Patterns = FURNITURE_SURFACES
    rotation: Range = UPRIGHT


class RoomAxis(Schema):
    """Walls.

    Attributes:
        share: of the looks that have walls; the others show the dome.
        distance: of each wall from the middle of the table, metres; below 2.9 furniture may stand in walls.
        height: above the floor, metres. Higher or nearer walls than these may shade the table, but not in Filament.
        wall: their surface.
    """

    vary: bool = True
    share: float = Field(default=0.5, ge=0.0, le=1.0)
    distance: Range = (3.0, 4.0)
    height: Range = (1.7, 2.1)
    wall: WallAxis = WallAxis()


class FurnitureAxis(Schema):
    """Clutter outside the work space: furniture that stands along the walls, or where they would be.

    Attributes:
        number: at least and at most.
        surface: of each piece.
    """

    vary: bool = True
    number: Count = (0, 4)
    surface: FurnitureSurfaceAxis = FurnitureSurfaceAxis()


class FinishAxis(Schema):
    """Materials of things, within what keeps words true: a change that gives a colour another name is refused.

    Attributes:
        roughness_scale: factor on roughness.
        metallic: added to the share of metal of what is metal.
        tint: greatest relative change of each colour channel.
        grain: share of the things of a material with a pattern of its own, such as wood, that show one.
    """

    vary: bool = True
    roughness_scale: Range = (0.7, 1.3)
    metallic: Range = (-0.2, 0.1)
    tint: float = Field(default=0.12, ge=0.0, lt=1.0)
    grain: float = Field(default=0.7, ge=0.0, le=1.0)


class CameraAxis(Schema):
    """Half width of the uniform jitter of cameras: metres along and rad about each axis of theirs.

    Attributes:
        focal: greatest relative change of the focal lengths.
        center: greatest shift of the principal point, as a share of the picture's width.
    """

    vary: bool = True
    focal: float = Field(default=0.02, ge=0.0, lt=1.0)
    center: float = Field(default=0.01, ge=0.0, lt=0.5)
    world_position: float = Field(default=0.03, ge=0.0)
    world_rotation: float = Field(default=0.02, ge=0.0)
    hand_position: float = Field(default=0.004, ge=0.0)
    hand_rotation: float = Field(default=0.02, ge=0.0)


class ExposureAxis(Schema):
    """Brightness of the picture: factor on the light."""

    vary: bool = True
    gain: Range = (0.8, 1.25)


class SensorAxis(Schema):
    """The camera's sensor.

    Attributes:
        white_balance: greatest relative change of a colour channel.
        noise: standard deviation, in steps of 255; blur: standard deviation, pixels.
        jpeg_quality: of the camera's own compression; None for none.
    """

    vary: bool = True
    white_balance: float = Field(default=0.05, ge=0.0, lt=1.0)
    noise: Range = (0.0, 2.5)
    blur: Range = (0.0, 0.5)
    jpeg_quality: Count | None = None


class LookConfig(Schema):
    """What may vary; an axis with `vary` off stays at its plain value, which for lamps, room and furniture is none."""

    dome: DomeAxis = DomeAxis()
    light: LightAxis = LightAxis()
    lamps: LampAxis = LampAxis()
    table: TableAxis = TableAxis()
    floor: FloorAxis = FloorAxis()
    room: RoomAxis = RoomAxis()
    furniture: FurnitureAxis = FurnitureAxis()
    finish: FinishAxis = FinishAxis()
    camera: CameraAxis = CameraAxis()
    exposure: ExposureAxis = ExposureAxis()
    sensor: SensorAxis = SensorAxis()
