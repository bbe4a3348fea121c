"""Whether an episode may be kept, measured from its trajectory alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from assets_index.schema import Schema
from assets_index.transforms import Array, inverse, rotation_from_quaternion
from dataengine.execution import Trajectory
from dataengine.part_movement import goes_along, parts_shift, rest_shift
from dataengine.physics.scene_bodies import moving_parts
from dataengine.physics.simulation import placed_at
from dataengine.record import EpisodeRecord, Phase, SubTaskRecord, Verification
from dataengine.rejection import AttemptFailed, AttemptStage, Cause
from scene_graph.judge import judge, judge_goal
from scene_graph.placed import PlacedBody, PlacedScene, landmarks_of
from scene_graph.task import Rect, SubTask, TaskSpec

HELD_PHASES = (Phase.LIFT, Phase.TRANSFER, Phase.PLACE)


class AcceptanceLimits(Schema):
    """Greatest values at which an episode is kept.

    Attributes:
        foreign_force: contact force between an arm and anything but the target, N.
        neighbor_shift: movement of any other body's centre of mass, or of another moving part's handle, m. What lies in
            a drawer that is moved goes along and is no neighbour.
        slip: movement of the target's centre of mass in the hand while it is held, m.
        settle_shift: movement of the target's centre of mass, or of any moving part's handle, in the last second, m.
    """

    foreign_force: float = 5.0
    neighbor_shift: float = 0.02
    slip: float = 0.015
    settle_shift: float = 0.005


def measure(
    trajectory: Trajectory | EpisodeRecord,
    task: TaskSpec,
    bodies: Sequence[PlacedBody],
    subtasks: Sequence[SubTaskRecord],
    rest_steps: int,
) -> Verification:
    """Measure an episode.

    Args:
        trajectory: what was recorded; `bodies` are in the order of its `object_pose`.
        task: names the targets and the goal.
        bodies: the assets; their poses play no part.
        subtasks: which control steps each of the task's sub-tasks took.
        rest_steps: control steps at the end through which the goal must last.
    """
    centers = _centers(trajectory.object_pose, bodies)
    names = [body.name for body in bodies]
    rows = [names.index(subtask.target) for subtask in task.subtasks]
    rest = centers[-rest_steps - 1 :, rows]
    final = judge_goal(task.goal, _scene(trajectory, bodies, -1, task.scene.regions))
    done = [_scene(trajectory, bodies, each.end, task.scene.regions) for each in subtasks]
    spans = list(zip(rows, subtasks, strict=True))
    shifts = [_neighbor_shift(trajectory, task.subtasks[i], each, bodies, centers) for i, each in enumerate(subtasks)]
    resting = trajectory.articulation[-rest_steps - 1 :]
    return Verification(
        goal=final.verdicts,
        alternative=final.alternative,
        subgoals=tuple(judge(s.goal, scene).verdicts for s, scene in zip(task.subtasks, done, strict=True)),
        max_foreign_force=float(trajectory.foreign_force.max(initial=0.0)),
        max_neighbor_shift=max(shifts),
        slip=max(_slip(trajectory, centers[:, row], each.final_steps, each.arm) for row, each in spans),
        settle_shift=max(
            float(np.linalg.norm(rest - rest[-1], axis=2).max()), rest_shift(resting, moving_parts(bodies))
        ),
    )


def _scene(
    trajectory: Trajectory | EpisodeRecord, bodies: Sequence[PlacedBody], row: int, regions: Mapping[str, Rect]
) -> PlacedScene:
    return placed_at(bodies, trajectory.object_pose[row], trajectory.articulation[row], landmarks_of(regions))


def _neighbor_shift(
    trajectory: Trajectory | EpisodeRecord,
    subtask: SubTask,
    done: SubTaskRecord,
    bodies: Sequence[PlacedBody],
    centers: Array,
) -> float:
    """Farthest that anything moves during a sub-task but its target and what goes along with it."""
    rows = slice(done.first, done.end + 1)
    along = goes_along(subtask, _scene(trajectory, bodies, done.first, {}))
    others = centers[rows, [i for i, body in enumerate(bodies) if body.name not in along]]
    shift = float(np.linalg.norm(others - others[0], axis=2).max(initial=0.0))
    return max(shift, parts_shift(trajectory.articulation[rows], moving_parts(bodies), subtask.handled))


def _centers(object_pose: Array, bodies: Sequence[PlacedBody]) -> Array:
    """Centres of mass in the world, (T + 1, N, 3)."""
    offsets = np.array([body.asset.center_of_mass for body in bodies])
    return object_pose[..., :3] + np.einsum("tnij,nj->tni", rotation_from_quaternion(object_pose[..., 3:]), offsets)


def _slip(trajectory: Trajectory | EpisodeRecord, center: Array, steps: range, arm: int) -> float:
    """Farthest movement of the target in an arm's hand from the start of the lift to the end of the placing."""
    held = steps.start + np.flatnonzero(np.isin(trajectory.phase[steps.start : steps.stop], HELD_PHASES))
    if not len(held):
        return 0.0
    rows = np.append(held, held[-1] + 1)
    tcp = np.zeros((len(rows), 4, 4))
    tcp[:, :3, :3] = rotation_from_quaternion(trajectory.tcp_pose[rows, arm, 3:])
    tcp[:, :3, 3] = trajectory.tcp_pose[rows, arm, :3]
    tcp[:, 3, 3] = 1.0
    local = np.einsum("tij,tj->ti", inverse(tcp)[:, :3], np.column_stack([center[rows], np.ones(len(rows))]))
    return float(np.linalg.norm(local - local[0], axis=1).max())


