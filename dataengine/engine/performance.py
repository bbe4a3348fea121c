"""Doing a task's sub-tasks one after another in a simulation, and noting how each was done."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from dataengine.engine.arm_choice import nearest_first
from dataengine.engine.config import EngineConfig
from dataengine.engine.start import grasps_of
from dataengine.execution import Execution, Trajectory
from dataengine.motion.planner import ArmPlanner
from dataengine.physics.errors import UnstablePhysics
from dataengine.physics.simulation import Simulation
from dataengine.record import Disturbance, FailedTry, GraspRecord, Phase, Slip, SubTaskRecord
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.carrying_out import carry_out, stand_still, wait_for_rest
from dataengine.skills.disturber import Disturber
from dataengine.skills.move_part import MovePart, PartSkill
from dataengine.skills.open_close import CLOSE, OPEN
from dataengine.skills.pick_place import PickPlace
from dataengine.skills.press import PRESS, PUSH
from dataengine.skills.segment import Segment, hold
from dataengine.skills.tries import Tries
from scene_graph.judge import judge
from scene_graph.placed import GeometrySource
from scene_graph.task import SubTask, TaskSpec

PART_SKILLS: Mapping[str, PartSkill] = {"open": OPEN, "close": CLOSE, "press": PRESS, "push": PUSH}
"""Skills that move a part of a fixture."""


class Performance:
    """One episode under way.

    Attributes:
        done: how each of the sub-tasks done so far was done.
        rest_steps: control steps at the end through which the goal must last; known when `run` has ended.
    """

    def __init__(
        self,
        task: TaskSpec,
        simulation: Simulation,
        assets: GeometrySource,
        config: EngineConfig,
        rng: np.random.Generator,
        disturber: Disturber | None = None,
    ) -> None:
        self.task = task
        self.simulation = simulation
        self.done: list[SubTaskRecord] = []
        self.rest_steps = 0
        self._assets, self._config, self._rng = assets, config, rng
        self._execution, self._disturber = Execution(simulation), disturber
        self._start = simulation.command
        self._tempo = float(rng.uniform(*config.pick_place.tempo))

    @property
    def steps(self) -> int:
        """Control steps so far."""
        return self._execution.steps

    @property
    def trajectory(self) -> Trajectory:
        """Everything so far."""
        return self._execution.trajectory()

    @property
    def disturbances(self) -> tuple[Disturbance, ...]:
        """What has been done to the episode on purpose so far."""
        happened = (each for each in self._execution.disturbances if each.step < self.steps)
        return tuple(self._measured(each) if isinstance(each, Slip) else each for each in happened)

    def _measured(self, slip: Slip) -> Slip:
        tries = (each for done in self.done for each in done.failed_tries)
        end = next((each.end for each in tries if each.first <= slip.step < each.end), min(slip.end, self.steps))
        row = [body.name for body in self.simulation.bodies].index(slip.body)
        position = self.trajectory.object_pose[:, row, :3]
        return slip.model_copy(update={"shift": float(np.linalg.norm(position[end] - position[slip.step]))})

    def run(self) -> tuple[SubTaskRecord, ...]:
        """Do every sub-task.

        Raises:
            AttemptFailed: by the first one that fails, with its number.
        """
        for number, subtask in enumerate(self.task.subtasks):
            try:
                self.done.append(self._stable(number, subtask))
            except AttemptFailed as failure:
                failure.subtask = number
                raise
        return tuple(self.done)

    def _stable(self, number: int, subtask: SubTask) -> SubTaskRecord:
        """Do one sub-task; physics that becomes unstable meanwhile ends this attempt, not the run."""
        try:
            return self._do(number, subtask)
        except UnstablePhysics as error:
            raise AttemptFailed(AttemptStage.EXECUTE, Cause.UNSTABLE_PHYSICS, str(error)) from error

    def _do(self, number: int, subtask: SubTask) -> SubTaskRecord:
        """Do one sub-task, wait, and see whether it is done."""
        first, last = self._execution.steps, number == len(self.task.subtasks) - 1
        self.simulation.retarget(subtask.handled)
        grasp, failed = self._perform(number, subtask)
        if not last and len(self.simulation.arms) > 1:
            self._withdraw(subtask)
        settings, limit = self._config.pick_place, self._config.acceptance.foreign_force
        seconds = self.task.goal.hold_time if last else settings.pause_time
        padding = stand_still(self._execution, seconds, settings.patience, limit, last=last)
        if last:
            self.rest_steps = padding
        else:
            self._see_whether_done(number)
        end = self._execution.steps
        arm = self._execution.arm
        return SubTaskRecord(first=first, end=end, padding=padding, grasp=grasp, failed_tries=failed, arm=arm)

    def _see_whether_done(self, number: int) -> None:
        judgement = judge(self.task.subtasks[number].goal, self.simulation.scene())
        if not judgement.satisfied:
            margins = ", ".join(f"{1000 * verdict.margin:.1f} mm" for verdict in judgement.verdicts)
            detail = f"sub-task {number + 1} of {len(self.task.subtasks)} not done; margins {margins}"
            raise AttemptFailed(AttemptStage.EXECUTE, Cause.GOAL_MISSED, detail)

    def _perform(self, number: int, subtask: SubTask) -> tuple[GraspRecord | None, tuple[FailedTry, ...]]:
        """Let the nearest arm that finds a plan do it. If none does, what counts is why the nearest one does not."""
        before, failures = self._execution.steps, []
        for arm in nearest_first(self.simulation, subtask):
            self._execution.arm = arm
            try:
                return self._perform_with(self._planner(subtask), number, subtask)
            except AttemptFailed as failure:
                if self._execution.steps > before:
                    raise
                failures.append(failure)
        raise failures[0]

    def _planner(self, subtask: SubTask) -> ArmPlanner:
        """The planner of the arm at work."""
        config, arm = self._config, self._execution.arm
        return ArmPlanner(
            self.simulation, subtask.handled, config.motion, self._rng, self._tempo, config.pick_place.bow, arm
        )

    def _withdraw(self, subtask: SubTask) -> None:
        """Bring the arm at work back to where it began, out of the way of the others."""
        planner, columns = self._planner(subtask), self.simulation.arms[self._execution.arm].columns
        path = planner.path(self._execution.command, self._start[columns])
        if path is None:
            raise AttemptFailed(AttemptStage.PLAN, Cause.NO_PATH, "no way back for the arm out of the others' way")
        away = Segment(Phase.RETREAT, planner.commands(path), 1.0)
        carry_out(self._execution, [away], self._config.acceptance.foreign_force)

    def _perform_with(
        self, planner: ArmPlanner, number: int, subtask: SubTask
    ) -> tuple[GraspRecord | None, tuple[FailedTry, ...]]:
        """Do what the sub-task's skill is; returns the grasp that was used, if any, and what was tried before it."""
        config, acceptance = self._config, self._config.acceptance
        limit = acceptance.foreign_force
        disturber = self._disturber if self._disturber is not None and self._disturber.subtask == number else None
        check = partial(self._check, number, disturber)
        tries = Tries(planner, self._execution, config.pick_place, limit, check)
        if subtask.skill in PART_SKILLS:
            skill = PART_SKILLS[subtask.skill]
            tries.perform(MovePart(skill, subtask, planner, self._execution, config.parts, limit))
            return None, tuple(tries.failed)
        grasps = grasps_of(subtask.target, self.task, self._assets, planner.robot, config)
        pick_place = PickPlace(subtask, grasps, planner, self._execution, config.pick_place, acceptance, disturber)
        return tries.perform(pick_place), tuple(tries.failed)

    def _check(self, number: int, disturber: Disturber | None) -> None:
        """Wait until everything rests, and look whether a sub-task is done.

        Raises:
            AttemptFailed: if it is not, or something presses on the robot meanwhile.
        """
        config, limit = self._config, self._config.acceptance.foreign_force
        phase = Phase.SETTLE if number == len(self.task.subtasks) - 1 else Phase.WAIT
        wait_for_rest(self._execution, config.pick_place.patience, limit, phase)
        if disturber is not None and (steps := disturber.when_opened(self._execution)):
            carry_out(self._execution, [hold(phase, self._execution.command, steps, 1.0)], limit)
            wait_for_rest(self._execution, config.pick_place.patience, limit, phase)
        self._see_whether_done(number)
