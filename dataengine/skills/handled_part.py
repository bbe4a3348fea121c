"""Planning a motion with which the hand moves a part along its joint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from assets_index.articulation import MovingPart
from assets_index.transforms import Array
from dataengine.motion.path import joint_travel
from dataengine.motion.planner import ArmPlanner
from dataengine.part_movement import goes_along
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.relations.articulation import part_of
from scene_graph.task import SubTask

SPACING = 0.012
"""Distance of the waypoints along the handle's path, metres."""

MARGIN = 0.001
TOUCHING = -0.001
"""Distance to everything but the part while it is moved, metres: bare contact is seen in physics."""


DOWN = np.array([0.0, 0.0, -1.0])


@dataclass(frozen=True)
class HandUse:
    """How the hand is used on a part; metres.

    Attributes:
        on_the_way, meanwhile: opening of the jaw on the way to and from the part, and while it is moved.
        distance: of the straight approach and retreat.
        margin: distance to be kept from everything, the part included, on the approach and the retreat.
    """

    on_the_way: float
    meanwhile: float
    distance: float
    margin: float


@dataclass(frozen=True)
class PartMotion:
    """A planned motion.

    Attributes:
        reach: (K, J) joint waypoints; approach, move, retreat: (K, J) finely sampled paths of the TCP.
    """

    reach: Array
    approach: Array
    move: Array
    retreat: Array


@dataclass(frozen=True)
class HandledPart:
    """A part to be moved from its present joint value to another.

    Attributes:
        body: what it belongs to, where it is now.
        value: where its joint is to be brought.
        contents: names of the bodies that lie in it and go along.
    """

    body: PlacedBody
    part: MovingPart
    value: float
    contents: frozenset[str] = frozenset()

    @property
    def start(self) -> float:
        """Where its joint is now."""
        return self.body.joint(self.part.name)

    def poses(self, tcp: Array) -> list[Array]:
        """T_world_tcp (4, 4) along the joint's path for a hand whose pose relative to the part stays `tcp`."""
        count = max(2, int(np.ceil(abs(self.value - self.start) * self.part.lever / SPACING)))
        world = self.body.pose.matrix
        return [world @ self.part.motion(value) @ tcp for value in np.linspace(self.start, self.value, count + 1)]


def handled_part(subtask: SubTask, scene: PlacedScene, share: Callable[[MovingPart], float]) -> HandledPart:
    """The part that a sub-task speaks of, to be brought to a share of its travel.

    Raises:
        AttemptFailed: if the target has no such part.
    """
    body = scene[subtask.target]
    part = None if subtask.part is None else part_of(body, subtask.part)
    if part is None:
        detail = f"{subtask.skill}: {subtask.target} has no moving part {subtask.part!r}"
        raise AttemptFailed(AttemptStage.PLAN, Cause.NO_PART, detail)
    return HandledPart(body, part, share(part) * part.travel, goes_along(subtask, scene) - {subtask.target})


def hand_frame(position: Array, approach: Array, closing: Array) -> Array:
    """A TCP pose (4, 4) in the asset frame: z along `approach`, y as nearly along `closing` as that allows."""
    z = approach / np.linalg.norm(approach)
    x = np.cross(closing, z)
    x /= np.linalg.norm(x)
    pose = np.eye(4)
    pose[:3, :3] = np.column_stack([x, np.cross(z, x), z])
    pose[:3, 3] = position
    return pose


def plan_part_motion(
    handled: HandledPart, frames: Iterable[Array], hand: HandUse, planner: ArmPlanner, start: Array
) -> PartMotion:
    """The first hand pose at which the part can be reached, moved along its joint, and left.

    Args:
        handled: the part and where it is to be brought.
        frames: hand poses (4, 4) in the asset frame with the part at joint value 0, best first.
        hand: its openings, approach and margin.
        planner: whose target is the part.
        start: (J,) where the arm is.

    Raises:
        AttemptFailed: if there is none, with the last cause.
    """
    for name in handled.contents:  # the hand stays outside; where they are on the way is not known
        planner.clearance.ignore(name)
    cause, tried = Cause.NO_IK, 0
    for frame in frames:
        tried += 1
        found = _plan(handled, handled.poses(frame), hand, planner, start)
        if isinstance(found, PartMotion):
            return found
        cause = found
    detail = f"{handled.part.name}: no plan for {tried} hand poses, the last for {cause}"
    raise AttemptFailed(AttemptStage.PLAN, cause, detail)


class _Paths(NamedTuple):
    """Paths of the TCP, each (K, J)."""

    approach: Array
    move: Array
    retreat: Array

    def backwards(self) -> _Paths:
        """The same from their end."""
        return _Paths(self.retreat[::-1], self.move[::-1], self.approach[::-1])


def _plan(
    handled: HandledPart, poses: Sequence[Array], hand: HandUse, planner: ArmPlanner, start: Array
) -> PartMotion | Cause:
    cause, ways = Cause.NO_IK, list[_Paths]()
    opening = handled.value > handled.start
    for found in _paths(handled, poses if opening else poses[::-1], hand, planner, start):
        if isinstance(found, _Paths):
            ways.append(found if opening else found.backwards())
        else:
            cause = found
    planner.clearance.put_part(handled.start)
    for paths in sorted(ways, key=lambda paths: joint_travel(start, *paths)):
        cause = Cause.NO_PATH
        reach = planner.path(start, paths.approach[0])
        if reach is not None:
            return PartMotion(reach, *paths)
    return cause


def _paths(
    handled: HandledPart, poses: Sequence[Array], hand: HandUse, planner: ArmPlanner, start: Array
) -> Iterator[_Paths | Cause]:
    """Ways of opening the part, for one arm configuration after another at its beginning.

    What closes it goes the same ways backwards: where the part is closed, the arm has the most room, and so most of the
    configurations from which it can follow the part to its other end.
    """
    clearance, values = planner.clearance, sorted((handled.start, handled.value))
    before, after = _backed(poses[0], hand.distance), _backed(poses[-1], hand.distance)
    for joints in planner.solutions(before, start):
        clearance.set_jaw(hand.on_the_way)
        clearance.put_part(values[0])
        approach = planner.line(joints, before, poses[0], hand.margin)
        if approach is None:
            yield Cause.APPROACH_BLOCKED
            continue
        clearance.leave_out()
        clearance.set_jaw(hand.meanwhile)
        move = planner.through(approach[-1], poses[1:], TOUCHING)
        clearance.set_jaw(hand.on_the_way)
        clearance.put_part(values[1])
        retreat = None if move is None else planner.line(move[-1], poses[-1], after, hand.margin)
        yield Cause.NO_PART_MOTION if move is None or retreat is None else _Paths(approach, move, retreat)


def _backed(tcp: Array, distance: float) -> Array:
    """The pose drawn back along its approach."""
    pose = tcp.copy()
    pose[:3, 3] -= distance * tcp[:3, 2]
    return pose
