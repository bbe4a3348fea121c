"""Trying a sub-task until it is done: a try that came to nothing is noted and undone, and another one made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from dataengine.execution import Execution
from dataengine.motion.planner import ArmPlanner
from dataengine.record import FailedTry, GraspRecord, Phase
from dataengine.rejection import AttemptFailed, Cause
from dataengine.skills.recovery import back_off, can_be_tried_again
from dataengine.skills.settings import PickPlaceSettings

Plan = TypeVar("Plan")


class Skill(Protocol[Plan]):
    """What a sub-task is done with."""

    def plan(self) -> Plan:
        """How to do it from where everything is now; raises AttemptFailed."""
        ...

    def execute(self, plan: Plan) -> None:
        """Carry a plan out; raises AttemptFailed."""
        ...

    def learn(self, plan: Plan, cause: Cause) -> None:
        """After a plan came to nothing: do not do the same again, and take everything for where it is now."""
        ...

    def grasp(self, plan: Plan) -> GraspRecord | None:
        """The grasp of a plan; None for a skill without one."""
        ...


class Tries:
    """The tries of one sub-task.

    Args:
        planner, execution: of the arm at work.
        settings: how many there may be, and how the hand backs off.
        force_limit: greatest contact force with anything foreign, N.
        check: asked when a plan has been carried out; raises AttemptFailed if the sub-task is not done.

    Attributes:
        failed: those that came to nothing so far.
    """

    def __init__(
        self,
        planner: ArmPlanner,
        execution: Execution,
        settings: PickPlaceSettings,
        force_limit: float,
        check: Callable[[], None],
    ) -> None:
        self.failed: list[FailedTry] = []
        self._planner, self._execution, self._settings = planner, execution, settings
        self._force_limit, self._check = force_limit, check

    def perform(self, skill: Skill[Plan]) -> GraspRecord | None:
        """Plan, execute and look whether it is done, until it is; says which grasp it was.

        Raises:
            AttemptFailed: if there is no plan, or the last try fails, or something foreign is pressed too hard.
        """
        while True:
            first, plan = self._execution.steps, self._planned(skill)
            try:
                skill.execute(plan)
                self._check()
                return skill.grasp(plan)
            except AttemptFailed as failure:
                self._give_up_or_note(failure, skill.grasp(plan), first)
                skill.learn(plan, failure.cause)

    def _planned(self, skill: Skill[Plan]) -> Plan:
        try:
            return skill.plan()
        except AttemptFailed as failure:
            if self.failed:
                before = ", ".join(each.cause for each in self.failed)
                raise AttemptFailed(
                    failure.stage, failure.cause, f"{failure.detail}; tried before: {before}"
                ) from failure
            raise

    def _give_up_or_note(self, failure: AttemptFailed, grasp: GraspRecord | None, first: int) -> None:
        """After a try that began at a control step: raise its failure, or note it and undo it as far as it went."""
        self._execution.cancel_disturbances()
        moved = [each.cause == Cause.TARGET_MOVED for each in self.failed] + [failure.cause == Cause.TARGET_MOVED]
        alike = moved.count(moved[-1])
        if alike >= self._settings.tries or not can_be_tried_again(failure):
            raise failure
        if not len(self._execution.done_since(first, (Phase.RETREAT,))):
            back_off(self._execution, self._planner, first, self._settings, self._force_limit)
        end = self._execution.steps
        self.failed.append(FailedTry(first=first, end=end, grasp=grasp, cause=failure.cause, detail=failure.detail))
