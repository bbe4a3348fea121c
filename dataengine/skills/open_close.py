"""Open and close: take hold of a handle and move its part along the joint."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from assets_index.articulation import MovingPart
from assets_index.transforms import Array
from dataengine.execution import Execution
from dataengine.motion.planner import ArmPlanner
from dataengine.record import Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.carrying_out import carry_out, control_steps
from dataengine.skills.handled_part import (
    DOWN,
    MARGIN,
    HandUse,
    PartMotion,
    hand_frame,
    handled_part,
    is_door,
    plan_part_motion,
)
from dataengine.skills.part_settings import PartSettings
from dataengine.skills.segment import Segment, hold
from scene_graph.task import SubTask

GRIP_SLACK = 0.004
"""How much wider than the handle the jaw is taken to be while it is closed on it, metres."""


def open_part(
    subtask: SubTask, planner: ArmPlanner, execution: Execution, settings: PartSettings, force_limit: float
) -> None:
    """Pull a drawer or a door open by its handle.

    Raises:
        AttemptFailed: if there is no plan, the handle is missed, or something foreign is touched too hard.
    """
    drawn = settings.door_share if is_door(subtask, execution.simulation.scene()) else settings.open_share
    share = float(planner.rng.uniform(*drawn))
    _by_the_handle(Phase.PULL, share, subtask, planner, execution, settings, force_limit)


def close_part(
    subtask: SubTask, planner: ArmPlanner, execution: Execution, settings: PartSettings, force_limit: float
) -> None:
    """Push a drawer or a door shut by its handle. Raises as `open_part`."""
    _by_the_handle(Phase.PUSH, 0.0, subtask, planner, execution, settings, force_limit)


def _by_the_handle(
    phase: Phase,
    share: float,
    subtask: SubTask,
    planner: ArmPlanner,
    execution: Execution,
    settings: PartSettings,
    force_limit: float,
) -> None:
    simulation = execution.simulation
    handled = handled_part(subtask, simulation.scene(), share)
    jaw = planner.robot.jaw
    if handled.part.handle.closing is None or handled.part.handle.width > 0.9 * jaw.max_opening:
        detail = f"{handled.part.name} of {subtask.target} has no handle that the jaw fits around"
        raise AttemptFailed(AttemptStage.GRASP, Cause.NO_GRASP_KNOWN, detail)
    distance = float(planner.rng.uniform(*settings.approach))
    hand = HandUse(jaw.max_opening, handled.part.handle.width + GRIP_SLACK, distance, MARGIN)
    frames = grips(handled.part, settings, planner.rng)
    motion = plan_part_motion(handled, frames, hand, planner, execution.command)
    for segment in handle_segments(phase, motion, planner, execution, settings):
        carry_out(execution, [segment], force_limit)
        if segment.phase == Phase.GRASP and execution.grip <= 0.0:
            detail = f"jaw closed without holding the handle of the {handled.part.name}"
            raise AttemptFailed(AttemptStage.EXECUTE, Cause.GRASP_MISSED, detail)


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


def grips(part: MovingPart, settings: PartSettings, rng: np.random.Generator) -> Iterator[Array]:
    """Hand poses around a handle, in the asset frame: aslant from above, either way round."""
    handle = part.handle
    outward, closing = np.array(handle.outward), np.array(handle.closing)
    for pitch in rng.permutation(np.array(settings.pitches)):
        approach = -np.cos(pitch) * outward + np.sin(pitch) * DOWN
        for side in (1.0, -1.0):
            yield hand_frame(np.array(handle.position), approach, side * closing)
