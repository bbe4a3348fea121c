"""Open and close: take hold of a handle and move its part along the joint."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from assets_index.articulation import MovingPart
from assets_index.robot import JawGeometry
from assets_index.schema import Range
from assets_index.transforms import Array
from dataengine.execution import Execution
from dataengine.motion.planner import ArmPlanner
from dataengine.record import Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.carrying_out import control_steps
from dataengine.skills.handled_part import DOWN, MARGIN, HandledPart, HandUse, PartMotion, hand_frame
from dataengine.skills.move_part import PartSkill, Touch
from dataengine.skills.part_settings import PartSettings
from dataengine.skills.segment import Segment, hold

GRIP_SLACK = 0.004
"""How much wider than the handle the jaw is taken to be while it is closed on it, metres."""

WIDEST = 0.9
"""Width of the widest handle that is held, as a share of the jaw's opening."""


def opened_share(part: MovingPart, settings: PartSettings) -> Range:
    """How far a drawer or a door is opened."""
    return settings.door_share if part.kind == "door" else settings.open_share


def closed_share(part: MovingPart, settings: PartSettings) -> Range:
    """All the way."""
    del part, settings
    return 0.0, 0.0


def around_the_handle(part: MovingPart, jaw: JawGeometry, distance: float) -> HandUse:
    """The jaw open on the way, and closed on the handle; raises AttemptFailed if it does not fit around one."""
    if part.handle.closing is None or part.handle.width > WIDEST * jaw.max_opening:
        detail = f"{part.name}: no handle that the jaw fits around"
        raise AttemptFailed(AttemptStage.GRASP, Cause.NO_GRASP_KNOWN, detail)
    return HandUse(jaw.max_opening, part.handle.width + GRIP_SLACK, distance, MARGIN)


def grips(handled: HandledPart, jaw: JawGeometry, settings: PartSettings, rng: np.random.Generator) -> Iterator[Array]:
    """Hand poses around a handle, in the asset frame: aslant from above, either way round."""
    del jaw
    handle = handled.part.handle
    outward, closing = np.array(handle.outward), np.array(handle.closing)
    for pitch in rng.permutation(np.array(settings.pitches)):
        approach = -np.cos(pitch) * outward + np.sin(pitch) * DOWN
        for side in (1.0, -1.0):
            yield hand_frame(np.array(handle.position), approach, side * closing)


def handle_segments(
    phase: Phase, motion: PartMotion, planner: ArmPlanner, execution: Execution, settings: PartSettings
) -> Iterator[Segment]:
    """The way to the handle, the grip, the motion along the joint (`phase`), and the way off."""
    yield Segment(Phase.REACH, planner.commands(motion.reach), 1.0)
    yield Segment(Phase.APPROACH, planner.smooth(motion.approach, 0.85), 1.0)
    yield hold(Phase.GRASP, motion.approach[-1], control_steps(execution, settings.close_time), 0.0)
    yield Segment(phase, planner.smooth(motion.move, settings.speed), 0.0)
    yield hold(Phase.RELEASE, motion.move[-1], control_steps(execution, settings.open_time), 1.0)
    yield Segment(Phase.RETREAT, planner.smooth(motion.retreat, 0.85), 1.0)


BY_THE_HANDLE = Touch(grips, around_the_handle, handle_segments)

OPEN = PartSkill(Phase.PULL, BY_THE_HANDLE, opened_share)
CLOSE = PartSkill(Phase.PUSH, BY_THE_HANDLE, closed_share)
