"""How much the episodes of a run differ from each other in how the arm moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assets_index.schema import Schema
from assets_index.transforms import Array, rotation_from_quaternion
from dataengine.pipeline.run import run_config
from dataengine.record import EpisodeRecord, Phase
from dataengine.storage.block import block_paths
from dataengine.storage.records import RecordBlock

MOST_EPISODES = 256
"""Episodes that are looked at, evenly spread over the run: pairs grow with the square."""

PATH_POINTS = 64
"""Points, evenly spaced along it, that stand for a path."""

RINGS = (1, 6, 12, 18)
"""Cells of equal area in each ring about straight down, and about straight up: 37 in either hemisphere."""

YAWS = 12
"""Sectors of equal width of the directions in which the jaw closes, over half a turn."""


class Spread(Schema):
    """Mean and standard deviation over the episodes."""

    mean: float
    std: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(mean=float(np.mean(values)), std=float(np.std(values)))


class Diversity(Schema):
    """Measures of variety; what is larger is more various. Metres, seconds, radians.

    An effective number is the exponential of Shannon's entropy of the shares of cells of equal size (Hill, Diversity
    and evenness, Ecology 1973): as many equally frequent cells would be as various. It is at most the number of cells,
    and at most the number of grasps.

    Attributes:
        episodes: accepted episodes looked at, at most `MOST_EPISODES`, evenly spread over the run.
        recovered: share of them in which a grasp was tried that came to nothing; disturbed: share with a disturbance.
        start_joints: standard deviation of a joint at the start, root mean square over the joints.
        start_tcp: root mean square distance of a TCP at the start from its mean, over the arms.
        approach_directions: effective number of directions in which the hand comes to its grasps, of 74 cells of equal
            area of the sphere: rings about straight down and straight up (as in Leopardi, A partition of the unit
            sphere into regions of equal area and small diameter, 2006).
        jaw_directions: effective number of horizontal directions in which the jaw closes, of 12 sectors of half a turn.
        duration, path_length: of an episode and of the path of the TCP at work through it.
        bend: greatest distance of the TCP from the straight line while it reaches for a thing.
        path_distance: mean over all pairs of episodes of the mean distance of corresponding points of their TCP paths,
            each of 64 points evenly spaced by arc length; the average pairwise distance of Yuan and Kitani (DLow, ECCV
            2020), per point.
    """

    episodes: int
    recovered: float
    disturbed: float
    start_joints: float
    start_tcp: float
    approach_directions: float
    jaw_directions: float
    duration: Spread
    path_length: Spread
    bend: Spread
    path_distance: float


@dataclass(frozen=True)
class _Traits:
    """What is kept of an episode.

    Attributes:
        start_tcp: (G, 3) positions; path: (`PATH_POINTS`, 3) of the arm at work.
        hands: (N, 3, 3) rotations of the TCP at its grasps.
    """

    start_joints: Array
    start_tcp: Array
    path: Array
    hands: Array
    duration: float
    path_length: float
    bends: tuple[float, ...]
    recovered: bool
    disturbed: bool


def run_diversity(run: Path) -> Diversity | None:
    """Measure a run; None if it has no accepted episode.

    Raises:
        NoRun: if the folder is not a run.
    """
    run_config(run)
    return diversity_of(_evenly_spread([RecordBlock(path) for path in block_paths(run / "records")]))


def diversity_of(records: Iterator[EpisodeRecord] | Sequence[EpisodeRecord]) -> Diversity | None:
    """Measure episodes of one robot, looking at one at a time; None of none."""
    traits = [_traits(record) for record in records]
    if not traits:
        return None
    joints = np.array([each.start_joints for each in traits])
    starts = np.array([each.start_tcp for each in traits])
    paths = np.array([each.path for each in traits])
    hands = np.concatenate([each.hands for each in traits])
    return Diversity(
        episodes=len(traits),
        recovered=float(np.mean([each.recovered for each in traits])),
        disturbed=float(np.mean([each.disturbed for each in traits])),
        start_joints=float(np.sqrt(joints.var(axis=0).mean())),
        start_tcp=float(np.sqrt(starts.var(axis=0).sum(axis=-1).mean())),
        approach_directions=effective_number(direction_cells(hands[:, :, 2])),
        jaw_directions=effective_number(yaw_cells(hands[:, :, 1])),
        duration=Spread.of([each.duration for each in traits]),
        path_length=Spread.of([each.path_length for each in traits]),
        bend=Spread.of([bend for each in traits for bend in each.bends] or [0.0]),
        path_distance=mean_pairwise_distance(paths),
    )


def _evenly_spread(blocks: Sequence[RecordBlock]) -> Iterator[EpisodeRecord]:
    """At most `MOST_EPISODES` records, the first and the last among them."""
    total = sum(map(len, blocks))
    chosen = set(np.linspace(0, total - 1, min(total, MOST_EPISODES)).round().astype(int).tolist())
    number = 0
    for block in blocks:
        for row in range(len(block)):
            if number in chosen:
                yield block[row]
            number += 1


def _traits(record: EpisodeRecord) -> _Traits:
    working, phase = record.working_tcp_pose, record.phase
    position = working[:, :3]
    final = [np.arange(done.final_steps.start, done.final_steps.stop) for done in record.meta.subtasks]
    grasps = [rows[phase[rows] == Phase.GRASP][:1] for rows in final]
    reaches = [rows[phase[rows] == Phase.REACH] for rows in final]
    return _Traits(
        start_joints=record.joint_position[0],
        start_tcp=record.tcp_pose[0, :, :3],
        path=resampled(position, PATH_POINTS),
        hands=rotation_from_quaternion(working[np.concatenate(grasps), 3:]),
        duration=record.steps / record.meta.rate,
        path_length=float(np.linalg.norm(np.diff(position, axis=0), axis=1).sum()),
        bends=tuple(bend(position[rows[0] : rows[-1] + 2]) for rows in reaches if len(rows)),
        recovered=any(done.failed_tries for done in record.meta.subtasks),
        disturbed=len(record.meta.disturbances) > 0,
    )


def resampled(path: Array, count: int) -> Array:
    """Points (count, 3) evenly spaced by arc length along a path (N, 3)."""
    along = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1)))
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, path[:, axis]) for axis in range(path.shape[1])], axis=1)


def bend(path: Array) -> float:
    """Greatest distance of the points of a path (N, 3) from the straight line between its ends, metres."""
    way = path[-1] - path[0]
    along = way / max(float(np.linalg.norm(way)), 1e-9)
    offset = path - path[0]
    return float(np.linalg.norm(offset - (offset @ along)[:, None] * along, axis=1).max())


def direction_cells(directions: Array) -> NDArray[np.intp]:
    """Numbers, 0 to 73, of the cells of equal area in which unit vectors (N, 3) lie."""
    height = np.abs(directions[:, 2])
    edges = np.cumsum(RINGS)
    ring = np.minimum(np.searchsorted(edges, (1.0 - height) * edges[-1], side="right"), len(RINGS) - 1)
    turn = (np.arctan2(directions[:, 1], directions[:, 0]) / (2.0 * np.pi)) % 1.0
    number = np.array(RINGS)[ring]
    within = np.minimum((turn * number).astype(int), number - 1)
    return np.asarray(edges[ring] - number + within + edges[-1] * (directions[:, 2] > 0.0))


def yaw_cells(directions: Array) -> NDArray[np.intp]:
    """Numbers, 0 to 11, of the sectors in which the horizontal parts of vectors (N, 3) lie; opposite ones are alike."""
    turn = (np.arctan2(directions[:, 1], directions[:, 0]) / np.pi) % 1.0
    return np.asarray(np.minimum((turn * YAWS).astype(int), YAWS - 1))


def effective_number(cells: NDArray[np.intp]) -> float:
    """The exponential of the entropy of how often each cell occurs; 0 of none."""
    if not len(cells):
        return 0.0
    share = np.unique(cells, return_counts=True)[1] / len(cells)
    return float(np.exp(-(share * np.log(share)).sum()))


def mean_pairwise_distance(paths: Array) -> float:
    """Mean over all pairs of paths (N, P, 3) of the mean distance of corresponding points; 0 of fewer than two."""
    pairs = [float(np.linalg.norm(paths[i + 1 :] - paths[i], axis=2).mean(axis=1).sum()) for i in range(len(paths) - 1)]
    return sum(pairs) / max(1, len(paths) * (len(paths) - 1) // 2)
