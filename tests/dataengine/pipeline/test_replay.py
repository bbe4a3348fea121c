"""Episodes done again, by their states and by their commands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets_index.index import AssetIndex
from dataengine.cli.commands import app
from dataengine.pipeline.examine import NoEpisode
from dataengine.pipeline.replay import EXACT, replay_episode, replay_run
from dataengine.pipeline.statistics import run_statistics
from dataengine.record import Phase
from dataengine.storage.records import run_records

pytestmark = pytest.mark.xdist_group("small run")


def test_every_episode_reaches_its_goal_again(small_run: Path) -> None:
    report = replay_run(small_run, workers=2)
    assert report.passed, report.summary()
    assert report.episodes == report.reached == report.same_bits == run_statistics(small_run).accepted
    assert report.command_deviation == 0.0
    assert "by commands alone" in report.summary()


def test_states_that_are_not_the_records_are_noticed(small_run: Path, library: AssetIndex) -> None:
    record = next(run_records(small_run))
    tcp = record.tcp_pose.copy()
    tcp[10, 0, 0] += 1e-6
    assert replay_episode(record, library).state_deviation <= EXACT
    assert replay_episode(replace(record, tcp_pose=tcp), library).state_deviation == pytest.approx(1e-6, rel=1e-3)


def test_commands_that_let_go_early_miss_the_goal(small_run: Path, library: AssetIndex) -> None:
    record = next(run_records(small_run))
    gripper = record.gripper_command.copy()
    gripper[record.phase == Phase.LIFT] = 1.0
    again = replay_episode(replace(record, gripper_command=gripper), library)
    assert not again.reached
    assert again.command_deviation > 0.05


def test_one_episode_can_be_asked_for(small_run: Path) -> None:
    attempt = next(run_records(small_run)).meta.attempt
    result = CliRunner().invoke(app, ["replay", str(small_run), "--episode", str(attempt), "--workers", "0"])
    assert result.exit_code == 0
    assert "1 of 1 reach their goal again" in result.output
    with pytest.raises(NoEpisode, match="no accepted episode 999"):
        replay_run(small_run, attempts=[999])
