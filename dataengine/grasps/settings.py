"""How thoroughly grasps are searched for."""

from __future__ import annotations

from assets_index.schema import Schema


class GraspSettings(Schema):
    """Search and test of the grasps of one asset. Lengths in metres, angles in radians.

    Attributes:
        rays: shot at the asset to find antipodal pairs.
        friction: Coulomb coefficient of the cones that a pair must lie in; below the pads' own, to be safe.
        width: least and greatest distance of the contacts.
        depths: how far beyond the middle of the contacts the TCP may be placed, along the approach.
        pairs: most pairs taken for one stable pose.
        screened: most hand poses tried for collisions with the asset for one stable pose.
        surface_points: on the asset, for that trial.
        steepest_axis: greatest angle between the closing axis and the level.
        support_clearance: least height of the open hand above the support.
        stable_poses: most stable poses searched; the upright ones, then the most probable.
        tested_upright, tested: grasps shaken in physics for an upright and for any other stable pose.
        slip_limit: movement of the asset in the hand, when shaken, up to which a grasp holds.
    """

    rays: int = 6000
    friction: float = 0.35
    width: tuple[float, float] = (0.004, 0.075)
    depths: tuple[float, ...] = (0.0, -0.006)
    pairs: int = 400
    screened: int = 1500
    surface_points: int = 800
    steepest_axis: float = 0.5
    support_clearance: float = 0.003
    stable_poses: int = 6
    tested_upright: int = 48
    tested: int = 12
    slip_limit: float = 0.004
