"""In which stable poses the engine's hand can take an asset, for those who make up tasks."""

from __future__ import annotations

from functools import partial

from assets_index.robots import robot
from dataengine.engine.config import EngineConfig
from dataengine.grasps.labels import graspable_poses
from scene_graph.graspability import Graspability
from scene_graph.placed import GeometrySource


def graspability(assets: GeometrySource, config: EngineConfig) -> Graspability:
    """The labels of the grasps that an engine of this configuration works with; found when asked for, then kept."""
    return partial(
        graspable_poses,
        geometry=assets,
        robot=robot(config.robot),
        settings=config.grasps,
        physics=config.physics,
    )
