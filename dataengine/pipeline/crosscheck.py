"""Whether another physics engine agrees that finished episodes are at rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from assets_index.index import AssetIndex
from assets_index.schema import Schema
from dataengine.physics.bullet import BulletScene, import_pybullet
from dataengine.pipeline.examine import examine_records
from dataengine.pipeline.report import Report
from dataengine.pipeline.run import run_config
from dataengine.record import EpisodeRecord
from dataengine.replay import scene_at
from dataengine.storage.records import run_ledger

AT_REST = 0.01
"""A body whose centre of mass stays within this, metres, is at rest."""

AGREEING = 0.9
"""Share of episodes in which everything must stay at rest."""

LOOK_EVERY = 0.1
"""Simulated seconds between two looks at where everything is."""


class BodyShift(Schema):
    """How far one body went, metres, at most at any time."""

    attempt: int
    body: str
    asset: str
    shift: float


class CrosscheckReport(Report):
    """What `dataengine crosscheck` found.

    Attributes:
        agreeing: episodes in which nothing moved by more than 1 cm; bodies, bodies_at_rest: of all of them.
        median_shift: of all bodies, metres.
        moved: bodies that moved farther, the farthest first.
    """

    engine: str
    episodes: int
    agreeing: int
    bodies: int
    bodies_at_rest: int
    median_shift: float
    moved: tuple[BodyShift, ...]

    @property
    def passed(self) -> bool:
        """Whether the other engine agrees often enough."""
        return self.agreeing >= AGREEING * self.episodes

    def lines(self) -> list[str]:
        """What was found, for a person."""
        return [
            f"{self.engine}: everything stays at rest within {1e3 * AT_REST:g} mm in {self.agreeing} of "
            f"{self.episodes} episodes ({self.agreeing / self.episodes:.0%})",
            f"bodies at rest: {self.bodies_at_rest} of {self.bodies}; median shift {1e3 * self.median_shift:.1f} mm",
            *(f"episode {each.attempt}: {each.body} ({each.asset}) {1e3 * each.shift:.0f} mm" for each in self.moved),
        ]


def crosscheck_run(
    run: Path,
    *,
    records: int = 50,
    seconds: float = 2.0,
    index_root: Path | None = None,
    workers: int = 0,
    on_block: Callable[[int, int], None] | None = None,
) -> CrosscheckReport:
    """Simulate the end of some episodes of a run on, in Bullet.

    Args:
        run: folder of the run.
        records: how many of its episodes to take, evenly over the run.
        seconds: simulated time.
        index_root: folder of the asset index; None for the default one.
        workers: processes; 0 works in this one.
        on_block: called with the number of blocks done and of all.

    Raises:
        CrosscheckUnavailable: if pybullet is not installed.
        NoRun, NoEpisode, BlockFailed: as `examine_records`.
    """
    version = import_pybullet().getAPIVersion()
    run_config(run)
    accepted = [row.attempt for row in run_ledger(run) if row.accepted]
    chosen = np.unique(np.linspace(0, len(accepted) - 1, records).round().astype(int)) if accepted else ()
    shifts = examine_records(
        run,
        partial(shifts_in_bullet, seconds=seconds),
        attempts=[accepted[i] for i in chosen],
        index_root=index_root,
        workers=workers,
        on_block=on_block,
    )
    every = [each for episode in shifts for each in episode]
    moved = sorted((each for each in every if each.shift > AT_REST), key=lambda each: (-each.shift, each.attempt))
    return CrosscheckReport(
        engine=f"Bullet {version}",
        episodes=len(shifts),
        agreeing=len(shifts) - len({each.attempt for each in moved}),
        bodies=len(every),
        bodies_at_rest=len(every) - len(moved),
        median_shift=float(np.median([each.shift for each in every])),
        moved=tuple(moved),
    )


def shifts_in_bullet(record: EpisodeRecord, index: AssetIndex, seconds: float) -> tuple[BodyShift, ...]:
    """How far each body of a record goes from its last recorded place when Bullet takes over."""
    bodies = list(scene_at(record, index, -1).bodies.values())
    start = np.array([body.center_of_mass for body in bodies])
    farthest = np.zeros(len(bodies))
    with BulletScene(bodies) as scene:
        for _ in range(round(seconds / LOOK_EVERY)):
            scene.run(LOOK_EVERY)
            farthest = np.maximum(farthest, np.linalg.norm(scene.centers() - start, axis=1))
    return tuple(
        BodyShift(attempt=record.meta.attempt, body=body.name, asset=body.asset.id, shift=float(shift))
        for body, shift in zip(bodies, farthest, strict=True)
    )
