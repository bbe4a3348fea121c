"""Whether the hand fits around a task's targets, and the arm reaches them and their places, asked during the layout.

Much cheaper than planning: boxes of the hand against points of surfaces, and inverse kinematics of a few poses of each
motion. What passes may still fail when it is planned, for the arm itself may be in the way.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array, Pose, rotation_z
from dataengine.engine.workroom import Standing, Workroom
from dataengine.grasps.clearance import jaw_hits_points, lowest_corner
from dataengine.rejection import AttemptStage, Cause
from dataengine.skills.destination import Destination
from dataengine.skills.obstacles import surface_points
from dataengine.skills.pick import UP
from dataengine.skills.pick_place import NEAR
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.task import SubTask

TURNS = 4
GRASPS = 6
"""Turns about the vertical, and grasps, for which a place is looked for at each height."""

PLACES = 4
"""Hand poses kept of those found at a place: where a neighbour takes one, others may be left."""


@dataclass(frozen=True)
class HandPoses:
    """Hand poses (N, 4, 4) at which a target can be let go, and the grasp (N,) of each."""

    tcp: Array
    grasp: NDArray[np.intp]

    def take(self, kept: NDArray[np.bool_]) -> HandPoses:
        """A selection."""
        return HandPoses(self.tcp[kept], self.grasp[kept])


@dataclass(frozen=True)
class PickPlaceFeasibility:
    """What is left of a task's picks and places: a `scene_graph.feasibility.Feasibility`.

    Attributes:
        room: what does not change.
        bodies: those placed so far, with all of their hulls.
        targets: those of them that are to be picked up.
        free: indices of each target's grasps that the other bodies leave free.
        places: by sub-task, what was found at its place.
    """

    room: Workroom
    bodies: Mapping[str, PlacedBody] = field(default_factory=dict)
    targets: Mapping[str, Standing] = field(default_factory=dict)
    free: Mapping[str, NDArray[np.intp]] = field(default_factory=dict)
    places: Mapping[int, HandPoses] = field(default_factory=dict)

    def with_body(self, body: PlacedBody, placed: Mapping[str, PlacedBody]) -> PickPlaceFeasibility | None:
        """The same with one more body; None if a target or a place is no longer within reach.

        Raises:
            AttemptFailed: if something that was never possible has now been refused too often.
        """
        del placed
        body = self.room.solid(body)
        bodies, targets = {**self.bodies, body.name: body}, dict(self.targets)
        if body.name in self.room.picks:
            targets[body.name] = Standing(body, self.room)
        free = self._free(body, targets)
        if free is None:
            return None
        after = replace(self, bodies=bodies, targets=targets, free=free)
        places = after._places(body)
        return None if places is None else replace(after, places=places)

    def _free(self, body: PlacedBody, targets: Mapping[str, Standing]) -> dict[str, NDArray[np.intp]] | None:
        """The free grasps of every target, or None if one has too few."""
        free: dict[str, NDArray[np.intp]] = {}
        for name, standing in targets.items():
            before = standing.known if name == body.name else self.free[name]
            free[name] = standing.untouched(before, self.bodies if name == body.name else {body.name: body})
            number, wanted = self.room.picks[name], self.room.wanted
            if len(free[name]) == len(before) and name != body.name:
                continue
            cause = _too_few(standing, free[name], wanted)
            if cause is not None:
                stage = AttemptStage.LAYOUT if cause == Cause.NO_IK else AttemptStage.GRASP
                self.room.refusals.refuse(number, "pick", stage, cause)
                return None
            self.room.refusals.meet(number, "pick")
        return free

    def _places(self, body: PlacedBody) -> dict[int, HandPoses] | None:
        """Hand poses at every place that is decided, or None if one has none."""
        places: dict[int, HandPoses] = {}
        for number, subtask in self.room.places.items():
            if not self.room.needed(subtask) <= self.bodies.keys():
                continue
            left = self._left(number, subtask, body) or self._found(subtask)
            if left is None:
                self.room.refusals.refuse(number, "place", AttemptStage.LAYOUT, Cause.NO_PLACE)
                return None
            self.room.refusals.meet(number, "place")
            places[number] = left
        return places

    def _left(self, number: int, subtask: SubTask, body: PlacedBody) -> HandPoses | None:
        """What a new body leaves of the hand poses found before; None if nothing."""
        if number not in self.places:
            return None
        before = self.places[number]
        kept = np.isin(before.grasp, self.free[subtask.target]) & ~self._hits(
            before, subtask, self._surfaces(subtask, [body.name])
        )
        return before.take(kept) if kept.any() else None

    def _found(self, subtask: SubTask) -> HandPoses | None:
        """Hand poses at which the target can be let go as the goal wants it, lowest first; None if none are."""
        standing, room = self.targets[subtask.target], self.room
        grasps = standing.within_reach(self.free[subtask.target], GRASPS)
        relations = tuple(relation for relation in subtask.goal if relation.subject == subtask.target)
        destination = Destination(relations, self._scene, subtask.target, np.empty((0, 3)), 0.0)
        heights = destination.heights(room.settings.drops)
        obstacles = self._surfaces(subtask, [name for name in self.bodies if name != subtask.target])
        for height, turned in zip(
            heights, itertools.tee(_turned(destination, standing.body), len(heights)), strict=True
        ):
            for body in turned:
                tcp = _at_height(body, height) @ standing.grasps.poses[grasps]
                poses = HandPoses(tcp, grasps).take(lowest_corner(tcp, UP, room.robot.jaw) > room.settings.place_margin)
                reached = self._within_reach(poses.take(~self._hits(poses, subtask, obstacles)))
                if len(reached.grasp):
                    return reached
        return None

    @property
    def _scene(self) -> PlacedScene:
        return PlacedScene(self.bodies, self.room.landmarks)

    def _surfaces(self, subtask: SubTask, names: Iterable[str]) -> Array:
        """Points on bodies near the sub-task's container."""
        scene = self._scene
        center = np.append(scene[subtask.container].center, 0.0)
        return surface_points(scene, names, center, NEAR)

    def _hits(self, poses: HandPoses, subtask: SubTask, obstacles: Array) -> NDArray[np.bool_]:
        """Whether the hand, closed on the target, comes too close to obstacles."""
        widths, margin = self.targets[subtask.target].grasps.widths[poses.grasp], self.room.settings.place_margin
        return jaw_hits_points(poses.tcp, widths, obstacles, self.room.robot.jaw, margin=margin, slack=-margin)

    def _within_reach(self, poses: HandPoses) -> HandPoses:
        """The first few that the arm can come down to from above."""
        kept = np.zeros(len(poses.grasp), bool)
        for number, tcp in enumerate(poses.tcp):
            above = tcp.copy()
            above[2, 3] += self.room.settings.hover[0]
            kept[number] = self.room.reaches(tcp, above)
            if kept.sum() == PLACES:
                break
        return poses.take(kept)


