"""The skill that moves a part of a fixture along its joint: open, close, press and push are ways of doing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from assets_index.articulation import MovingPart
from assets_index.robot import JawGeometry
from assets_index.schema import Range
from assets_index.transforms import Array
from dataengine.execution import Execution
from dataengine.motion.planner import ArmPlanner
from dataengine.record import Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.carrying_out import carry_out
from dataengine.skills.handled_part import HandledPart, HandUse, PartMotion, handled_part, plan_part_motion
from dataengine.skills.part_settings import PartSettings
from dataengine.skills.segment import Segment
from scene_graph.task import SubTask


@dataclass(frozen=True)
class Touch:
    """How the hand takes hold of a part, or touches it.

    Attributes:
        frames: hand poses (4, 4) in the asset frame with the part at joint value 0, best first.
        hand: how the hand is used, for a straight approach of a given length; raises AttemptFailed if it cannot be.
        segments: the motion as commands; the part is moved in the phase given.
    """

    frames: Callable[[HandledPart, JawGeometry, PartSettings, np.random.Generator], Iterator[Array]]
    hand: Callable[[MovingPart, JawGeometry, float], HandUse]
    segments: Callable[[Phase, PartMotion, ArmPlanner, Execution, PartSettings], Iterator[Segment]]


@dataclass(frozen=True)
class PartSkill:
    """A way of moving a part.

    Attributes:
        phase: of the motion along the joint.
        share: least and greatest share of its travel to which a part is brought.
    """

    phase: Phase
    touch: Touch
    share: Callable[[MovingPart, PartSettings], Range]


class MovePart:
    """The skill, in one simulation: `plan`, then `execute`; a `dataengine.skills.tries.Skill`."""

    def __init__(
        self,
        skill: PartSkill,
        subtask: SubTask,
        planner: ArmPlanner,
        execution: Execution,
        settings: PartSettings,
        force_limit: float,
    ) -> None:
        self._skill, self._subtask, self._planner, self._execution = skill, subtask, planner, execution
        self._settings, self._force_limit = settings, force_limit

    def plan(self) -> PartMotion:
        """The way to the part, along its joint, and off.

        Raises:
            AttemptFailed: if there is no such part, or no plan.
        """
        planner, settings, touch = self._planner, self._settings, self._skill.touch
        planner.clearance.follow(self._execution.simulation)
        handled = handled_part(self._subtask, self._execution.simulation.scene(), self._share)
        hand = touch.hand(handled.part, planner.robot.jaw, float(planner.rng.uniform(*settings.approach)))
        frames = touch.frames(handled, planner.robot.jaw, settings, planner.rng)
        return plan_part_motion(handled, frames, hand, planner, self._execution.command)

    def _share(self, part: MovingPart) -> float:
        return float(self._planner.rng.uniform(*self._skill.share(part, self._settings)))

    def execute(self, motion: PartMotion) -> None:
        """Carry the plan out.

        Raises:
            AttemptFailed: if a handle is missed, or something foreign is touched too hard.
        """
        for segment in self._skill.touch.segments(
            self._skill.phase, motion, self._planner, self._execution, self._settings
        ):
            carry_out(self._execution, [segment], self._force_limit)
            if segment.phase == Phase.GRASP and self._execution.grip <= 0.0:
                detail = f"jaw closed without holding the handle of {self._subtask.handled}"
                raise AttemptFailed(AttemptStage.EXECUTE, Cause.GRASP_MISSED, detail)

    def learn(self, plan: PartMotion, cause: Cause) -> None:
        """Nothing to do: the next plan looks at everything anew, and draws another way to the part."""

    def grasp(self, plan: PartMotion) -> None:
        """None: a handle is held as it was made to be."""
