"""What an episode depends on besides its task, its assets and its seed."""

from __future__ import annotations

from assets_index.robot_setup import RobotSetup
from assets_index.schema import Schema
from dataengine.grasps.settings import GraspSettings
from dataengine.motion.timing import MotionLimits
from dataengine.physics.settings import PhysicsSettings
from dataengine.skills.disturber import DisturbanceSettings
from dataengine.skills.part_settings import PartSettings
from dataengine.skills.settings import PickPlaceSettings
from dataengine.verification import AcceptanceLimits
from scene_graph.solver import DEFAULT_LIMITS, SolverLimits


class EngineConfig(Schema):
    """Settings of every stage of an attempt.

    Attributes:
        robot: an arm by its name, a set-up of several by its name, or one written out.
    """

    robot: str | RobotSetup = "franka_panda"
    layout: SolverLimits = DEFAULT_LIMITS
    physics: PhysicsSettings = PhysicsSettings()
    grasps: GraspSettings = GraspSettings()
    motion: MotionLimits = MotionLimits()
    pick_place: PickPlaceSettings = PickPlaceSettings()
    parts: PartSettings = PartSettings()
    disturbance: DisturbanceSettings = DisturbanceSettings()
    acceptance: AcceptanceLimits = AcceptanceLimits()
