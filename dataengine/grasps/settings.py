"""How thoroughly grasps are searched for."""

from __future__ import annotations

from pydantic import Field

from assets_index.schema import Schema


class GraspSettings(Schema):
    """Search and test of the grasps of one asset. Lengths in metres, angles in radians.

    Attributes:
        rays: shot at the asset to find antipodal pairs for one stable pose.
        friction: Coulomb coefficient of the cones that a pair must lie in; below the pads' own, to be safe.
        least_width: of what is held; a jaw that closes further holds nothing.
        spare_opening: how much wider than what is held the jaw must open.
        depths: how far beyond the middle of the contacts the TCP is placed, along the approach; less deep where the
            support is in the way, deeper where the palm would be.
        pad_margin: least distance of the contacts from the pads' edge.
        thin: what is thinner counts as a wall, to be taken near its rim.
        pairs: most pairs taken for one stable pose.
        screened: most hand poses tried for collisions with the asset for one stable pose.
        surface_points: on the asset, for that trial.
        steepest_axis: greatest angle between the closing axis and the level.
        steepest_approach: least cosine between the approach and straight down for a grasp to count as one from above.
        support_clearance: least height of the open hand above the support.
        stable_poses: most stable poses searched; the upright ones, then the most probable.
        tested_upright, tested: grasps shaken in physics for an upright and for any other stable pose; fewer where
            grasps found for an earlier pose serve.
        slip_limit: movement of the asset in the hand, when shaken, up to which a grasp holds.
        fewest: held grasps that a stable pose must leave for the asset to be chosen as a target in it.
    """

    rays: int = 2000
    friction: float = 0.35
    least_width: float = 0.0025
    spare_opening: float = 0.005
    depths: tuple[float, ...] = (0.0, -0.006)
    pad_margin: float = 0.0005
    thin: float = 0.012
    pairs: int = 400
    screened: int = 1500
    surface_points: int = 800
    steepest_axis: float = 0.5
    steepest_approach: float = 0.5
    support_clearance: float = 0.002
    stable_poses: int = 16
    tested_upright: int = 48
    tested: int = 10
    slip_limit: float = 0.004
    fewest: int = Field(default=2, ge=1)
