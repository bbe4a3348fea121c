"""Pick one thing up and put it where the goal wants it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assets_index.robot import JawGeometry
from assets_index.transforms import Array, Pose
from dataengine.execution import Execution
from dataengine.grasps.grasp_set import GraspSet
from dataengine.motion.planner import ArmPlanner
from dataengine.record import GraspRecord, Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.carrying_out import carry_out, control_steps
from dataengine.skills.destination import Destination
from dataengine.skills.disturber import Disturber
from dataengine.skills.obstacles import surface_points
from dataengine.skills.pick import Pick, by_liking, free_grasps, leaning, picks
from dataengine.skills.place import Place, plan_place
from dataengine.skills.recovery import Hold, held, other_grasps
from dataengine.skills.segment import Segment, hold
from dataengine.skills.settings import PickPlaceSettings
from dataengine.verification import AcceptanceLimits
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
    """The skill, in one simulation: `plan`, then `execute`; a `dataengine.skills.tries.Skill`."""

    def __init__(
        self,
        subtask: SubTask,
        grasps: GraspSet,
        planner: ArmPlanner,
        execution: Execution,
        settings: PickPlaceSettings,
        limits: AcceptanceLimits,
        disturber: Disturber | None = None,
    ) -> None:
        self.subtask, self.grasps, self.planner = subtask, grasps, planner
        self._execution, self._settings, self._limits = execution, settings, limits
        self._disturber = disturber
        self._simulation = execution.simulation
        self._bad: list[int] = []
        self._look()

    def learn(self, plan: tuple[Pick, Place], cause: Cause) -> None:
        """Take everything for where it is now, and no longer the grasp, if it was the grasp that failed."""
        if cause not in (Cause.TARGET_MOVED, Cause.GOAL_MISSED):
            self._bad.append(plan[0].grasp)
        self._look()

    def _look(self) -> None:
        """Take everything for where it is now."""
        self._scene, self._start = self._simulation.scene(), self._execution.command
        self.planner.clearance.follow(self._simulation)
        self.planner.clearance.set_jaw(self.planner.robot.jaw.max_opening)

    def plan(self) -> tuple[Pick, Place]:
        """The first grasp, best first, that can be reached, lifted, carried and put down.

        Raises:
            AttemptFailed: if there is none, with the most frequent cause.
        """
        body = self._scene[self.subtask.target]
        target = body.pose.matrix
        free = graspable(self._scene, self.subtask.target, self.grasps, self.planner.robot.jaw, self._settings)
        free = other_grasps(self.grasps, free, self._bad)
        if not len(free):
            raise AttemptFailed(AttemptStage.GRASP, Cause.NO_GRASP_FREE, "every grasp that is free has failed before")
        index = by_liking(self.grasps, free, body, self.planner.rng)
        index = leaning(self.grasps, index, target, self._settings, self.planner.rng)
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

    def execute(self, plan: tuple[Pick, Place]) -> None:
        """Carry the plan out, with the place planned anew from how the target really lies in the hand.

        Raises:
            AttemptFailed: if the grasp fails on the way or something is touched too hard.
        """
        pick, place = plan
        self._approach(pick)
        self._close(pick)
        hold_on = Hold(self._execution, self._limits.slip)
        self._carry(pick.after_grasp(self.planner), hold_on)
        self._check_lift(pick)
        place = self._replan(pick, place)
        segments = place.before_release(self.planner)
        if self._disturber is not None:
            self._disturber.while_carrying(self._execution, segments)
        self._carry(segments, hold_on)
        self._run([hold(Phase.RELEASE, place.lower[-1], self._steps(self._settings.open_time), 1.0)])
        self._run(place.after_release(self.planner))

    def _run(self, segments: Sequence[Segment]) -> None:
        carry_out(self._execution, segments, self._limits.foreign_force)

    def _steps(self, seconds: float) -> int:
        return control_steps(self._execution, seconds)

    def _approach(self, pick: Pick) -> None:
        """Go to the grasp, and stop if the target is no longer where it was seen."""
        seen = np.array(self._scene[self.subtask.target].pose.position)

        def moved() -> float:
            return float(np.linalg.norm(self._position() - seen))

        segments = pick.before_grasp(self.planner)
        if self._disturber is not None:
            self._disturber.while_approaching(self._execution, segments, self._scene, self.planner)
        limit, noticed = self._limits.foreign_force, self._settings.noticed
        if not carry_out(self._execution, segments, limit, until=lambda: moved() > noticed):
            detail = f"target moved {1e3 * moved():.0f} mm while it was approached"
            raise AttemptFailed(AttemptStage.EXECUTE, Cause.TARGET_MOVED, detail)

    def _close(self, pick: Pick) -> None:
        self._run([hold(Phase.GRASP, pick.approach[-1], self._steps(self._settings.close_time), 0.0)])
        width = self._execution.opening
        if width < EMPTY_JAW or not held(self._execution):
            raise AttemptFailed(
                AttemptStage.EXECUTE,
                Cause.GRASP_MISSED,
                f"jaw closed to {1e3 * width:.1f} mm without holding the target",
            )

    def _carry(self, segments: Sequence[Segment], hold_on: Hold) -> None:
        """Move what is held, and stop if it is lost or slips too far."""
        if carry_out(self._execution, segments, self._limits.foreign_force, until=hold_on.broken):
            return
        if held(self._execution):
            detail = f"target slipped {1e3 * hold_on.slip:.0f} mm in the hand, at most {1e3 * self._limits.slip:g} mm"
            raise AttemptFailed(AttemptStage.EXECUTE, Cause.SLIPPED, detail)
        raise AttemptFailed(AttemptStage.EXECUTE, Cause.DROPPED, "target was lost on the way to its place")

    def _check_lift(self, pick: Pick) -> None:
        rise = self._position()[2] - self._scene[self.subtask.target].pose.position[2]
        wanted = self.planner.clearance.tcp(pick.lift[-1])[2, 3] - pick.tcp[2, 3]
        if rise < LIFTED * wanted:
            detail = f"target rose {1e3 * rise:.0f} mm of {1e3 * wanted:.0f} mm"
            raise AttemptFailed(AttemptStage.EXECUTE, Cause.DROPPED, detail)

    def _position(self) -> Array:
        names = [body.name for body in self._simulation.bodies]
        return self._execution.state.object_pose[names.index(self.subtask.target), :3]

    def _replan(self, pick: Pick, place: Place) -> Place:
        clearance = self.planner.clearance
        clearance.follow(self._simulation)
        in_hand = clearance.target_in_tcp(self._simulation)
        clearance.hold(in_hand)
        again = plan_place(
            self._destination(pick), in_hand, self._execution.command, self.planner, self._settings, place.target
        )
        if not isinstance(again, Place):
            raise AttemptFailed(AttemptStage.PLAN, again, "no way to the place from how the target lies in the hand")
        return again

    def grasp(self, plan: tuple[Pick, Place]) -> GraspRecord:
        """The grasp of a plan."""
        pick, _ = plan
        (x1, y1, z1), (x2, y2, z2) = self.grasps.contacts[pick.grasp].tolist()
        return GraspRecord(
            pose=Pose.from_matrix(self.grasps.poses[pick.grasp]),
            width=float(self.grasps.widths[pick.grasp]),
            contacts=((x1, y1, z1), (x2, y2, z2)),
            quality=float(self.grasps.quality[pick.grasp]),
        )
