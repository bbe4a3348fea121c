"""Motions differ as much as the settings say, and the measures of it measure what they claim."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_index.robot import RobotDescription
from assets_index.transforms import Pose
from dataengine.engine import EngineConfig, attempt
from dataengine.grasps.grasp_set import grasps_for
from dataengine.motion.bow import bowed, corners
from dataengine.motion.planner import ArmPlanner
from dataengine.motion.timing import MotionLimits, timed
from dataengine.physics.simulation import Simulation
from dataengine.pipeline.diversity import (
    bend,
    direction_cells,
    diversity_of,
    effective_number,
    mean_pairwise_distance,
    resampled,
)
from dataengine.record import EpisodeRecord
from dataengine.skills.pick import leaning
from dataengine.skills.settings import PickPlaceSettings
from scene_graph.placed import PlacedBody
from tests.engine.shapes import Shelf, block
from tests.engine.tasks import pick_place_task

SEEDS = st.integers(0, 2**32 - 1)
UNIFORM = {"start_jitter": 0.0, "bow": 0.0, "lean": 0.0, "elbow": 0.0, "tempo": (0.9, 0.9)}


def cube_at(position: tuple[float, float]) -> PlacedBody:
    asset, hulls = block("cube", (0.03, 0.03, 0.03))
    return PlacedBody("cube", asset, Pose(position=(*position, 0.0)), tuple(hulls))


def test_the_settings_make_motions_various(records: list[EpisodeRecord], shelf: Shelf) -> None:
    config = EngineConfig(pick_place=PickPlaceSettings(**UNIFORM))
    alike = [
        outcome
        for record in records[:4]
        if isinstance(
            outcome := attempt(record.meta.attempt, run_seed=0, assets=shelf, config=config, make_task=pick_place_task),
            EpisodeRecord,
        )
    ]
    plain, various = diversity_of(alike), diversity_of(records[:4])
    assert plain is not None
    assert various is not None
    assert plain.start_joints < 1e-3 < 0.03 < various.start_joints
    assert plain.start_tcp < 1e-3 < 0.02 < various.start_tcp


def test_what_is_not_to_be_turned_is_put_down_as_it_was_taken(records: list[EpisodeRecord], shelf: Shelf) -> None:
    config = EngineConfig(pick_place=PickPlaceSettings(turn=0.0))
    number = records[0].meta.attempt
    record = attempt(number, run_seed=0, assets=shelf, config=config, make_task=pick_place_task)
    assert isinstance(record, EpisodeRecord)
    target = record.meta.bodies.index(record.meta.task.targets[-1])
    assert turn_between(record.object_pose[0, target], record.object_pose[-1, target]) < 0.1
    assert turn_between(records[0].object_pose[0, target], records[0].object_pose[-1, target]) > 0.1


def turn_between(first: np.ndarray, last: np.ndarray) -> float:
    """Angle between the orientations of two poses (7,), rad."""
    return float(2.0 * np.arccos(min(1.0, abs(first[3:] @ last[3:]))))


def test_free_ways_between_the_same_ends_differ(arm: RobotDescription) -> None:
    simulation = Simulation([cube_at((0.6, 0.3))], arm, target="cube")
    start = np.array(arm.home)
    goal = start + np.array([0.8, 0.4, 0.0, 0.3, 0.0, 0.2, 0.5])

    def ways(bow: float) -> list[np.ndarray]:
        planners = (
            ArmPlanner(simulation, "cube", MotionLimits(), np.random.default_rng(i), 1.0, bow) for i in range(8)
        )
        return [planner.commands(planner.path(start, goal)) for planner in planners]

    straight, bent = ways(0.0), ways(0.06)
    assert all(np.array_equal(way, straight[0]) for way in straight)
    for way in (*straight, *bent):
        np.testing.assert_allclose(way[-1], goal, atol=1e-6)
    bends = [bend(way) for way in bent]
    assert bend(straight[0]) < 1e-6
    assert min(bends) > 0.01
    assert np.std(bends) > 0.01


def test_directions_of_approach_are_spread_by_leaning(shelf: Shelf, arm: RobotDescription) -> None:
    config = EngineConfig()
    grasps = grasps_for(shelf.named("can"), shelf, arm, config.grasps, config.physics)
    down = np.flatnonzero(grasps.poses[:, 2, 2] < -config.pick_place.steepest_approach)
    best = down[np.argsort(grasps.poses[down, 2, 2])]

    def first_directions(lean: float) -> float:
        settings = config.pick_place.model_copy(update={"lean": lean})
        first = [leaning(grasps, best, np.eye(4), settings, np.random.default_rng(seed))[0] for seed in range(40)]
        return effective_number(direction_cells(grasps.poses[first, :3, 2]))

    assert first_directions(0.0) == 1.0
    assert first_directions(5.0) > 3.0
    order = leaning(grasps, best, np.eye(4), config.pick_place, np.random.default_rng(0))
    assert sorted(order) == sorted(best)


@given(SEEDS, st.floats(0.01, 0.15))
def test_a_bow_leads_from_start_to_goal_without_a_corner(seed: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    start, goal = rng.uniform(-1.0, 1.0, (2, 7))
    path = bowed(start, goal, spread, rng)
    np.testing.assert_allclose(path[[0, -1]], [start, goal], atol=1e-12)
    assert corners(path) == [0, len(path) - 1]
    middle = path[len(path) // 2] - (start + goal) / 2
    assert abs(middle @ (goal - start)) < 1e-9
    assert np.linalg.norm(middle) > 0.0


def test_the_arm_stops_where_a_path_turns_sharply(arm: RobotDescription) -> None:
    home = np.array(arm.home)
    path = home + np.array([[0.0] * 7, [0.5] + [0.0] * 6, [0.5, 0.4] + [0.0] * 5])
    assert corners(path) == [0, 1, 2]
    assert corners(path[:2]) == [0, 1]
    assert corners(path[[0, 0, 1]]) == [0, 2]
    commands = timed(bowed(path[0], path[2], 0.1, np.random.default_rng(0)), arm, MotionLimits(), 20.0)
    speed = np.abs(np.diff(commands, axis=0)) * 20.0
    assert np.all(speed <= np.array(arm.velocity))


def test_cells_of_directions_have_equal_areas() -> None:
    vectors = np.random.default_rng(0).normal(size=(74_000, 3))
    cells = direction_cells(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    count = np.bincount(cells, minlength=74)
    assert len(count) == 74
    assert np.abs(count - 1000).max() < 5 * np.sqrt(1000)
    assert direction_cells(np.array([[0.0, 0.0, -1.0], [0.01, 0.0, -0.99995]])).tolist() == [0, 0]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60))
def test_an_effective_number_is_between_one_and_the_cells_in_use(cells: list[int]) -> None:
    number = effective_number(np.array(cells))
    assert 1.0 - 1e-9 <= number <= len(set(cells)) + 1e-9
    assert effective_number(np.array(sorted(set(cells)) * 3)) == pytest.approx(len(set(cells)))


@given(SEEDS, st.floats(0.01, 1.0))
def test_the_distance_of_paths_is_that_of_their_points(seed: int, apart: float) -> None:
    path = np.cumsum(np.random.default_rng(seed).normal(size=(20, 3)), axis=0)
    even = resampled(path, 64)
    np.testing.assert_allclose(even[[0, -1]], path[[0, -1]])
    shifted = np.array([even, even + np.array([0.0, apart, 0.0]), even])
    assert mean_pairwise_distance(shifted) == pytest.approx(2.0 * apart / 3.0)
    assert mean_pairwise_distance(shifted[:1]) == 0.0


def test_a_bend_is_how_far_a_path_leaves_the_straight_line() -> None:
    path = np.array([[0.0, 0.0, 0.0], [0.1, 0.03, 0.0], [0.4, 0.0, 0.0]])
    assert bend(path) == pytest.approx(0.03)
    assert bend(path[[0, 2]]) == pytest.approx(0.0)
