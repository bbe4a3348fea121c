"""Pick one thing up and put it where the goal wants it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets_index.robot import JawGeometry
from assets_index.transforms import Pose
from dataengine.execution import Execution
from dataengine.grasps.grasp_set import GraspSet
from dataengine.motion.planner import ArmPlanner
from dataengine.record import GraspRecord, Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.carrying_out import carry_out, control_steps
from dataengine.skills.obstacles import surface_points
from dataengine.skills.pick import Pick, by_liking, free_grasps, picks
from dataengine.skills.place import Destination, Place, plan_place
from dataengine.skills.segment import Segment, hold
from dataengine.skills.settings import PickPlaceSettings
from scene_graph.placed import PlacedScene
from scene_graph.task import SubTask

NEAR = 0.3
"""Surfaces within this distance can be touched by the hand."""

EMPTY_JAW = 0.002
LIFTED = 0.5
"""Fraction of the lift that the target must have made."""


def graspable(
    scene: PlacedScene, target: str, grasps: GraspSet, jaw: JawGeometry, settings: PickPlaceSettings
) -> NDArray[np.intp]:
    """Indices of the target's grasps that its surroundings leave free; raises AttemptFailed if there are none."""
    pose = scene[target].pose.matrix
    others = [name for name in scene.bodies if name != target]
    return free_grasps(grasps, pose, surface_points(scene, others, pose[:3, 3], NEAR), jaw, settings)


class PickPlace:
    """The skill, in one simulation: `perform`, or `plan` and then `execute`."""

    def __init__(
        self,
        subtask: SubTask,
        grasps: GraspSet,
        planner: ArmPlanner,
        execution: Execution,
        settings: PickPlaceSettings,
        force_limit: float,
    ) -> None:
        self.subtask, self.grasps, self.planner = subtask, grasps, planner
        self._execution, self._settings, self._force_limit = execution, settings, force_limit
        self._simulation = execution.simulation
        self._scene = self._simulation.scene()
        self._start = self._simulation.command

    def perform(self) -> GraspRecord:
        """Plan, execute, and say which grasp it was.

        Raises:
            AttemptFailed: if there is no plan, or its execution fails.
        """
        pick, place = self.plan()
        self.execute(pick, place)
        return self._grasp_record(pick)

    def plan(self) -> tuple[Pick, Place]:
        """The first grasp, best first, that can be reached, lifted, carried and put down.

        Raises:
            AttemptFailed: if there is none, with the most frequent cause.
        """
        body = self._scene[self.subtask.target]
        target = body.pose.matrix
        free = graspable(self._scene, self.subtask.target, self.grasps, self.planner.robot.jaw, self._settings)
        index = by_liking(self.grasps, free, body, self.planner.rng)
        causes: Counter[Cause] = Counter()
        for pick in picks(self.grasps, index, target, self._start, self.planner, self._settings):
            if isinstance(pick, Cause):
                causes[pick] += 1
                continue
            self.planner.clearance.hold(pick.tcp_to_target)
            self.planner.clearance.set_jaw(float(self.grasps.widths[pick.grasp]))
            place = plan_place(self._destination(pick), pick.tcp_to_target, pick.lift[-1], self.planner, self._settings)
            self.planner.clearance.set_jaw(self.planner.robot.jaw.max_opening)
            if isinstance(place, Place):
                return pick, place
            causes[place] += 1
        cause = causes.most_common(1)[0][0]
        summary = ", ".join(f"{each} {number}" for each, number in causes.most_common())
        raise AttemptFailed(AttemptStage.PLAN, cause, f"no plan for {causes.total()} grasps: {summary}")

    def _destination(self, pick: Pick) -> Destination:
        subtask = self.subtask
        relations = tuple(relation for relation in subtask.goal if relation.subject == subtask.target)
        container = self._scene[subtask.container]
        others = [name for name in self._scene.bodies if name != subtask.target]
        near = surface_points(self._scene, others, np.array(container.pose.position), NEAR)
        return Destination(relations, self._scene, subtask.target, near, float(self.grasps.widths[pick.grasp]))

    def execute(self, pick: Pick, place: Place) -> None:
        """Carry the plan out, with the place planned anew from how the target really lies in the hand.

        Raises:
            AttemptFailed: if the grasp fails on the way or something is touched too hard.
        """
        self._run(pick.before_grasp(self.planner))
        self._close(pick)
        self._run(pick.after_grasp(self.planner))
        self._check_lift(pick)
        place = self._replan(pick, place)
        self._run(place.before_release(self.planner))
        self._check_held()
        self._run([hold(Phase.RELEASE, place.lower[-1], self._steps(self._settings.open_time), 1.0)])
        self._run(place.after_release(self.planner))

    def _run(self, segments: Sequence[Segment]) -> None:
        carry_out(self._execution, segments, self._force_limit)

    def _steps(self, seconds: float) -> int:
        return control_steps(self._execution, seconds)

    def _close(self, pick: Pick) -> None:
        self._run([hold(Phase.GRASP, pick.approach[-1], self._steps(self._settings.close_time), 0.0)])
        width = float(self._execution.state.finger_position.sum())
        if width < EMPTY_JAW or self._execution.contact.gripper <= 0.0:
            raise AttemptFailed(
                AttemptStage.EXECUTE,
                Cause.GRASP_MISSED,
                f"jaw closed to {1e3 * width:.1f} mm without holding the target",
            )

    def _check_lift(self, pick: Pick) -> None:
        rise = self._height() - self._scene[self.subtask.target].pose.position[2]
        wanted = self.planner.clearance.tcp(pick.lift[-1])[2, 3] - pick.tcp[2, 3]
        if rise < LIFTED * wanted:
            detail = f"target rose {1e3 * rise:.0f} mm of {1e3 * wanted:.0f} mm"
            raise AttemptFailed(AttemptStage.EXECUTE, Cause.DROPPED, detail)

    def _check_held(self) -> None:
        if self._execution.contact.gripper <= 0.0:
            raise AttemptFailed(AttemptStage.EXECUTE, Cause.DROPPED, "target was lost on the way to its place")

    def _height(self) -> float:
        names = [body.name for body in self._simulation.bodies]
        return float(self._execution.state.object_pose[names.index(self.subtask.target), 2])

    def _replan(self, pick: Pick, place: Place) -> Place:
        clearance = self.planner.clearance
        clearance.follow(self._simulation)
        held = clearance.target_in_tcp(self._simulation)
        clearance.hold(held)
        again = plan_place(
            self._destination(pick), held, self._simulation.command, self.planner, self._settings, prefer=place.target
        )
        if not isinstance(again, Place):
            raise AttemptFailed(AttemptStage.PLAN, again, "no way to the place from how the target lies in the hand")
        return again

    def _grasp_record(self, pick: Pick) -> GraspRecord:
        (x1, y1, z1), (x2, y2, z2) = self.grasps.contacts[pick.grasp].tolist()
        return GraspRecord(
            pose=Pose.from_matrix(self.grasps.poses[pick.grasp]),
            width=float(self.grasps.widths[pick.grasp]),
            contacts=((x1, y1, z1), (x2, y2, z2)),
            quality=float(self.grasps.quality[pick.grasp]),
        )