def accept(
    measured: Verification,
    trajectory: Trajectory,
    task: TaskSpec,
    bodies: Sequence[PlacedBody],
    rest_steps: int,
    limits: AcceptanceLimits,
) -> None:
    """Check an episode against the limits.

    Raises:
        AttemptFailed: naming the first limit that is exceeded, with the figure.
    """
    start = judge_goal(task.goal, _scene(trajectory, bodies, -rest_steps - 1, task.scene.regions))
    reached = all(verdict.holds for verdict in measured.goal)
    margins = ", ".join(f"{1000 * verdict.margin:.1f} mm" for verdict in measured.goal)
    missed = [number for number, goal in enumerate(measured.subgoals, 1) if not all(verdict.holds for verdict in goal)]
    checks = (
        (reached or start.satisfied, Cause.GOAL_MISSED, f"goal missed; margins {margins}"),
        (reached and start.satisfied, Cause.GOAL_NOT_LASTING, f"goal did not last; margins at the end {margins}"),
        (not missed, Cause.GOAL_MISSED, f"not done when they ended: sub-tasks {missed} of {len(measured.subgoals)}"),
        _at_most(measured.max_foreign_force, limits.foreign_force, Cause.CONTACT_FORCE, "contact force", 1.0, "N"),
        _at_most(measured.max_neighbor_shift, limits.neighbor_shift, Cause.NEIGHBOR_DISTURBED, "shift", 1e3, "mm"),
        _at_most(measured.slip, limits.slip, Cause.SLIPPED, "slip in the hand", 1e3, "mm"),
        _at_most(measured.settle_shift, limits.settle_shift, Cause.GOAL_NOT_LASTING, "shift at rest", 1e3, "mm"),
    )
    for fine, cause, detail in checks:
        if not fine:
            raise AttemptFailed(AttemptStage.VERIFY, cause, detail)


def _at_most(value: float, limit: float, cause: Cause, name: str, scale: float, unit: str) -> tuple[bool, Cause, str]:
    return value <= limit, cause, f"{name} {scale * value:.1f} {unit}, at most {scale * limit:g} {unit}"
