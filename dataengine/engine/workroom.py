"""What one hand and arm can do about single bodies: take one where it stands, reach a pose."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assets_index.robot_setup import MountedArm
from assets_index.transforms import Array
from dataengine.engine.config import EngineConfig
from dataengine.engine.refusals import Refusals
from dataengine.grasps.clearance import jaw_hits_points
from dataengine.grasps.grasp_set import GraspSet, grasps_for
from dataengine.motion.kinematics import mounted_kinematics
from dataengine.rejection import AttemptFailed
from dataengine.skills.obstacles import surface_points
from dataengine.skills.pick import free_grasps
from dataengine.skills.pick_place import NEAR
from scene_graph.placed import GeometrySource, PlacedBody, PlacedScene, landmarks_of
from scene_graph.task import SubTask, TaskSpec

BETWEEN = -1.0
"""Width for which points between the fingers count, too: nothing but the target may be there."""


class Workroom:
    """What does not change while a task's bodies are placed.

    Attributes:
        wanted: free grasps within reach that a target must keep, or all that it has where it stands alone.
        picks: by target, the number of the first sub-task that picks it up.
        landmarks: areas of the table and the robot's base, by name.
        places: by number, the sub-tasks whose target and anchors nobody has moved before: where those stand is known.
    """

    def __init__(
        self,
        task: TaskSpec,
        assets: GeometrySource,
        config: EngineConfig,
        wanted: int,
        arm: MountedArm,
        refusals: Refusals,
    ) -> None:
        self.robot, self.settings, self.wanted = arm.robot, config.pick_place, wanted
        self.refusals = refusals
        self.picks: dict[str, int] = {}
        self.places: dict[int, SubTask] = {}
        self.landmarks = landmarks_of(task.scene.regions)
        self._assets, self._config = assets, config
        self._nodes = frozenset(node.name for node in task.scene.nodes)
        self._home = np.array(self.robot.home)
        self._kinematics = mounted_kinematics(arm)
        self._grasps: dict[str, GraspSet] = {}
        changed: set[str] = set()
        for number, subtask in enumerate(task.subtasks):
            if subtask.skill != "pick_place":
                changed.add(subtask.target)  # what is put into a drawer finds its place when the drawer is open
            elif subtask.target not in self.picks:
                if not self.needed(subtask) & (self.picks.keys() | changed):
                    self.places[number] = subtask
                self.picks[subtask.target] = number

    def only(self, number: int) -> Workroom:
        """The same for one of the sub-tasks alone."""
        room = copy.copy(self)
        room.picks = {target: first for target, first in self.picks.items() if first == number}
        room.places = {first: subtask for first, subtask in self.places.items() if first == number}
        return room

    def needed(self, subtask: SubTask) -> frozenset[str]:
        """Bodies that must stand before the sub-task's place can be looked for."""
        anchors = {name for relation in subtask.goal for name in relation.anchors}
        return self._nodes & {subtask.target, subtask.container, *anchors}

    def solid(self, body: PlacedBody) -> PlacedBody:
        """The body with all of its hulls."""
        return replace(body, hulls=tuple(self._assets.hulls(body.asset.id)))

    def grasps(self, body: PlacedBody) -> GraspSet:
        """Those of its asset."""
        asset, config = body.asset, self._config
        if asset.id not in self._grasps:
            self._grasps[asset.id] = grasps_for(asset, self._assets, self.robot, config.grasps, config.physics)
        return self._grasps[asset.id]

    def reaches(self, *poses: Array) -> bool:
        """Whether the arm reaches every one of these TCP poses (4, 4)."""
        return all(self._kinematics.reaches(pose, self._home) for pose in poses)


class Standing:
    """A target where it stands, and how it can be taken.

    Attributes:
        body: the target.
        grasps: all of its asset.
        known: indices of those that fit the pose it lies in, alone on its support.
    """

    def __init__(self, body: PlacedBody, room: Workroom) -> None:
        self.body, self.grasps = body, room.grasps(body)
        self.known = _known(self.grasps, body, room)
        self._room = room
        self._tcp = body.pose.matrix @ self.grasps.poses
        self._within_reach: dict[int, bool] = {}

    def within_reach(self, grasps: NDArray[np.intp], most: int) -> NDArray[np.intp]:
        """The first of these grasps, `most` at most, that the arm can go to and lift."""
        found: list[int] = []
        for grasp in grasps.tolist():
            if len(found) == most:
                break
            if grasp not in self._within_reach:
                self._within_reach[grasp] = self._can_lift(self._tcp[grasp])
            if self._within_reach[grasp]:
                found.append(grasp)
        return np.array(found, np.intp)

    def _can_lift(self, tcp: Array) -> bool:
        settings = self._room.settings
        before, above = tcp.copy(), tcp.copy()
        before[:3, 3] -= settings.approach[0] * tcp[:3, 2]
        above[2, 3] += settings.lift[0]
        return self._room.reaches(tcp, before, above)

    def untouched(self, grasps: NDArray[np.intp], bodies: Mapping[str, PlacedBody]) -> NDArray[np.intp]:
        """Those of these grasps at which the open hand keeps its distance from some bodies."""
        room = self._room
        points = surface_points(PlacedScene(bodies), bodies, np.array(self.body.pose.position), NEAR)
        hits = jaw_hits_points(
            self._tcp[grasps],
            np.full(len(grasps), BETWEEN),
            points,
            room.robot.jaw,
            margin=room.settings.neighbor_margin,
            slack=0.0,
        )
        return grasps[~hits]


def _known(grasps: GraspSet, body: PlacedBody, room: Workroom) -> NDArray[np.intp]:
    if not len(grasps):
        return np.empty(0, np.intp)
    try:
        return free_grasps(grasps, body.pose.matrix, np.empty((0, 3)), room.robot.jaw, room.settings)
    except AttemptFailed:
        return np.empty(0, np.intp)
