"""Drawing looks: what may vary from one picture of a scene to the next, and how far.

Words must stay true: what things are made of, and what their colours are called, does not vary.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np

from assets_index.errors import MissingAsset
from assets_index.schema import Range
from assets_index.surfaces import SurfaceEntry
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
    Choice,
    DomeAxis,
    FinishAxis,
    FurnitureAxis,
    LampAxis,
    LightAxis,
    LookConfig,
    RoomAxis,
    SensorAxis,
    SurfaceAxis,
)
from renderers.scene import RenderScene
from renderers.surroundings import KINDS

FURNITURE_DISTANCE: Range = (2.2, 2.6)
"""Of the middle of furniture from the middle of the table, metres: behind any table, before any wall."""

FURNITURE_HEIGHT: Range = (0.7, 1.5)
"""Of cabinets and shelves, metres: the light, as low as it usually is, casts their shadows short of the table."""


def sample_look(
    config: LookConfig,
    index: int,
    seed: int,
    rng: np.random.Generator,
    *,
    scene: RenderScene,
    cameras: Sequence[CameraSpec],
) -> Look:
    """Draw one look; each axis has numbers of its own, so that switching one off leaves the others as they were.

    Args:
        config: what may vary.
        index: number of the look of its record.
        seed: of the run; stored with the look.
        rng: fresh generator of this look.
        scene: its objects and containers get finishes; its surfaces are those to choose from.
        cameras: get jittered poses.

    Raises:
        MissingAsset: if no texture or dome is what an axis asks for.
    """
    textures = scene.surfaces.textures()
    dome, light, table, floor, finish, camera, exposure, sensor, lamps, room, furniture = rng.spawn(11)
    return Look(
        index=index,
        seed=seed,
        dome=_dome(config.dome, dome, scene.surfaces.domes()),
        light=_light(config.light, light),
        table=_surface(config.table, table, textures),
        floor=_surface(config.floor, floor, textures),
        lamps=_lamps(config.lamps, lamps) if config.lamps.vary else (),
        room=_room(config.room, room, textures) if config.room.vary else None,
        furniture=_furniture(config.furniture, furniture, textures) if config.furniture.vary else (),
        finishes=_finishes(config.finish, finish, scene, textures) if config.finish.vary else {},
        cameras={spec.name: _jittered(config.camera, camera, spec) for spec in cameras} if config.camera.vary else {},
        lenses={spec.name: _lens(config.camera, camera, spec) for spec in cameras} if config.camera.vary else {},
        exposure=_within(exposure, config.exposure.gain) if config.exposure.vary else 1.0,
        sensor=_sensor(config.sensor, sensor) if config.sensor.vary else SensorLook(),
    )


def _dome(axis: DomeAxis, rng: np.random.Generator, domes: Sequence[SurfaceEntry]) -> DomeLook:
    ids = _matching(domes, axis, "dome")
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


def _surface(axis: SurfaceAxis, rng: np.random.Generator, textures: Sequence[SurfaceEntry]) -> SurfaceLook:
    ids = _matching(textures, axis, "texture")
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


def _room(axis: RoomAxis, rng: np.random.Generator, textures: Sequence[SurfaceEntry]) -> RoomLook | None:
    if rng.random() >= axis.share:
        return None
    left, front, right, back = (_within(rng, axis.distance) for _ in range(4))
    x, y, _ = LIT_POINT
    return RoomLook(
        lower=(x - left, y - front),
        upper=(x + right, y + back),
        height=_within(rng, axis.height),
        wall=_surface(axis.wall, rng, textures),
    )


def _furniture(
    axis: FurnitureAxis, rng: np.random.Generator, textures: Sequence[SurfaceEntry]
) -> tuple[FurnitureLook, ...]:
    """Pieces that look at the table, each in a sector of its own."""
    number = _count(rng, axis.number)
    sectors = (np.arange(number) + rng.uniform(0.2, 0.8, number)) / max(number, 1)
    turns = 2 * np.pi * (rng.random() + sectors)
    return tuple(_piece(axis, rng, float(turn), textures) for turn in turns)


def _piece(
    axis: FurnitureAxis, rng: np.random.Generator, azimuth: float, textures: Sequence[SurfaceEntry]
) -> FurnitureLook:
    kind, distance = KINDS[rng.integers(len(KINDS))], rng.uniform(*FURNITURE_DISTANCE)
    height = rng.uniform(0.4, 0.5) if kind == "bench" else rng.uniform(*FURNITURE_HEIGHT)
    x, y, _ = LIT_POINT
    return FurnitureLook(
        kind=kind,
        position=(x + float(distance * np.cos(azimuth)), y + float(distance * np.sin(azimuth))),
        size=(float(rng.uniform(0.5, 1.1)), float(rng.uniform(0.3, 0.45)), float(height)),
        rotation=azimuth + np.pi / 2,
        surface=_surface(axis.surface, rng, textures),
    )


def _finishes(
    axis: FinishAxis, rng: np.random.Generator, scene: RenderScene, textures: Sequence[SurfaceEntry]
) -> dict[str, Finish]:
    bodies = [body for body in scene.bodies if body.kind in ("object", "container")]
    own = rng.spawn(len(bodies))
    texture_ids = [entry.id for entry in textures if entry.source == "procedural"]
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


def _matching(entries: Sequence[SurfaceEntry], choice: Choice, noun: str) -> list[str]:
    """Ids of what an axis allows, sorted."""
    chosen = sorted(entry.id for entry in entries if _fits(entry, choice))
    if not chosen:
        asked = f"ids {', '.join(choice.ids)}, sources {', '.join(choice.sources)}, tags {', '.join(choice.tags)}"
        there = ", ".join(entry.id for entry in entries if entry.source in choice.sources)
        raise MissingAsset(f"no {noun} fits {asked}; of these sources there is {there or 'none'}")
    return chosen


def _fits(entry: SurfaceEntry, choice: Choice) -> bool:
    tagged = any(fnmatchcase(tag, pattern) for tag in entry.tags for pattern in choice.tags)
    return tagged and entry.source in choice.sources and any(fnmatchcase(entry.id, pattern) for pattern in choice.ids)


def _count(rng: np.random.Generator, bounds: tuple[int, int]) -> int:
    return int(rng.integers(*bounds, endpoint=True))


def _within(rng: np.random.Generator, bounds: Range) -> float:
    return float(rng.uniform(*bounds))
