"""Doing a run's episodes again: by their states, which must be exact, and by their commands alone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from assets_index.index import AssetIndex
from assets_index.robots import arms
from assets_index.schema import Schema
from assets_index.transforms import Pose
from dataengine.pipeline.examine import examine_records
from dataengine.pipeline.report import Report
from dataengine.record import EpisodeRecord
from dataengine.replay import replay_commands, replay_states, scene_at
from scene_graph.judge import judge_goal

EXACT = 1e-12
"""Greatest difference, in metres and in entries of rotations, between a state that was set again and the record."""

REACHED_AGAIN = 0.99
"""Share of a run's episodes that must reach their goal again from their commands alone."""


class EpisodeReplay(Schema):
    """One episode done again.

    Attributes:
        state_deviation: greatest difference between the recorded poses of TCP and bodies and those of the model in the
            recorded states; metres, or entries of a rotation matrix.
        reached: whether the goal holds, at the end and when the rest begins, if only the commands are given.
        command_deviation: farthest that the TCP or a body was from its recorded place then, metres.
    """

    attempt: int
    state_deviation: float
    reached: bool
    command_deviation: float


class ReplayReport(Report):
    """What `dataengine replay` found.

    Attributes:
        missed: attempts that did not reach their goal again.
        same_bits: episodes whose poses came out without any difference.
    """

    episodes: int
    state_deviation: float
    reached: int
    missed: tuple[int, ...]
    command_deviation: float
    same_bits: int

    @property
    def passed(self) -> bool:
        """Whether states are exact and enough episodes reach their goal again."""
        return self.state_deviation <= EXACT and self.reached >= REACHED_AGAIN * self.episodes

    def lines(self) -> list[str]:
        """What was found, for a person."""
        share = self.reached / self.episodes if self.episodes else 1.0
        lines = [
            f"by state: {self.episodes} episodes, greatest difference {self.state_deviation:.1e}",
            f"by commands alone: {self.reached} of {self.episodes} reach their goal again ({share:.1%}); "
            f"greatest deviation {1e3 * self.command_deviation:.3g} mm, {self.same_bits} without any",
        ]
        if self.missed:
            lines.append(f"goal missed: episodes {', '.join(map(str, self.missed))}")
        return lines


def replay_run(
    run: Path,
    *,
    attempts: Collection[int] | None = None,
    index_root: Path | None = None,
    workers: int = 0,
    on_block: Callable[[int, int], None] | None = None,
) -> ReplayReport:
    """Do the episodes of a run again, or some of them; arguments and errors are those of `examine_records`."""
    done = examine_records(
        run, replay_episode, attempts=attempts, index_root=index_root, workers=workers, on_block=on_block
    )
    return ReplayReport(
        episodes=len(done),
        state_deviation=max((each.state_deviation for each in done), default=0.0),
        reached=sum(each.reached for each in done),
        missed=tuple(each.attempt for each in done if not each.reached),
        command_deviation=max((each.command_deviation for each in done), default=0.0),
        same_bits=sum(each.command_deviation == 0.0 for each in done),
    )


def replay_episode(record: EpisodeRecord, index: AssetIndex) -> EpisodeReplay:
    """Do one episode again, by its states and by its commands."""
    again = replace(record, **vars(replay_commands(record, index)))
    rows = (-record.meta.settle_steps - 1, -1)
    here = zip((again.object_pose, again.tcp_pose), (record.object_pose, record.tcp_pose), strict=True)
    return EpisodeReplay(
        attempt=record.meta.attempt,
        state_deviation=_state_deviation(record, index),
        reached=all(judge_goal(record.meta.task.goal, scene_at(again, index, row)).satisfied for row in rows),
        command_deviation=max(float(np.linalg.norm(now[..., :3] - then[..., :3], axis=-1).max()) for now, then in here),
    )


def _state_deviation(record: EpisodeRecord, index: AssetIndex) -> float:
    hands = [arm.prefixed for arm in arms(record.meta.robot)]
    greatest = 0.0
    for row, poses in enumerate(replay_states(record, index)):
        tcps = (poses[hand.hand_body] @ hand.hand_to_tcp.matrix for hand in hands)
        pairs = list(zip(tcps, record.tcp_pose[row], strict=True))
        pairs += [(poses[name], pose) for name, pose in zip(record.meta.bodies, record.object_pose[row], strict=True)]
        greatest = max(greatest, *(float(np.abs(now - Pose.from_vector(then).matrix).max()) for now, then in pairs))
    return greatest
