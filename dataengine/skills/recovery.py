"""What the arm does after a grasp that came to nothing: put back what it holds, let go, leave, wait and look again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assets_index.transforms import Array, rotation_from_quaternion
from dataengine.execution import Execution
from dataengine.grasps.grasp_set import GraspSet
from dataengine.motion.planner import ArmPlanner
from dataengine.record import Phase
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from dataengine.skills.carrying_out import carry_out, control_steps, wait_for_rest
from dataengine.skills.segment import Segment, hold
from dataengine.skills.settings import PickPlaceSettings

ANOTHER_PLACE, ANOTHER_DIRECTION = 0.012, 0.35
"""A grasp is another one if it is farther than this from the failed one, metres, or turned more than this, rad."""

SPACING = 0.03
"""Least distance of the waypoints of a way back, rad."""

SLOWLY, BRISKLY = 0.75, 0.9
"""Tempo of a way back with and without something in the hand."""

AWAY = 0.1
"""Seconds without touch after which a thing counts as lost."""

ON_THE_WAY = (Phase.LIFT, Phase.TRANSFER, Phase.PLACE)


def can_be_tried_again(failure: AttemptFailed) -> bool:
    """Whether another try may do better: not if something was pressed hard, for which the episode is lost."""
    return failure.stage == AttemptStage.PLAN or failure.cause in (
        Cause.TARGET_MOVED,
        Cause.GRASP_MISSED,
        Cause.DROPPED,
        Cause.SLIPPED,
        Cause.GOAL_MISSED,
    )


def other_grasps(grasps: GraspSet, index: NDArray[np.intp], failed: list[int]) -> NDArray[np.intp]:
    """Those that are unlike the failed ones; if there are none, those that are not the very same ones."""
    unlike = index[[all(_differ(grasps.poses[i], grasps.poses[j]) for j in failed) for i in index]]
    return unlike if len(unlike) else index[~np.isin(index, failed)]


def _differ(first: Array, second: Array) -> bool:
    """Whether two hand poses (4, 4) differ in place or in orientation; a half turn about the approach is none."""
    if np.linalg.norm(first[:3, 3] - second[:3, 3]) > ANOTHER_PLACE:
        return True
    approach = float(first[:3, 2] @ second[:3, 2])
    closing = abs(float(first[:3, 1] @ second[:3, 1]))
    return min(approach, closing) < np.cos(ANOTHER_DIRECTION)


def back_off(
    execution: Execution, planner: ArmPlanner, first: int, settings: PickPlaceSettings, force_limit: float
) -> None:
    """Undo a try that began at control step `first`, as far as it went, until the arm has left and everything rests.

    What is still held is carried back the way it came and let go where it was taken from; what was lost is let lie.

    Raises:
        AttemptFailed: if something foreign is pressed too hard on the way.
    """
    approach, carried, lowered = (
        execution.done_since(first, phases) for phases in ((Phase.APPROACH,), ON_THE_WAY, (Phase.PLACE,))
    )
    closed = len(execution.done_since(first, (Phase.GRASP,))) > 0
    leave = lowered if len(carried) else approach
    if len(carried) and held(execution):
        put_back = Segment(Phase.PLACE, _back(carried, execution, planner, SLOWLY), 0.0)
        there = carry_out(execution, [put_back], force_limit, until=lost(execution))
        leave = approach if there else approach[:0]
    if closed:
        opening = control_steps(execution, settings.open_time)
        carry_out(execution, [hold(Phase.RELEASE, execution.command, opening, 1.0)], force_limit)
    carry_out(execution, [Segment(Phase.RETREAT, _back(leave, execution, planner, BRISKLY), 1.0)], force_limit)
    wait_for_rest(execution, settings.patience, force_limit)


class Hold:
    """A watch over what is held, to be asked after every control step.

    Attributes:
        slip: how far the target's centre of mass has moved in the hand since the watch began, metres.
    """

    def __init__(self, execution: Execution, most: float) -> None:
        self._execution, self._most = execution, most
        simulation = execution.simulation
        self._row = [body.name for body in simulation.bodies].index(str(simulation.target))
        self._center = np.array(simulation.bodies[self._row].asset.center_of_mass)
        self._began = self._center_in_hand()
        self._lost = lost(execution)
        self.slip = 0.0

    def broken(self) -> bool:
        """Whether it is lost, or has slipped too far."""
        self.slip = float(np.linalg.norm(self._center_in_hand() - self._began))
        return self._lost() or (self.slip > self._most and held(self._execution))

    def _center_in_hand(self) -> Array:
        body, tcp = self._execution.state.object_pose[self._row], self._execution.tcp_pose
        center = body[:3] + rotation_from_quaternion(body[3:]) @ self._center
        return np.asarray((center - tcp[:3]) @ rotation_from_quaternion(tcp[3:]))


def held(execution: Execution) -> bool:
    """Whether the fingers touch the target."""
    return execution.grip > 0.0


def lost(execution: Execution) -> Callable[[], bool]:
    """A watch to be asked after every control step: whether the fingers have not touched the target for `AWAY`."""
    without, most = 0, control_steps(execution, AWAY)

    def watch() -> bool:
        nonlocal without
        without = 0 if held(execution) else without + 1
        return without >= most

    return watch


def _back(way: Array, execution: Execution, planner: ArmPlanner, tempo: float) -> Array:
    """Commands (T, J) along a way (K, J) backwards, from where the arm is, which is its end."""
    if len(way) < 2:
        return np.empty((0, len(planner.robot.joints)))
    back = way[::-1].copy()
    back[0] = execution.command
    return planner.smooth(_thinned(back), tempo)


def _thinned(path: Array) -> Array:
    """Waypoints at least `SPACING` apart; the first and the last stay."""
    kept = [path[0]]
    for point in path[1:-1]:
        if min(np.linalg.norm(point - kept[-1]), np.linalg.norm(point - path[-1])) >= SPACING:
            kept.append(point)
    return np.array([*kept, path[-1]])
