"""The grasps of an asset, found once and kept."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Asset
from assets_index.cache import cached_arrays
from assets_index.robot import RobotDescription
from assets_index.seeding import Stage, generator
from assets_index.transforms import Array
from dataengine.grasps.candidates import candidates
from dataengine.grasps.settings import GraspSettings
from dataengine.grasps.shake import ShakeTest
from dataengine.grasps.solid import Solid
from dataengine.physics.settings import PhysicsSettings
from scene_graph.placed import GeometrySource

METHOD_VERSION = 3
"""Raised whenever the same asset and settings would give other grasps."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class GraspSet:
    """Grasps of one asset by one hand, each shaken in physics.

    Attributes:
        poses: (G, 4, 4) TCP in the asset frame: z approach, y closing.
        widths: (G,) distance of the contacts, metres.
        quality: (G,) cosine of the worse contact angle; 1 is best.
        contacts: (G, 2, 3) in the asset frame.
        slip: (G,) farthest movement in the hand when shaken, metres.
        held: (G,) whether that is below the limit.
    """

    poses: Array
    widths: Array
    quality: Array
    contacts: Array
    slip: Array
    held: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.widths)


def grasps_for(
    asset: Asset,
    geometry: GeometrySource,
    robot: RobotDescription,
    settings: GraspSettings | None = None,
    physics: PhysicsSettings | None = None,
) -> GraspSet:
    """The asset's grasps, from the cache or found now (about a second); empty if the hand cannot hold it."""
    settings, physics = settings or GraspSettings(), physics or PhysicsSettings()

    def compute() -> dict[str, Array]:
        return vars(find_grasps(asset, tuple(geometry.hulls(asset.id)), robot, settings, physics))

    arrays = cached_arrays("grasps", _key(asset, robot, settings, physics), compute)
    return GraspSet(**arrays)  # type: ignore[arg-type]


def _key(asset: Asset, robot: RobotDescription, settings: GraspSettings, physics: PhysicsSettings) -> str:
    text = "\n".join(
        [
            str(METHOD_VERSION),
            robot.model_dump_json(exclude={"mjcf"}),
            settings.model_dump_json(),
            physics.model_dump_json(),
        ]
    )
    return f"{asset.id}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def find_grasps(
    asset: Asset,
    hulls: tuple[Array, ...],
    robot: RobotDescription,
    settings: GraspSettings,
    physics: PhysicsSettings,
) -> GraspSet:
    """Search and test; the same arguments give the same grasps."""
    seed = int.from_bytes(hashlib.sha256(asset.id.encode()).digest()[:8])
    rng = generator(seed, Stage.GRASP)
    found = candidates(asset, Solid.from_hulls(hulls), robot.jaw, settings, rng)
    poses, widths, quality, contacts = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("tcp", "width", "quality", "contacts")
    )
    test = ShakeTest(asset, hulls, robot, physics)
    slip = np.array([test.hold(tcp, width).slip for tcp, width in zip(poses, widths, strict=True)])
    held = slip < settings.slip_limit
    LOG.debug("%s: %d of %d grasps hold", asset.id, held.sum(), len(held))
    return GraspSet(poses, widths, quality, contacts, slip, held)
