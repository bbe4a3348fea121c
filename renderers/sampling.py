"""Drawing looks: what may vary from one picture of a scene to the next, and how far.

Words must stay true: what things are made of, and what their colours are called, does not vary.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np

from assets_index.errors import MissingAsset
from assets_index.schema import Range
from assets_index.transforms import Pose, Vec3, rotation_from_quaternion
from renderers.camera import CameraSpec
from renderers.finishes import sample_finish
from renderers.light_color import light_color
from renderers.lighting import LIT_POINT
from renderers.look import (
    DomeLook,
    Finish,
    FurnitureLook,
    LampLook,
    LensLook,
    LightLook,
    Look,
    RoomLook,
    SensorLook,
    SurfaceLook,
)
from renderers.look_axes import (
    CameraAxis,
    DomeAxis,
    FinishAxis,
    FurnitureAxis,
    LampAxis,
    LightAxis,
    LookConfig,
    Patterns,
    RoomAxis,
    SensorAxis,
    SurfaceAxis,
)
from renderers.scene import RenderScene
from renderers.surroundings import KINDS

FURNITURE_DISTANCE: Range = (1.75, 1.95)
"""Of the middle of furniture from the middle of the table, metres: behind any table, before any wall."""


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
    dome, light, table, floor, finish, camera, exposure, sensor, lamps, room, furniture = rng.spawn(11)
    return Look(
        index=index,
        seed=seed,
        dome=_dome(config.dome, dome, dome_ids),
        light=_light(config.light, light),
        table=_surface(config.table, table, texture_ids),
        floor=_surface(config.floor, floor, texture_ids),
        lamps=_lamps(config.lamps, lamps) if config.lamps.vary else (),
        room=_room(config.room, room, texture_ids) if config.room.vary else None,
        furniture=_furniture(config.furniture, furniture, texture_ids) if config.furniture.vary else (),
        finishes=_finishes(config.finish, finish, scene, texture_ids) if config.finish.vary else {},
        cameras={spec.name: _jittered(config.camera, camera, spec) for spec in cameras} if config.camera.vary else {},
        lenses={spec.name: _lens(config.camera, camera, spec) for spec in cameras} if config.camera.vary else {},
        exposure=_within(exposure, config.exposure.gain) if config.exposure.vary else 1.0,
        sensor=_sensor(config.sensor, sensor) if config.sensor.vary else SensorLook(),
    )


def _dome(axis: DomeAxis, rng: np.random.Generator, dome_ids: Sequence[str]) -> DomeLook:
    ids = _matching(dome_ids, axis.ids, "dome")
    if not axis.vary:
        return DomeLook(dome_id=ids[0])
    return DomeLook(
        dome_id=ids[rng.integers(len(ids))],
        rotation=_within(rng, axis.rotation),
        tint=light_color(_within(rng, axis.kelvin)),
        intensity=_within(rng, axis.intensity),
    )


def _light(axis: LightAxis, rng: np.random.Generator) -> LightLook:
    if not axis.vary:
        return LightLook(direction=_shining(np.deg2rad(60.0), np.deg2rad(120.0)))
    return LightLook(
        direction=_shining(_within(rng, axis.elevation), _within(rng, axis.azimuth)),
        color=light_color(_within(rng, axis.kelvin)),
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


def _lamps(axis: LampAxis, rng: np.random.Generator) -> tuple[LampLook, ...]:
    return tuple(_lamp(axis, rng) for _ in range(_count(rng, axis.number)))


def _lamp(axis: LampAxis, rng: np.random.Generator) -> LampLook:
    distance, azimuth = _within(rng, axis.distance), _within(rng, axis.azimuth)
    x, y, z = LIT_POINT
    return LampLook(
        position=(
            x + distance * float(np.cos(azimuth)),
            y + distance * float(np.sin(azimuth)),
            z + _within(rng, axis.height),
        ),
        color=light_color(_within(rng, axis.kelvin)),
        intensity=_within(rng, axis.strength),
    )


def _room(axis: RoomAxis, rng: np.random.Generator, texture_ids: Sequence[str]) -> RoomLook | None:
    if rng.random() >= axis.share:
        return None
    left, front, right, back = (_within(rng, axis.distance) for _ in range(4))
    x, y, _ = LIT_POINT
    return RoomLook(
        lower=(x - left, y - front),
        upper=(x + right, y + back),
        height=_within(rng, axis.height),
        wall=_surface(axis.wall, rng, texture_ids),
    )


def _furniture(axis: FurnitureAxis, rng: np.random.Generator, texture_ids: Sequence[str]) -> tuple[FurnitureLook, ...]:
    """Pieces that look at the table, each in a sector of its own."""
    number = _count(rng, axis.number)
    sectors = (np.arange(number) + rng.uniform(0.2, 0.8, number)) / max(number, 1)
    turns = 2 * np.pi * (rng.random() + sectors)
    return tuple(_piece(axis, rng, float(turn), texture_ids) for turn in turns)


def _piece(axis: FurnitureAxis, rng: np.random.Generator, azimuth: float, texture_ids: Sequence[str]) -> FurnitureLook:
    kind, distance = KINDS[rng.integers(len(KINDS))], rng.uniform(*FURNITURE_DISTANCE)
    height = rng.uniform(0.4, 0.5) if kind == "bench" else rng.uniform(0.7, 1.9)
    x, y, _ = LIT_POINT
    return FurnitureLook(
        kind=kind,
        position=(x + float(distance * np.cos(azimuth)), y + float(distance * np.sin(azimuth))),
        size=(float(rng.uniform(0.5, 1.1)), float(rng.uniform(0.3, 0.45)), float(height)),
        rotation=azimuth + np.pi / 2,
        surface=_surface(axis.surface, rng, texture_ids),
    )


def _finishes(
    axis: FinishAxis, rng: np.random.Generator, scene: RenderScene, texture_ids: Sequence[str]
) -> dict[str, Finish]:
    bodies = [body for body in scene.bodies if body.kind in ("object", "container")]
    own = rng.spawn(len(bodies))
    return {body.name: sample_finish(axis, each, body, texture_ids) for body, each in zip(bodies, own, strict=True)}


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


def _lens(axis: CameraAxis, rng: np.random.Generator, spec: CameraSpec) -> LensLook:
    """Other focal lengths and another middle of the picture."""
    reach = axis.center * spec.width
    return LensLook(
        focal=1.0 + float(rng.uniform(-axis.focal, axis.focal)),
        shift=(float(rng.uniform(-reach, reach)), float(rng.uniform(-reach, reach))),
    )


def _matching(ids: Sequence[str], patterns: Patterns, noun: str) -> list[str]:
    chosen = sorted(name for name in ids if any(fnmatchcase(name, pattern) for pattern in patterns))
    if not chosen:
        raise MissingAsset(f"no {noun} fits {', '.join(patterns)}; there is {', '.join(sorted(ids)) or 'none'}")
    return chosen


def _count(rng: np.random.Generator, bounds: tuple[int, int]) -> int:
    return int(rng.integers(*bounds, endpoint=True))


def _within(rng: np.random.Generator, bounds: Range) -> float:
    return float(rng.uniform(*bounds))
