"""Carrying plans out, stopping early where something goes wrong, and standing still."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from assets_index.transforms import Array
from dataengine.execution import Execution
from dataengine.record import Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.segment import Segment, hold

BRAKING_TIME = 0.3
"""Time in which the arm comes to a stop on its path, seconds."""


def carry_out(
    execution: Execution, segments: Sequence[Segment], force_limit: float, until: Callable[[], bool] | None = None
) -> bool:
    """Run segments, or brake on their path as soon as `until` is true, which is asked after every step.

    Returns:
        Whether they were carried out to their end.

    Raises:
        AttemptFailed: as soon as the robot presses on something foreign harder than the limit, N.
    """
    for segment in segments:
        for at in range(len(segment.commands)):
            _run(execution, Segment(segment.phase, segment.commands[at : at + 1], segment.gripper), force_limit)
            if until is not None and until():
                stop = braking(segment.commands, at, control_steps(execution, BRAKING_TIME))
                _run(execution, Segment(segment.phase, stop, segment.gripper), force_limit)
                return False
    return True


def _run(execution: Execution, segment: Segment, force_limit: float) -> None:
    if not execution.run([segment], force_limit):
        contact = execution.contact
        phase = segment.phase.name.lower()
        detail = f"{contact.foreign:.1f} N on {contact.touched} during {phase}, at most {force_limit:g} N"
        raise AttemptFailed(AttemptStage.EXECUTE, Cause.CONTACT_FORCE, detail)


def braking(commands: Array, at: int, steps: int) -> Array:
    """Commands (steps, J) that go on along a path (T, J) after its command `at`, ever slower, until they stand."""
    slowing = 1.0 - np.arange(1, steps + 1) / (steps + 1)
    ahead = np.minimum(at + np.cumsum(slowing), len(commands) - 1)
    before = np.floor(ahead).astype(int)
    after = np.minimum(before + 1, len(commands) - 1)
    part = (ahead - before)[:, None]
    return np.asarray((1.0 - part) * commands[before] + part * commands[after])


def control_steps(execution: Execution, seconds: float) -> int:
    """The number of control steps that a time takes, at least one."""
    return max(1, round(seconds * execution.simulation.settings.rate))


def wait_for_rest(execution: Execution, patience: float, force_limit: float, phase: Phase = Phase.WAIT) -> None:
    """Stand still with the jaw open until everything rests, `patience` seconds at most.

    Raises:
        AttemptFailed: if something presses on the robot meanwhile.
    """
    for _ in range(control_steps(execution, patience)):
        if execution.simulation.at_rest():
            break
        carry_out(execution, [hold(phase, execution.command, 1, 1.0)], force_limit)


def stand_still(execution: Execution, seconds: float, patience: float, force_limit: float, *, last: bool) -> int:
    """Wait until everything rests, `patience` seconds at most, then stand still with the jaw open.

    Returns:
        The number of control steps of standing still after that.

    Raises:
        AttemptFailed: if something presses on the robot meanwhile.
    """
    phase = Phase.SETTLE if last else Phase.WAIT
    wait_for_rest(execution, patience, force_limit, phase)
    steps = control_steps(execution, seconds)
    carry_out(execution, [hold(phase, execution.command, steps, 1.0)], force_limit)
    return steps
