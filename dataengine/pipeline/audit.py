"""An audit of a run's records: what may never happen in an accepted episode, found again by other means.

Nothing of `dataengine.verification` is used. Every record's commands are carried out again by a witness that reads the
physics engine's own contacts and centres of mass at every integrator step; the recorded poses are measured by
themselves, and both must agree, so that neither a record that was tampered with nor a measure that is wrong gets by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from assets_index.index import AssetIndex
from assets_index.schema import Schema
from assets_index.transforms import Array
from dataengine.execution import Trajectory
from dataengine.part_movement import goes_along
from dataengine.physics.witness import Seen, Witness
from dataengine.pipeline.examine import examine_records
from dataengine.pipeline.report import Report
from dataengine.pipeline.run import run_config
from dataengine.record import EpisodeRecord
from dataengine.replay import recorded_bodies, replay_on, scene_at, simulation_at_start
from scene_graph.judge import judge_goal

SETTLING = 1.0
"""Time at the end through which the goal must hold, seconds."""

SAME_PLACE = 1e-6
"""A body that is farther from its recorded place than this, metres, when the commands are carried out again, is not
where the record has it."""


class AuditLimits(Schema):
    """What an accepted episode may show at most: newtons, metres."""

    force: float
    shift: float


class EpisodeAudit(Schema):
    """What was found in one episode.

    Attributes:
        force: greatest contact force of hand or arm on anything but the target, N; touched: what that was.
        shift: farthest that another body than the target moved during a sub-task, m; moved: its name.
        goal_lost: control steps of the last second, at least, and of the goal's hold time, in which the goal does not
            hold.
        deviation: farthest that a body is from its recorded place when the commands are carried out again, m.
        faults: what exceeds the limits, in words.
    """

    attempt: int
    force: float
    touched: str
    shift: float
    moved: str
    goal_lost: int
    deviation: float
    faults: tuple[str, ...] = ()


class AuditReport(Report):
    """What `dataengine audit` found.

    Attributes:
        force, shift, deviation: the greatest of all episodes.
        faulty: episodes with faults.
    """

    episodes: int
    limits: AuditLimits
    force: float
    shift: float
    deviation: float
    faulty: tuple[EpisodeAudit, ...]

    @property
    def passed(self) -> bool:
        """Whether there are no faults."""
        return not self.faulty

    def lines(self) -> list[str]:
        """What was found, for a person."""
        return [
            f"{self.episodes} episodes, {len(self.faulty)} with faults",
            f"contact force of hand or arm on anything but the target: at most {self.force:.2f} N of "
            f"{self.limits.force:g} N",
            f"shift of a neighbour: at most {1e3 * self.shift:.1f} mm of {1e3 * self.limits.shift:g} mm",
            f"replayed bodies from their recorded places: at most {1e3 * self.deviation:.2g} mm",
            *(f"episode {each.attempt}: {fault}" for each in self.faulty for fault in each.faults),
        ]


def audit_run(
    run: Path,
    *,
    attempts: Collection[int] | None = None,
    index_root: Path | None = None,
    workers: int = 0,
    on_block: Callable[[int, int], None] | None = None,
) -> AuditReport:
    """Audit the records of a run, or some of them; arguments and errors are those of `examine_records`."""
    acceptance = run_config(run).engine.acceptance
    limits = AuditLimits(force=acceptance.foreign_force, shift=acceptance.neighbor_shift)
    audits = examine_records(
        run,
        partial(audit_episode, limits=limits),
        attempts=attempts,
        index_root=index_root,
        workers=workers,
        on_block=on_block,
    )
    return AuditReport(
        episodes=len(audits),
        limits=limits,
        force=max(each.force for each in audits),
        shift=max(each.shift for each in audits),
        deviation=max(each.deviation for each in audits),
        faulty=tuple(each for each in audits if each.faults),
    )


def audit_episode(record: EpisodeRecord, index: AssetIndex, limits: AuditLimits) -> EpisodeAudit:
    """Audit one record."""
    witness = simulation_at_start(record, index, Witness)
    assert isinstance(witness, Witness)
    again = replay_on(witness, record)
    seen = witness.seen[-len(record.meta.subtasks) :]
    shift, moved = max([(0.0, ""), *_shifts(record, index, seen)])
    hardest = max(seen, key=lambda each: each.force)
    found = EpisodeAudit(
        attempt=record.meta.attempt,
        force=hardest.force,
        touched=hardest.touched,
        shift=shift,
        moved=moved,
        goal_lost=_goal_lost(record, index),
        deviation=_deviation(again, record),
    )
    return found.model_copy(update={"faults": _faults(found, float(record.foreign_force.max(initial=0.0)), limits)})


def _faults(found: EpisodeAudit, recorded_force: float, limits: AuditLimits) -> tuple[str, ...]:
    faults = {
        f"the robot pushed against {found.touched} with {found.force:.1f} N": found.force > limits.force,
        f"the record itself has a contact force of {recorded_force:.1f} N": recorded_force > limits.force,
        f"{found.moved} moved by {1e3 * found.shift:.1f} mm": found.shift > limits.shift,
        f"the goal does not hold in {found.goal_lost} of the last control steps": found.goal_lost > 0,
        f"the commands lead {1e3 * found.deviation:.3g} mm away from the record": found.deviation > SAME_PLACE,
    }
    return tuple(fault for fault, is_one in faults.items() if is_one)


def _shifts(record: EpisodeRecord, index: AssetIndex, seen: Sequence[Seen]) -> Iterator[tuple[float, str]]:
    """How far each body that is to stay moved during a sub-task, by the recorded poses and as the witness saw it.

    What may move is the target, and what lies in a drawer that is pulled or pushed.
    """
    centers = _centers(record, index)
    for subtask, done, witnessed in zip(record.meta.task.subtasks, record.meta.subtasks, seen, strict=True):
        along = goes_along(subtask, scene_at(record, index, done.first))
        recorded = np.linalg.norm(centers[done.first : done.end + 1] - centers[done.first], axis=-1).max(axis=0)
        for name, shift in zip(record.meta.bodies, recorded, strict=True):
            if name not in along:
                yield max(float(shift), witnessed.shifts[name]), name


def _deviation(again: Trajectory, record: EpisodeRecord) -> float:
    """Farthest of a body from its recorded place, metres; or of a joint of a fixture, metres or radians."""
    bodies = np.linalg.norm((again.object_pose - record.object_pose)[..., :3], axis=-1)
    joints = np.abs(again.articulation - record.articulation)
    return float(max(bodies.max(initial=0.0), joints.max(initial=0.0)))


def _centers(record: EpisodeRecord, index: AssetIndex) -> Array:
    """Centres of mass of the bodies in the world, (T + 1, N, 3)."""
    centers = [
        pose[:, :3] + Rotation.from_quat(pose[:, 3:], scalar_first=True).apply(body.asset.center_of_mass)
        for body, pose in zip(recorded_bodies(record, index), record.object_pose.swapaxes(0, 1), strict=True)
    ]
    return np.stack(centers, axis=1)


def _goal_lost(record: EpisodeRecord, index: AssetIndex) -> int:
    goal = record.meta.task.goal
    rows = round(max(SETTLING, goal.hold_time) * record.meta.rate) + 1
    return sum(not judge_goal(goal, scene_at(record, index, -row)).satisfied for row in range(1, rows + 1))
