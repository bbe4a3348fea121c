"""Drawing looks: what may vary from one picture of a scene to the next, and how far.

Words must stay true: surroundings, light, table, floor, gloss and cameras vary; the colours of things do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
from pydantic import Field

from assets_index.errors import MissingAsset
from assets_index.schema import Schema
from assets_index.transforms import Pose, Vec3, rotation_from_quaternion
from renderers.camera import CameraSpec
from renderers.look import DomeLook, Finish, LightLook, Look, SensorLook, SurfaceLook
from renderers.scene import RenderScene

Range = tuple[float, float]
Patterns = tuple[str, ...]

WARM, COOL = np.array([1.0, 0.84, 0.66]), np.array([0.82, 0.91, 1.0])
"""Linear colours of light at warmth 1 and -1."""

FULL_TURN: Range = (0.0, 2 * float(np.pi))


class DomeAxis(Schema):
    """The surroundings: ids by shell pattern, turn about the vertical (rad), warmth -1 to 1 of their light."""

    vary: bool = True
    ids: Patterns = ("*",)
    rotation: Range = FULL_TURN
    warmth: Range = (-0.4, 0.4)


class LightAxis(Schema):
    """The directional light.

    Attributes:
        elevation: height above the horizon, rad; azimuth: where it comes from, rad about the vertical.
        strength: illuminance relative to that of the dome.
    """

    vary: bool = True
    elevation: Range = (0.6, 1.4)
    azimuth: Range = FULL_TURN
    strength: Range = (0.3, 1.8)
    warmth: Range = (-0.6, 0.8)


class SurfaceAxis(Schema):
    """A table's or floor's surface: ids by shell pattern, scale of the texture, turn (rad), roughness."""

    vary: bool = True
    ids: Patterns
    scale: Range = (0.7, 1.4)
    rotation: Range = FULL_TURN
    roughness: Range = (0.35, 0.95)


class FinishAxis(Schema):
    """Gloss of things: factor on the roughness of their materials."""

    vary: bool = True
    roughness_scale: Range = (0.7, 1.3)


class CameraAxis(Schema):
    """Half width of the uniform jitter of cameras: metres along and rad about each axis of theirs."""

    vary: bool = True
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
    jpeg_quality: tuple[int, int] | None = None


TABLE_SURFACES: Patterns = (
    *("wood-*", "laminate-*", "marble-*", "granite-*", "terrazzo-*", "travertine", "slate-*", "steel-brushed"),
    *("linen-*", "cotton-*", "denim-*", "tweed-*", "gingham-*", "tartan-*", "corduroy-*", "felt-*", "leather-*"),
    *("paper-*", "cardboard", "cork", "concrete-*", "tile-*", "rubber-*"),
)
FLOOR_SURFACES: Patterns = (
    *("wood-*", "marble-*", "granite-*", "terrazzo-*", "travertine", "slate-*", "tile-*", "concrete-*", "brick-*"),
    *("carpet-*", "asphalt", "cork", "rubber-*", "sand", "grass", "steel-plate"),
)


class LookConfig(Schema):
    """What may vary; an axis with `vary` off stays at its plain value."""

    dome: DomeAxis = DomeAxis()
    light: LightAxis = LightAxis()
    table: SurfaceAxis = SurfaceAxis(ids=TABLE_SURFACES)
    floor: SurfaceAxis = SurfaceAxis(ids=FLOOR_SURFACES, roughness=(0.6, 1.0))
    finish: FinishAxis = FinishAxis()
    camera: CameraAxis = CameraAxis()
    exposure: ExposureAxis = ExposureAxis()
    sensor: SensorAxis = SensorAxis()


def sample_look(
    config: LookConfig,
    index: int,
    seed: int,
    rng: np.random.Generator,
    *,
    scene: RenderScene,
    cameras: Sequence[CameraSpec],
    texture_ids: Sequence[str],
    dome_ids: Sequence[str],
) -> Look:
    """Draw one look; each axis has numbers of its own, so that switching one off leaves the others as they were.

    Args:
        config: what may vary.
        index: number of the look of its record.
        seed: of the run; stored with the look.
        rng: fresh generator of this look.
        scene: its objects and containers get finishes.
        cameras: get jittered poses.
        texture_ids: textures to choose from.
        dome_ids: domes to choose from.

    Raises:
        MissingAsset: if no texture or dome fits the patterns of an axis.
    """
    dome, light, table, floor, finish, camera, exposure, sensor = rng.spawn(8)
    return Look(
        index=index,
        seed=seed,
        dome=_dome(config.dome, dome, dome_ids),
        light=_light(config.light, light),
        table=_surface(config.table, table, texture_ids),
        floor=_surface(config.floor, floor, texture_ids),
        finishes=_finishes(config.finish, finish, scene),
        cameras={spec.name: _jittered(config.camera, camera, spec) for spec in cameras} if config.camera.vary else {},
        exposure=_within(exposure, config.exposure.gain) if config.exposure.vary else 1.0,
        sensor=_sensor(config.sensor, sensor) if config.sensor.vary else SensorLook(),
    )


def light_color(warmth: float) -> Vec3:
    """Linear colour of light from cool (-1) over white (0) to warm (1)."""
    r, g, b = (float(c) for c in 1.0 + abs(warmth) * ((WARM if warmth > 0 else COOL) - 1.0))
    return r, g, b


def _dome(axis: DomeAxis, rng: np.random.Generator, dome_ids: Sequence[str]) -> DomeLook:
    ids = _matching(dome_ids, axis.ids, "dome")
    if not axis.vary:
        return DomeLook(dome_id=ids[0])
    return DomeLook(
        dome_id=ids[rng.integers(len(ids))],
        rotation=_within(rng, axis.rotation),
        tint=light_color(_within(rng, axis.warmth)),
    )


def _light(axis: LightAxis, rng: np.random.Generator) -> LightLook:
    if not axis.vary:
        return LightLook(direction=_shining(np.deg2rad(60.0), np.deg2rad(120.0)))
    return LightLook(
        direction=_shining(_within(rng, axis.elevation), _within(rng, axis.azimuth)),
        color=light_color(_within(rng, axis.warmth)),
        intensity=_within(rng, axis.strength),
    )


def _shining(elevation: float, azimuth: float) -> Vec3:
    """The direction in which light shines that comes from that height and side."""
    level = -np.cos(elevation)
    return float(level * np.cos(azimuth)), float(level * np.sin(azimuth)), float(-np.sin(elevation))


def _surface(axis: SurfaceAxis, rng: np.random.Generator, texture_ids: Sequence[str]) -> SurfaceLook:
    ids = _matching(texture_ids, axis.ids, "texture")
    if not axis.vary:
        return SurfaceLook(texture_id=ids[0])
    return SurfaceLook(
        texture_id=ids[rng.integers(len(ids))],
        scale=_within(rng, axis.scale),
        rotation=_within(rng, axis.rotation),
        roughness=_within(rng, axis.roughness),
    )


def _finishes(axis: FinishAxis, rng: np.random.Generator, scene: RenderScene) -> dict[str, Finish]:
    if not axis.vary:
        return {}
    names = [body.name for body in scene.bodies if body.kind in ("object", "container")]
    return {name: Finish(roughness_scale=_within(rng, axis.roughness_scale)) for name in names}


def _sensor(axis: SensorAxis, rng: np.random.Generator) -> SensorLook:
    red, green, blue = (float(gain) for gain in 1.0 + rng.uniform(-axis.white_balance, axis.white_balance, 3))
    return SensorLook(
        white_balance=(red, green, blue),
        noise=_within(rng, axis.noise),
        blur=_within(rng, axis.blur),
        jpeg_quality=None if axis.jpeg_quality is None else int(rng.integers(*axis.jpeg_quality, endpoint=True)),
        seed=int(rng.integers(2**32)),
    )


def _jittered(axis: CameraAxis, rng: np.random.Generator, spec: CameraSpec) -> Pose:
    """The camera's pose, moved and turned a little in its own frame."""
    fixed = spec.mount == "world"
    position = axis.world_position if fixed else axis.hand_position
    rotation = axis.world_rotation if fixed else axis.hand_rotation
    jitter = np.eye(4)
    jitter[:3, 3] = rng.uniform(-position, position, 3)
    half_turn = rng.uniform(-rotation, rotation, 3) / 2
    quaternion = np.array([1.0, *half_turn])
    jitter[:3, :3] = rotation_from_quaternion(quaternion / np.linalg.norm(quaternion))
    return Pose.from_matrix(spec.pose.matrix @ jitter)


def _matching(ids: Sequence[str], patterns: Patterns, noun: str) -> list[str]:
    chosen = sorted(name for name in ids if any(fnmatchcase(name, pattern) for pattern in patterns))
    if not chosen:
        raise MissingAsset(f"no {noun} fits {', '.join(patterns)}; there is {', '.join(sorted(ids)) or 'none'}")
    return chosen


def _within(rng: np.random.Generator, bounds: Range) -> float:
    return float(rng.uniform(*bounds))
