"""Things are put where the table is named, and tasks that make no sense end before anything moves."""

from __future__ import annotations

import pytest

from dataengine.engine import EngineConfig, attempt
from dataengine.record import EpisodeRecord
from dataengine.replay import scene_at, simulation_at_start
from scene_graph.errors import ContradictoryGoal
from scene_graph.judge import judge, judge_goal
from scene_graph.relations import InFrontOf, LeftOf, On, RightOf
from scene_graph.task import Goal, Rect, TaskSpec
from tests.engine.shapes import CONTAINERS, OBJECTS, Shelf
from tests.engine.tasks import task_of

ZONE = {"left_zone": Rect(lower=(0.4, 0.18), upper=(0.6, 0.36))}


def zone_task() -> TaskSpec:
    """Put the first thing on the left of the table, which begins on its right."""
    one = task_of(OBJECTS[:3], CONTAINERS[0])
    target = one.subtasks[0].target
    right = Rect(lower=(0.35, -0.3), upper=(0.65, 0.0))
    nodes = [node.model_copy(update={"region": right}) if node.name == target else node for node in one.scene.nodes]
    relations = (RightOf(subject=target, anchor="left_zone"),)
    scene = one.scene.model_copy(update={"nodes": tuple(nodes), "regions": ZONE, "relations": relations})
    goal = (On(subject=target, anchor="left_zone"),)
    subtask = one.subtasks[0].model_copy(update={"container": "left_zone", "goal": goal})
    return TaskSpec.of_one("zone", scene, subtask)


def test_a_thing_is_put_on_an_area_of_the_table(own_cache: None, shelf: Shelf) -> None:  # noqa: ARG001
    task = zone_task()
    tries = (attempt(i, run_seed=3, assets=shelf, config=EngineConfig(), make_task=lambda *_: task) for i in range(6))
    record = next(outcome for outcome in tries if isinstance(outcome, EpisodeRecord))
    assert not judge_goal(task.goal, scene_at(record, shelf)).satisfied
    assert judge_goal(task.goal, scene_at(record, shelf, -1)).satisfied
    assert judge(task.scene.relations, simulation_at_start(record, shelf).scene()).satisfied
    x0, y0, x1, y1 = scene_at(record, shelf, -1)[task.targets[0]].footprint.bounds
    (left, low), (right, high) = ZONE["left_zone"].lower, ZONE["left_zone"].upper
    assert left - 0.01 < x0 < x1 < right + 0.01
    assert low - 0.01 < y0 < y1 < high + 0.01


def test_a_goal_that_contradicts_itself_ends_the_run(shelf: Shelf) -> None:
    task = task_of(OBJECTS[:3], CONTAINERS[0])
    target = task.targets[0]
    goal = Goal.all_of(LeftOf(subject=target, anchor="container"), InFrontOf(subject=target, anchor="container"))
    task = task.model_copy(update={"goal": goal})
    with pytest.raises(ContradictoryGoal, match=r"to the left of container; .* in front of container"):
        attempt(0, run_seed=0, assets=shelf, config=EngineConfig(), make_task=lambda *_: task)