def _too_few(standing: Standing, free: NDArray[np.intp], wanted: int) -> Cause | None:
    """What is wrong with a target that lacks free grasps; None if it has enough."""
    if not len(standing.known):
        return Cause.NO_GRASP_KNOWN
    left = len(standing.within_reach(free, wanted))
    if left == wanted:
        return None
    alone = len(standing.within_reach(standing.known, wanted))
    if not alone:
        return Cause.NO_IK
    return None if left == alone else Cause.NO_GRASP_FREE


def _turned(destination: Destination, body: PlacedBody) -> Iterator[PlacedBody]:
    """The target turned about the vertical, in the middle of where the goal wants it."""
    for number in range(TURNS):
        pose = body.pose.matrix.copy()
        pose[:3, :3] = rotation_z(2 * np.pi * number / TURNS) @ pose[:3, :3]
        region = destination.region(replace(body, pose=Pose.from_matrix(pose)))
        if region.area == 0.0:
            continue
        middle = region.centroid if region.contains(region.centroid) else region.representative_point()
        pose[:2, 3] = middle.x, middle.y
        yield replace(body, pose=Pose.from_matrix(pose))


def _at_height(body: PlacedBody, height: float) -> Array:
    """The body's pose (4, 4) with its lowest point at a height."""
    pose = body.pose.matrix.copy()
    pose[2, 3] += height - body.bottom
    return pose
