"""What is done to an episode on purpose, so that there is something to recover from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import shapely
from pydantic import Field, PositiveFloat

from assets_index.schema import Range, Schema
from assets_index.transforms import Array, Pose, rotation_z
from dataengine.execution import Execution
from dataengine.motion.planner import ArmPlanner
from dataengine.record import ClosedAgain, Displacement, Phase, Slip
from dataengine.skills.carrying_out import BRAKING_TIME, control_steps
from dataengine.skills.segment import Segment
from scene_graph.judge import judge
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import placements_in_box
from scene_graph.relations.articulation import part_of
from scene_graph.relations.base import at_origin
from scene_graph.task import SkillName, TaskSpec

DisturbanceKind = Literal["displaced", "slip", "closed_again"]

DISTURBED: Mapping[DisturbanceKind, SkillName] = {
    "displaced": "pick_place",
    "slip": "pick_place",
    "closed_again": "open",
}
"""The skill during or after which each happens."""

PLACES = 40
"""Places drawn at most for a displaced target."""

STANDING = 0.003
"""A target whose lowest point is higher than this above the table stands on something and is not displaced."""

LATEST, MORE = 0.4, 0.2
"""Time after which something open is pushed shut at the latest, and for which it is pushed on, seconds."""

HAND_CLEARANCE = 0.008
"""Distance that a displaced target keeps from the robot, metres."""


class DisturbanceSettings(Schema):
    """How often and how episodes are disturbed. Lengths in metres, times in seconds, angles in rad.

    Attributes:
        fraction: share of the episodes in which it is tried, once in each; where there is no free place for the target,
            the grasp fails of itself before, or the task leaves no occasion, an episode stays undisturbed.
        kinds: "displaced": the target is moved on the table while the arm approaches it; "slip": the gripper does not
            push for a while and loses the target on the way; "closed_again": a drawer or a door is pushed shut after it
            was opened. All as likely of which a task leaves an occasion.
        shift: least and greatest distance of a displacement; turn: greatest angle about the vertical.
        gap: what is kept free between a displaced target and everything else.
        weakness: how long the gripper does not push.
        closing: least and greatest time in which a drawer or a door is pushed shut.
    """

    fraction: float = Field(default=0.0, ge=0.0, le=1.0)
    kinds: tuple[DisturbanceKind, ...] = Field(default=("displaced", "slip", "closed_again"), min_length=1)
    shift: Range = (0.025, 0.07)
    turn: float = Field(default=0.8, ge=0.0)
    gap: float = Field(default=0.025, ge=0.0)
    weakness: float = Field(default=0.3, gt=0.0)
    closing: tuple[PositiveFloat, PositiveFloat] = (0.4, 0.9)


class Disturber:
    """Decides what happens in one episode, and puts it on an execution's list when its time has come.

    Attributes:
        kind: what happens; None for nothing.
        subtask: number of the sub-task in which it happens.
    """

    def __init__(self, settings: DisturbanceSettings, task: TaskSpec, rng: np.random.Generator) -> None:
        self._settings, self._task, self._rng = settings, task, rng
        skills = [subtask.skill for subtask in task.subtasks]
        kinds = [kind for kind in settings.kinds if DISTURBED[kind] in skills]
        disturbed = rng.random() < settings.fraction and len(kinds) > 0
        self.kind = kinds[int(rng.integers(len(kinds)))] if disturbed else None
        occasions = [i for i, skill in enumerate(skills) if self.kind is not None and skill == DISTURBED[self.kind]]
        self.subtask = occasions[int(rng.integers(len(occasions)))] if disturbed else None

    def while_approaching(
        self, execution: Execution, segments: Sequence[Segment], scene: PlacedScene, planner: ArmPlanner
    ) -> None:
        """Plan to move the target somewhere on the way of these segments, if that is what happens."""
        target = str(execution.simulation.target)
        body = scene[target]
        if self.kind != "displaced" or body.bottom > STANDING:
            return
        commands = np.concatenate([segment.commands for segment in segments])
        reach = sum(len(segment.commands) for segment in segments if segment.phase == Phase.REACH)
        for _ in range(PLACES):
            at = int(self._rng.integers(reach // 3, max(reach // 3 + 1, (reach + len(commands)) // 2)))
            shift, turn = self._rng.uniform(*self._settings.shift), self._rng.uniform(-1.0, 1.0) * self._settings.turn
            moved = _moved(body, float(shift), float(self._rng.uniform(0.0, 2.0 * np.pi)), float(turn))
            stop = commands[at : at + 1 + control_steps(execution, BRAKING_TIME)]
            if self._has_room(moved, scene) and _out_of_the_way(moved, stop, planner):
                pose, step = moved.pose, execution.steps + at
                execution.disturbances.append(
                    Displacement(step=step, body=target, pose=pose, shift=float(shift), turn=float(turn))
                )
                self.kind = None
                break
        planner.clearance.stand(body.pose.matrix)

    def while_carrying(self, execution: Execution, segments: Sequence[Segment]) -> None:
        """Plan to weaken the gripper in the first half of the transfer, if that is what happens."""
        if self.kind != "slip":
            return
        transfer = sum(len(segment.commands) for segment in segments if segment.phase == Phase.TRANSFER)
        step = execution.steps + int(self._rng.integers(0, max(1, transfer // 2)))
        end = step + control_steps(execution, self._settings.weakness)
        execution.disturbances.append(Slip(step=step, end=end, body=str(execution.simulation.target)))
        self.kind = None

    def when_opened(self, execution: Execution) -> int:
        """Plan to push the part shut that was just opened, if that is what happens; in how many steps it is shut."""
        if self.kind != "closed_again" or self.subtask is None:
            return 0
        subtask, scene = self._task.subtasks[self.subtask], execution.simulation.scene()
        part = part_of(scene[subtask.target], str(subtask.part))
        assert part is not None  # it was opened
        opened, time = scene[subtask.target].joint(part.name), float(self._rng.uniform(*self._settings.closing))
        step = execution.steps + int(self._rng.integers(1, control_steps(execution, LATEST) + 1))
        end = step + control_steps(execution, time + MORE)
        effort = -(part.friction + part.damping * opened / time)
        execution.disturbances.append(
            ClosedAgain(step=step, end=end, body=subtask.target, part=part.name, effort=effort, shift=opened)
        )
        self.kind = None
        return end - execution.steps

    def _has_room(self, moved: PlacedBody, scene: PlacedScene) -> bool:
        """Whether a displaced target is where it may be at the start, clear of all else, and its task still to do."""
        node = self._task.scene.node(moved.name)
        rect = node.region or self._task.scene.workspace
        inside = placements_in_box(rect.lower, rect.upper, at_origin(moved))
        if not shapely.contains_xy(inside, *moved.pose.position[:2]):
            return False
        others = [body.footprint for name, body in scene.bodies.items() if name != moved.name]
        if others and shapely.distance(moved.footprint, shapely.union_all(others)) < self._settings.gap:
            return False
        after = scene.with_poses({moved.name: moved.pose})
        kept = [relation for relation in self._task.scene.relations if judge((relation,), scene).satisfied]
        goals = [each.goal for each in self._task.subtasks if each.target == moved.name]
        return judge(tuple(kept), after).satisfied and not any(judge(goal, after).satisfied for goal in goals)


def _moved(body: PlacedBody, shift: float, direction: float, turn: float) -> PlacedBody:
    """A body elsewhere on the table: its centre shifted in a direction, itself turned about the vertical there."""
    pose = body.pose.matrix
    middle = np.array([*body.center, 0.0])
    turned = pose.copy()
    turned[:3, :3] = rotation_z(turn) @ pose[:3, :3]
    turned[:3, 3] = middle + rotation_z(turn) @ (pose[:3, 3] - middle)
    turned[:2, 3] += shift * np.array([np.cos(direction), np.sin(direction)])
    return replace(body, pose=Pose.from_matrix(turned))


def _out_of_the_way(moved: PlacedBody, joints: Array, planner: ArmPlanner) -> bool:
    """Whether the arm stays clear of a displaced target while it stops."""
    planner.clearance.stand(moved.pose.matrix)
    return all(planner.clearance.is_free(each, HAND_CLEARANCE) for each in joints)
