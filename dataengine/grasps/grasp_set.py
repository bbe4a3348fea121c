"""The grasps of an asset, found once and kept."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Asset, StablePose
from assets_index.cache import Arrays, cached_arrays
from assets_index.robot import RobotDescription
from assets_index.seeding import Stage, generator
from assets_index.store import hulls_digest
from assets_index.transforms import Array
from dataengine.grasps.candidates import Candidates, diverse, search_pose
from dataengine.grasps.clearance import serves
from dataengine.grasps.closure import closure_quality
from dataengine.grasps.settings import GraspSettings
from dataengine.grasps.shake import ShakeTest
from dataengine.grasps.solid import Solid
from dataengine.physics.settings import PhysicsSettings
from scene_graph.placed import GeometrySource

METHOD_VERSION = 7
"""Raised whenever the same asset and settings would give other grasps."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class GraspSet:
    """Grasps of one asset by one hand, each shaken in physics.

    Attributes:
        poses: (G, 4, 4) TCP in the asset frame: z approach, y closing.
        widths: (G,) distance of the contacts, metres.
        quality: (G,) cosine of the worse contact angle; 1 is best.
        closure: (G,) force closure: the ball measure of `dataengine.grasps.closure`.
        patch: (G,) how much of the surface around the contacts the pads meet, 0..1.
        contacts: (G, 2, 3) in the asset frame.
        slip: (G,) farthest movement in the hand when shaken, metres.
        held: (G,) whether that is below the limit.
        search: (P, 5) for each stable pose of the asset: whether it was searched, antipodal pairs, hand poses tried,
            those clear of the asset, and those shaken.
    """

    poses: Array
    widths: Array
    quality: Array
    closure: Array
    patch: Array
    contacts: Array
    slip: Array
    held: NDArray[np.bool_]
    search: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.widths)


def grasps_for(
    asset: Asset,
    geometry: GeometrySource,
    robot: RobotDescription,
    settings: GraspSettings | None = None,
    physics: PhysicsSettings | None = None,
) -> GraspSet:
    """The asset's grasps, from the cache or found now (a few seconds); empty if the hand cannot hold it.

    They are kept under a hash of all they depend on: the hulls, what is stated of the asset, the robot, the
    settings. An asset whose mesh has changed under its id never gets the grasps of the old one. The arrays are
    read-only.
    """
    settings, physics = settings or GraspSettings(), physics or PhysicsSettings()
    hulls = tuple(np.asarray(hull, float) for hull in geometry.hulls(asset.id))

    def compute() -> Arrays:
        return vars(find_grasps(asset, hulls, robot, settings, physics))

    return _kept(_Request(_key(asset, hulls, robot, settings, physics), compute))


@dataclass(frozen=True)
class _Request:
    """What is asked for, and how to find it."""

    key: str
    compute: Callable[[], Arrays] = field(compare=False)


@lru_cache(512)
def _kept(request: _Request) -> GraspSet:
    arrays = cached_arrays("grasps", request.key, request.compute)
    for array in arrays.values():
        array.flags.writeable = False  # everyone gets the same arrays
    return GraspSet(**arrays)  # type: ignore[arg-type]


def _key(
    asset: Asset, hulls: Sequence[Array], robot: RobotDescription, settings: GraspSettings, physics: PhysicsSettings
) -> str:
    text = "\n".join(
        [
            str(METHOD_VERSION),
            hulls_digest(hulls),
            asset.model_dump_json(include={"mass", "center_of_mass", "inertia", "friction", "stable_poses"}),
            robot.model_dump_json(exclude={"mjcf": True, "gripper": {"mjcf"}}),
            settings.model_dump_json(),
            physics.model_dump_json(),
        ]
    )
    return f"{asset.id}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def find_grasps(
    asset: Asset,
    hulls: Sequence[Array],
    robot: RobotDescription,
    settings: GraspSettings,
    physics: PhysicsSettings,
) -> GraspSet:
    """Search and test; the same arguments give the same grasps.

    One stable pose is searched after another, the upright ones first. Grasps found for one often serve others, so only
    as many are shaken as are still wanted.
    """
    seed = int.from_bytes(hashlib.sha256(asset.id.encode()).digest()[:8])
    rng = generator(seed, Stage.GRASP)
    solid, jaw = Solid.from_hulls(hulls), robot.jaw
    surface = solid.sample(settings.surface_points, rng)[0]
    test = ShakeTest(asset, tuple(hulls), robot, physics)
    search = np.zeros((len(asset.stable_poses), 5), np.int64)
    found: list[tuple[Candidates, Array]] = []
    for number in _by_importance(asset.stable_poses)[: settings.stable_poses]:
        pose = asset.stable_poses[number]
        searched = search_pose(asset, pose, solid, surface, jaw, settings, rng)
        wanted = settings.tested_upright if pose.upright else settings.tested
        wanted -= sum(
            int((serves(each.tcp, pose, jaw, settings) & (slip < settings.slip_limit)).sum()) for each, slip in found
        )
        chosen = searched.free.take(diverse(searched.free, max(0, wanted)))
        slip = np.array([test.hold(tcp, width).slip for tcp, width in zip(chosen.tcp, chosen.width, strict=True)])
        found.append((chosen, slip))
        search[number] = 1, searched.closed, searched.tried, len(searched.free), len(chosen)
    return _grasp_set(found, search, asset, robot, settings)


def _by_importance(poses: Sequence[StablePose]) -> list[int]:
    return sorted(range(len(poses)), key=lambda number: (not poses[number].upright, -poses[number].probability))


def _grasp_set(
    found: Sequence[tuple[Candidates, Array]],
    search: NDArray[np.int64],
    asset: Asset,
    robot: RobotDescription,
    settings: GraspSettings,
) -> GraspSet:
    poses, widths, quality, patch, contacts, normals = (
        np.concatenate([getattr(each, name) for each, _ in found])
        for name in ("tcp", "width", "quality", "patch", "contacts", "normals")
    )
    slip = np.concatenate([slip for _, slip in found])
    closure = closure_quality(
        contacts,
        normals,
        np.array(asset.center_of_mass),
        friction=settings.friction,
        pad_radius=min(robot.jaw.pad.half[0], robot.jaw.pad.half[2]),
        size=max(asset.extents) / 2,
    )
    held = slip < settings.slip_limit
    LOG.debug("%s: %d of %d grasps hold", asset.id, held.sum(), len(held))
    return GraspSet(poses, widths, quality, closure, patch, contacts, slip, held, search)
