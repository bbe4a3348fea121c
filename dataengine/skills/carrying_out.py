"""Standing still: between sub-tasks, and at the end for as long as the goal has to last."""

from __future__ import annotations

from collections.abc import Sequence

from dataengine.execution import Execution
from dataengine.record import Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.segment import Segment, hold


def carry_out(execution: Execution, segments: Sequence[Segment], force_limit: float) -> None:
    """Run segments.

    Raises:
        AttemptFailed: as soon as the robot presses on something foreign harder than the limit, N.
    """
    if not execution.run(segments, force_limit):
        contact = execution.contact
        phase = segments[-1].phase.name.lower()
        detail = f"{contact.foreign:.1f} N on {contact.touched} by the end of {phase}, at most {force_limit:g} N"
        raise AttemptFailed(AttemptStage.EXECUTE, Cause.CONTACT_FORCE, detail)


def control_steps(execution: Execution, seconds: float) -> int:
    """The number of control steps that a time takes, at least one."""
    return max(1, round(seconds * execution.simulation.settings.rate))


def stand_still(execution: Execution, seconds: float, patience: float, force_limit: float, *, last: bool) -> int:
    """Wait until everything rests, `patience` seconds at most, then stand still with the jaw open.

    Returns:
        The number of control steps of standing still after that.

    Raises:
        AttemptFailed: if something presses on the robot meanwhile.
    """
    phase, joints = Phase.SETTLE if last else Phase.WAIT, execution.simulation.command
    for _ in range(control_steps(execution, patience)):
        if execution.simulation.at_rest():
            break
        carry_out(execution, [hold(phase, joints, 1, 1.0)], force_limit)
    steps = control_steps(execution, seconds)
    carry_out(execution, [hold(phase, joints, steps, 1.0)], force_limit)
    return steps
