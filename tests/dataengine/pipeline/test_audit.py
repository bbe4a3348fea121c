"""The audit passes what was accepted and finds what was tampered with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assets_index.index import AssetIndex
from dataengine.pipeline.audit import AuditLimits, EpisodeAudit, audit_episode, audit_run
from dataengine.pipeline.statistics import run_statistics
from dataengine.record import EpisodeRecord, Phase
from dataengine.storage.records import run_records

pytestmark = pytest.mark.xdist_group("small run")

LIMITS = AuditLimits(force=5.0, shift=0.02)


@pytest.fixture
def record(small_run: Path) -> EpisodeRecord:
    return next(run_records(small_run))


def faults_of(record: EpisodeRecord, library: AssetIndex) -> str:
    found: EpisodeAudit = audit_episode(record, library, LIMITS)
    return "; ".join(found.faults)


def test_no_accepted_episode_has_a_fault(small_run: Path) -> None:
    report = audit_run(small_run, workers=2)
    assert report.passed, report.summary()
    assert report.episodes == run_statistics(small_run).accepted
    assert report.deviation == 0.0
    assert report.force <= 5.0
    assert report.shift <= 0.02


def test_it_measures_what_verification_measured(small_run: Path, library: AssetIndex) -> None:
    """By other means, and more often: never less, and hardly more."""
    for record in run_records(small_run):
        found, stored = audit_episode(record, library, LIMITS), record.meta.verification
        assert found.force == pytest.approx(stored.max_foreign_force, rel=1e-6, abs=1e-6)
        assert stored.max_neighbor_shift - 1e-9 <= found.shift <= stored.max_neighbor_shift + 0.001


def test_a_force_that_the_record_hides_is_found(record: EpisodeRecord, library: AssetIndex) -> None:
    pressed = record.joint_command.copy()
    grasping = np.flatnonzero(record.phase == Phase.GRASP)
    pressed[grasping[0] :, 1] += 0.4  # the shoulder leans forward until the hand is on the table
    found = audit_episode(replace(record, joint_command=pressed), library, LIMITS)
    assert found.force > LIMITS.force
    assert f"against {found.touched}" in found.faults[0]


def test_a_recorded_force_is_found(record: EpisodeRecord, library: AssetIndex) -> None:
    force = record.foreign_force.copy()
    force[3] = 6.0
    assert "itself has a contact force of 6.0 N" in faults_of(replace(record, foreign_force=force), library)


def test_a_neighbor_that_moved_is_found(record: EpisodeRecord, library: AssetIndex) -> None:
    neighbor = next(name for name in record.meta.bodies if name not in record.meta.task.targets)
    poses = record.object_pose.copy()
    poses[20:, record.meta.bodies.index(neighbor), 1] += 0.03
    faults = faults_of(replace(record, object_pose=poses), library)
    assert f"{neighbor} moved by 30" in faults
    assert "30 mm away from the record" in faults


def test_a_goal_that_does_not_last_is_found(record: EpisodeRecord, library: AssetIndex) -> None:
    poses = record.object_pose.copy()
    poses[-3:, record.meta.bodies.index(record.meta.task.targets[0]), 2] += 0.3
    assert "does not hold in 3 of" in faults_of(replace(record, object_pose=poses), library)


def test_the_limits_are_those_of_the_run(small_run: Path, library: AssetIndex) -> None:
    record = next(run_records(small_run))
    shift = audit_episode(record, library, LIMITS).shift
    found = audit_episode(record, library, AuditLimits(force=5.0, shift=shift / 2))
    assert found.moved in found.faults[0]
