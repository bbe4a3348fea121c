"""Choosing a grasp and planning the way to it and up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array, inverse
from dataengine.grasps.clearance import jaw_hits_points, lowest_corner
from dataengine.grasps.grasp_set import GraspSet
from dataengine.motion.planner import ArmPlanner
from dataengine.record import Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.segment import Segment
from dataengine.skills.settings import PickPlaceSettings

UP = np.array([0.0, 0.0, 1.0])
SUPPORT_CLEARANCE = 0.002
LINE_MARGIN = 0.001
LIFT_MARGIN = -0.001
"""Held things touch their support when the lift begins."""

CONFIGURATIONS = 3
"""Arm configurations tried for one hand pose."""


@dataclass(frozen=True)
class Pick:
    """A planned pick.

    Attributes:
        grasp: index into the grasp set.
        tcp: T_world_tcp (4, 4) at the grasp; tcp_to_target (4, 4): the target in the hand.
        reach: (K, J) joint waypoints; approach, lift: (K, J) finely sampled TCP lines.
    """

    grasp: int
    tcp: Array
    tcp_to_target: Array
    reach: Array
    approach: Array
    lift: Array

    def before_grasp(self, planner: ArmPlanner) -> list[Segment]:
        """The way to the grasp."""
        return [
            Segment(Phase.REACH, planner.commands(self.reach), 1.0),
            Segment(Phase.APPROACH, planner.smooth(self.approach, 0.7), 1.0),
        ]

    def after_grasp(self, planner: ArmPlanner) -> list[Segment]:
        """The lift."""
        return [Segment(Phase.LIFT, planner.smooth(self.lift, 0.7), 0.0)]


def reachable_grasps(
    grasps: GraspSet, target: Array, obstacles: Array, planner: ArmPlanner, settings: PickPlaceSettings
) -> tuple[NDArray[np.intp], Array]:
    """Grasps whose open hand fits into the scene, best first, with chance in the order.

    Args:
        grasps: of the target asset.
        target: T_world_target (4, 4).
        obstacles: (P, 3) points on the surfaces of everything near, in the world.
        planner: for the hand's geometry and the generator.
        settings: margins.

    Returns:
        Indices into `grasps` and TCP poses in the world, (G,) and (G, 4, 4).

    Raises:
        AttemptFailed: if the asset has no grasp in this pose, or none is free.
    """
    jaw = planner.robot.jaw
    tcp = target @ grasps.poses
    from_above = grasps.held & (-tcp[:, 2, 2] > settings.steepest_approach)
    index = np.flatnonzero(from_above & (lowest_corner(tcp, UP, jaw) > SUPPORT_CLEARANCE))
    if not len(index):
        detail = f"of {len(grasps)} grasps known, {int(grasps.held.sum())} hold, none fits the pose it lies in"
        raise AttemptFailed(AttemptStage.GRASP, Cause.NO_GRASP_KNOWN, detail)
    between = np.full(len(index), -1.0)
    hits = jaw_hits_points(tcp[index], between, obstacles, jaw, margin=settings.neighbor_margin, slack=0.0)
    free = index[~hits]
    if not len(free):
        detail = f"all {len(index)} grasps from above are blocked by neighbors"
        raise AttemptFailed(AttemptStage.GRASP, Cause.NO_GRASP_FREE, detail)
    liking = grasps.quality[free] - 0.3 * tcp[free, 2, 2] - 40.0 * grasps.slip[free] + planner.rng.random(len(free))
    order = free[np.argsort(-liking, kind="stable")]
    return order, tcp[order]


def picks(
    index: NDArray[np.intp], tcp: Array, target: Array, start: Array, planner: ArmPlanner, settings: PickPlaceSettings
) -> Iterator[Pick | Cause]:
    """Plan a pick for one grasp after another; where there is none, say what was in the way."""
    approach = planner.rng.uniform(*settings.approach)
    height = planner.rng.uniform(*settings.lift)
    for grasp, pose in zip(index[: settings.grasps], tcp[: settings.grasps], strict=True):
        yield _pick(int(grasp), _nearer_turn(pose, start, planner), target, start, planner, approach, height)


def _nearer_turn(tcp: Array, start: Array, planner: ArmPlanner) -> Array:
    """The hand pose or its half turn about the approach, whichever turns the wrist less."""
    turned = tcp @ np.diag([-1.0, -1.0, 1.0, 1.0])
    now = planner.clearance.tcp(start)
    return tcp if np.sum(now[:3, 0] * tcp[:3, 0]) >= np.sum(now[:3, 0] * turned[:3, 0]) else turned


def _pick(
    grasp: int, tcp: Array, target: Array, start: Array, planner: ArmPlanner, approach: float, height: float
) -> Pick | Cause:
    clearance = planner.clearance
    before, above = tcp.copy(), tcp.copy()
    before[:3, 3] -= approach * tcp[:3, 2]
    above[2, 3] += height
    cause = Cause.NO_IK
    for joints in planner.solutions(before, start)[:CONFIGURATIONS]:
        clearance.leave_out()
        line = planner.line(joints, before, tcp, LINE_MARGIN)
        if line is None:
            cause = Cause.APPROACH_BLOCKED
            continue
        clearance.hold(inverse(tcp) @ target)
        lift = planner.line(line[-1], tcp, above, LIFT_MARGIN)
        if lift is None:
            cause = Cause.NO_LIFT
            continue
        clearance.stand(target)
        reach = planner.path(start, joints)
        if reach is None:
            cause = Cause.NO_PATH
            continue
        return Pick(grasp, tcp, inverse(tcp) @ target, reach, line, lift)
    return cause
