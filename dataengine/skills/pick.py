"""Choosing a grasp and planning the way to it and up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets_index.robot import JawGeometry
from assets_index.transforms import Array, inverse
from dataengine.grasps.clearance import from_above, jaw_hits_points, lowest_corner
from dataengine.grasps.grasp_set import GraspSet
from dataengine.motion.path import joint_travel
from dataengine.motion.planner import ArmPlanner
from dataengine.record import Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.segment import Segment
from dataengine.skills.settings import PickPlaceSettings
from scene_graph.placed import PlacedBody

UP = np.array([0.0, 0.0, 1.0])
SUPPORT_CLEARANCE = 0.001
LINE_MARGIN = 0.001
STRAIGHT_SPEED, LOW_SPEED = 0.85, 0.45
"""Of the approach and the lift, and of an approach that ends low, as scales of the tempo."""

LOW = 0.005
"""Fingers that end below this height above the support, metres, come down slowly: at full speed they dip by 1.5 mm."""

LIFT_MARGIN = -0.001
"""Held things touch their support when the lift begins."""

CONFIGURATIONS = 4
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
            Segment(Phase.APPROACH, planner.smooth(self.approach, self._approach_speed(planner)), 1.0),
        ]

    def _approach_speed(self, planner: ArmPlanner) -> float:
        """Slower where the fingers end just above the support: at full speed the hand comes to rest after a dip."""
        low = lowest_corner(self.tcp[None], UP, planner.robot.jaw)[0] < LOW
        return LOW_SPEED if low else STRAIGHT_SPEED

    def after_grasp(self, planner: ArmPlanner) -> list[Segment]:
        """The lift."""
        return [Segment(Phase.LIFT, planner.smooth(self.lift, STRAIGHT_SPEED), 0.0)]


def free_grasps(
    grasps: GraspSet, target: Array, obstacles: Array, jaw: JawGeometry, settings: PickPlaceSettings
) -> NDArray[np.intp]:
    """Indices of the grasps whose open hand fits into the scene.

    Args:
        grasps: of the target asset.
        target: T_world_target (4, 4).
        obstacles: (P, 3) points on the surfaces of everything near, in the world.
        jaw: the hand.
        settings: margins.

    Raises:
        AttemptFailed: if the asset has no grasp in this pose, or none is free.
    """
    tcp = target @ grasps.poses
    index = np.flatnonzero(
        grasps.held & from_above(tcp, UP, SUPPORT_CLEARANCE, jaw, steepest=settings.steepest_approach)
    )
    if not len(index):
        detail = f"of {len(grasps)} grasps known, {int(grasps.held.sum())} hold, none fits the pose it lies in"
        raise AttemptFailed(AttemptStage.GRASP, Cause.NO_GRASP_KNOWN, detail)
    between = np.full(len(index), -1.0)
    hits = jaw_hits_points(tcp[index], between, obstacles, jaw, margin=settings.neighbor_margin, slack=0.0)
    if hits.all():
        detail = f"all {len(index)} grasps from above are blocked by neighbors"
        raise AttemptFailed(AttemptStage.GRASP, Cause.NO_GRASP_FREE, detail)
    return np.asarray(index[~hits])


def by_liking(
    grasps: GraspSet, index: NDArray[np.intp], target: PlacedBody, rng: np.random.Generator
) -> NDArray[np.intp]:
    """The same grasps, best first, with chance in the order.

    Liked are a good force closure, contacts well inside faces and pads, an approach from above, little slip when
    shaken, and a centre of mass near the line between the fingers, about which things swing.
    """
    poses = grasps.poses[index]
    down = -(target.pose.matrix @ poses)[:, 2, 2]
    swing = np.linalg.norm(np.cross(poses[:, :3, 3] - target.asset.center_of_mass, poses[:, :3, 1]), axis=1)
    liking = (
        10.0 * grasps.closure[index] + 0.5 * grasps.patch[index] + 0.3 * down - 150.0 * grasps.slip[index] - 4.0 * swing
    )
    liking += 0.5 * rng.random(len(index))
    return np.asarray(index[np.argsort(-liking, kind="stable")])


def leaning(
    grasps: GraspSet, index: NDArray[np.intp], target: Array, settings: PickPlaceSettings, rng: np.random.Generator
) -> NDArray[np.intp]:
    """The same grasps in an order that also prefers those near a direction of approach drawn by chance.

    The direction is uniform on the cap about straight down in which grasps are allowed. What is preferred is a sum of
    the place in the order so far, from 0 to 1, and of the angle to the direction, in units of the cap's opening.

    Args:
        grasps: of the target asset.
        index: grasps to choose from, best first.
        target: T_world_target (4, 4).
        settings: `lean` weighs the angle; `steepest_approach` opens the cap.
        rng: draws the direction.
    """
    down, azimuth = rng.uniform(settings.steepest_approach, 1.0), rng.uniform(0.0, 2.0 * np.pi)
    across = np.sqrt(1.0 - down**2)
    wanted = np.array([across * np.cos(azimuth), across * np.sin(azimuth), -down])
    approach = target[:3, :3] @ grasps.poses[index][:, :3, 2, None]
    angle = np.arccos(np.clip(approach[..., 0] @ wanted, -1.0, 1.0)) / np.arccos(settings.steepest_approach)
    rank = np.arange(len(index)) / max(1, len(index))
    return np.asarray(index[np.argsort(rank + settings.lean * angle, kind="stable")])


def picks(
    grasps: GraspSet,
    index: NDArray[np.intp],
    target: Array,
    start: Array,
    planner: ArmPlanner,
    settings: PickPlaceSettings,
) -> Iterator[Pick | Cause]:
    """Plan a pick for one grasp after another; where there is none, say what was in the way."""
    approach = planner.rng.uniform(*settings.approach)
    height = planner.rng.uniform(*settings.lift)
    for grasp in index[: settings.grasps]:
        tcp = _nearer_turn(target @ grasps.poses[grasp], start, planner)
        yield _pick(int(grasp), tcp, target, start, planner, approach, height, settings.elbow)


def _nearer_turn(tcp: Array, start: Array, planner: ArmPlanner) -> Array:
    """The hand pose or its half turn about the approach, whichever turns the wrist less."""
    turned = tcp @ np.diag([-1.0, -1.0, 1.0, 1.0])
    now = planner.clearance.tcp(start)
    return tcp if np.sum(now[:3, 0] * tcp[:3, 0]) >= np.sum(now[:3, 0] * turned[:3, 0]) else turned


def _pick(
    grasp: int,
    tcp: Array,
    target: Array,
    start: Array,
    planner: ArmPlanner,
    approach: float,
    height: float,
    elbow: float,
) -> Pick | Cause:
    clearance = planner.clearance
    before, above = tcp.copy(), tcp.copy()
    before[:3, 3] -= approach * tcp[:3, 2]
    above[2, 3] += height
    cause = Cause.NO_IK
    lines: list[tuple[Array, Array]] = []
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
        else:
            lines.append((line, lift))
    clearance.stand(target)
    chance = np.exp(planner.rng.normal(0.0, elbow, len(lines)))
    order = np.argsort([factor * joint_travel(start, *pair) for factor, pair in zip(chance, lines, strict=True)])
    for line, lift in (lines[i] for i in order):
        cause = Cause.NO_PATH
        reach = planner.path(start, line[0])
        if reach is not None:
            return Pick(grasp, tcp, inverse(tcp) @ target, reach, line, lift)
    return cause
