"""In which stable poses the engine's hand can take an asset, for those who make up tasks."""

from __future__ import annotations

from assets_index.asset import Asset
from assets_index.robots import arms
from dataengine.engine.config import EngineConfig
from dataengine.grasps.labels import graspable_poses
from scene_graph.graspability import Graspability
from scene_graph.placed import GeometrySource


def graspability(assets: GeometrySource, config: EngineConfig) -> Graspability:
    """The labels of the grasps that an engine of this configuration works with; found when asked for, then kept.

    In a set-up of arms with different hands, what every hand can take counts.
    """
    hands = dict.fromkeys(arm.robot for arm in arms(config.robot))

    def by_all(asset: Asset) -> tuple[int, ...]:
        found = [graspable_poses(asset, assets, hand, config.grasps, config.physics) for hand in hands]
        return tuple(pose for pose in found[0] if all(pose in poses for poses in found))

    return by_all
