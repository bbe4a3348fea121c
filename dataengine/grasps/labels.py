"""What a hand can do with an asset that lies on a level plane, one stable pose at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assets_index.asset import Asset, StablePose
from assets_index.robot import JawGeometry, RobotDescription
from dataengine.grasps.clearance import serves
from dataengine.grasps.grasp_set import GraspSet, grasps_for
from dataengine.grasps.settings import GraspSettings
from dataengine.physics.settings import PhysicsSettings
from scene_graph.placed import GeometrySource


class PoseLabel(NamedTuple):
    """What became of the search for one stable pose.

    Attributes:
        pose: the stable pose.
        closed: force-closed antipodal pairs whose closing axis is level enough.
        tried: hand poses made of them, above the plane and with the palm clear.
        free: those of the tried ones that are clear of the asset.
        shaken: those of the free ones that were shaken in physics.
        held: grasps that held when shaken and can be used from above in this pose, whichever pose they were found for.
        graspable: whether these are enough for the asset to be a target in this pose.
        searched: whether grasps were sought for this pose at all; of an asset with very many, only the likeliest are.
    """

    pose: StablePose
    closed: int
    tried: int
    free: int
    shaken: int
    held: int
    graspable: bool
    searched: bool


def labels(asset: Asset, grasps: GraspSet, jaw: JawGeometry, settings: GraspSettings) -> tuple[PoseLabel, ...]:
    """A label for each of the asset's stable poses, in their order."""
    made = []
    for pose, counts in zip(asset.stable_poses, grasps.search.tolist(), strict=True):
        searched, closed, tried, free, shaken = counts
        held = int(usable(grasps, pose, jaw, settings).sum())
        made.append(PoseLabel(pose, closed, tried, free, shaken, held, held >= settings.fewest, bool(searched)))
    return tuple(made)


def usable(grasps: GraspSet, pose: StablePose, jaw: JawGeometry, settings: GraspSettings) -> NDArray[np.bool_]:
    """Which grasps hold and can be used from above when the asset lies in a stable pose on a plane; (G,)."""
    return grasps.held & serves(grasps.poses, pose, jaw, settings)


def graspable_poses(
    asset: Asset,
    geometry: GeometrySource,
    robot: RobotDescription,
    settings: GraspSettings | None = None,
    physics: PhysicsSettings | None = None,
) -> tuple[int, ...]:
    """Indices of the stable poses in which the robot's hand can take the asset; the grasps are cached."""
    settings = settings or GraspSettings()
    grasps = grasps_for(asset, geometry, robot, settings, physics)
    found = labels(asset, grasps, robot.jaw, settings)
    return tuple(number for number, label in enumerate(found) if label.graspable)
