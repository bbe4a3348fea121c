"""Planning where and how to put down what is held."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from assets_index.robot import JawGeometry
from assets_index.transforms import Array, Pose, inverse, rotation_z
from dataengine.grasps.clearance import jaw_hits_points, lowest_corner
from dataengine.motion.path import joint_travel
from dataengine.motion.planner import ArmPlanner
from dataengine.record import Phase
from dataengine.rejection import Cause
from dataengine.skills.destination import Destination
from dataengine.skills.segment import Segment
from dataengine.skills.settings import PickPlaceSettings
from scene_graph.placed import PlacedBody
from scene_graph.polygons import inner_radius, sample_inside

HELD_MARGIN = 0.001
CONFIGURATIONS = 3
RETREAT_SPEED = 0.9
UP = np.array([0.0, 0.0, 1.0])
ALONG = 0.1
"""Spread of the turns that lay the hand along the front of a drawer, rad."""

ROUGHLY = 0.002
"""How well the room at a place is known, metres: it says only how far from its middle a thing may be put."""

SPOTS = 3
"""Positions tried for each turn on the table and in a drawer: unlike in a vessel, the middle is not the best one."""


@dataclass(frozen=True)
class Place:
    """A planned way to put the target down.

    Attributes:
        target: T_world_target (4, 4) when the jaw opens.
        transfer: (K, J) joint waypoints; lower, retreat: (K, J) finely sampled TCP lines.
    """

    target: Array
    transfer: Array
    lower: Array
    retreat: Array

    def before_release(self, planner: ArmPlanner) -> list[Segment]:
        """The way there and down."""
        return [
            Segment(Phase.TRANSFER, planner.commands(self.transfer, 0.9), 0.0),
            Segment(Phase.PLACE, planner.smooth(self.lower, 0.75), 0.0),
        ]

    def after_release(self, planner: ArmPlanner) -> list[Segment]:
        """The retreat."""
        return [Segment(Phase.RETREAT, planner.smooth(self.retreat, RETREAT_SPEED), 1.0)]


def plan_place(
    destination: Destination,
    tcp_to_target: Array,
    joints: Array,
    planner: ArmPlanner,
    settings: PickPlaceSettings,
    prefer: Array | None = None,
) -> Place | Cause:
    """Find a place: lowest first, every turn about the vertical, until the arm can get there, let go and leave.

    Args:
        destination: what the goal says.
        tcp_to_target: the target in the hand (4, 4).
        joints: (J,) where the arm is.
        planner: with the target held.
        settings: heights, turns and margins.
        prefer: T_world_target (4, 4) to be tried first.
    """
    hover = float(planner.rng.uniform(*settings.hover))
    if prefer is not None:
        found = _place(prefer, prefer @ inverse(tcp_to_target), tcp_to_target, joints, planner, hover)
        if isinstance(found, Place):
            return found
    margin = settings.place_margin
    cause = Cause.NO_PLACE
    for target in _targets(destination, planner.clearance.tcp(joints), tcp_to_target, planner.rng, settings):
        tcp = target @ inverse(tcp_to_target)
        if not _hand_hits(tcp, destination, planner.robot.jaw, margin):
            found = _place(target, tcp, tcp_to_target, joints, planner, hover)
            if isinstance(found, Place):
                return found
            cause = found
    return cause


def _hand_hits(tcp: Array, destination: Destination, jaw: JawGeometry, margin: float) -> bool:
    """Whether the hand, closed on the target, comes too close to the table or to what stands near the place."""
    if lowest_corner(tcp[None], UP, jaw)[0] < margin:
        return True
    width = np.array([destination.width])
    return bool(jaw_hits_points(tcp[None], width, destination.obstacles, jaw, margin=margin, slack=-margin)[0])


def _targets(
    destination: Destination, tcp: Array, tcp_to_target: Array, rng: np.random.Generator, settings: PickPlaceSettings
) -> Iterator[Array]:
    """Target poses (4, 4) that satisfy the goal: for each height, each turn, near the middle of the goal's region.

    They are made as they are asked for: mostly the first one will do.
    """
    heights = destination.heights(settings.drops)
    spots = _spots(destination, tcp, tcp_to_target, rng, settings)
    for height, same in zip(heights, itertools.tee(spots, len(heights)), strict=True):
        for pose, lowest in same:
            lifted = pose.copy()
            lifted[2, 3] = height - lowest
            yield lifted


def _spots(
    destination: Destination, tcp: Array, tcp_to_target: Array, rng: np.random.Generator, settings: PickPlaceSettings
) -> Iterator[tuple[Array, float]]:
    """Target poses (4, 4) as of `_targets` at the present height, each with the height of its lowest point above it."""
    body, now = destination.scene[destination.target], tcp @ tcp_to_target
    for turn in _turns(destination, tcp, rng, settings):
        pose = now.copy()
        pose[:3, :3] = rotation_z(float(turn)) @ now[:3, :3]
        turned = PlacedBody(body.name, body.asset, Pose.from_matrix(pose), body.hulls)
        region = destination.region(turned)
        if region.is_empty:
            continue
        for _ in range(1 if destination.host and destination.drawer is None else SPOTS):
            spot = pose.copy()
            spot[:2, 3] = _spot(region, rng, settings.place_jitter)
            yield spot, turned.bottom - float(now[2, 3])


def _turns(destination: Destination, tcp: Array, rng: np.random.Generator, settings: PickPlaceSettings) -> list[float]:
    """Turns about the vertical to be tried: as set, but at a drawer those at which the jaw closes along its front.

    The hand is wide in that direction only, and hardly fits between the front of the cabinet and that of the drawer
    otherwise.
    """
    if destination.drawer is None or destination.host is None:
        circle = 2 * np.pi * settings.turn
        return list(rng.permutation(circle * (rng.random() + np.arange(settings.yaws)) / settings.yaws))
    out = destination.host.pose.matrix[:3, :3] @ destination.drawer.axis
    closing = np.arctan2(out[1], out[0]) + np.pi / 2 - np.arctan2(tcp[1, 1], tcp[0, 1])
    return [closing + np.pi * (i % 2) + rng.normal(0.0, ALONG) for i in range(settings.yaws)]


def _spot(region: shapely.Geometry, rng: np.random.Generator, jitter: float) -> Array:
    """A random position (2,): near the region's middle if that is inside, anywhere well inside if it is not."""
    middle = region.centroid
    room = inner_radius(region, ROUGHLY)
    if region.contains(middle):
        point = shapely.Point(*(np.array([middle.x, middle.y]) + rng.normal(0.0, min(jitter, room / 4), 2)))
        inside = point if region.contains(point) else middle
        return np.array([inside.x, inside.y])
    found = sample_inside(shapely.buffer(region, -room / 3), rng)
    inside = region.representative_point()
    return np.array([inside.x, inside.y]) if found is None else found


def _place(
    target: Array, tcp: Array, tcp_to_target: Array, start: Array, planner: ArmPlanner, hover: float
) -> Place | Cause:
    clearance = planner.clearance
    above, away = tcp.copy(), tcp.copy()
    above[2, 3] += hover
    away[:3, 3] -= hover * tcp[:3, 2]
    clearance.hold(tcp_to_target)
    solutions = planner.solutions(above, start)[:CONFIGURATIONS]
    if not len(solutions):
        return Cause.NO_IK
    found = [planner.line(joints, above, tcp, HELD_MARGIN) for joints in solutions]
    lines = [line for line in found if line is not None]
    cause = Cause.NO_PLACE
    for lower in sorted(lines, key=lambda line: joint_travel(start, line)):
        clearance.hold(tcp_to_target)
        transfer = planner.path(start, lower[0])
        if transfer is None:
            cause = Cause.NO_PATH
            continue
        clearance.leave_out()
        clearance.set_jaw(planner.robot.jaw.max_opening)
        retreat = planner.line(lower[-1], tcp, away, HELD_MARGIN)
        if retreat is not None:
            return Place(target, transfer, lower, retreat)
        cause = Cause.NO_PLACE
    return cause
