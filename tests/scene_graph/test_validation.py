"""A task that makes no sense is refused in one line before anything is done."""

from __future__ import annotations

import numpy as np
import pytest

from scene_graph.errors import ContradictoryGoal, InvalidSceneGraph
from scene_graph.judge import judge_goal
from scene_graph.relations import (
    AlignedWith,
    AnyRelation,
    Behind,
    Between,
    ClosestTo,
    Facing,
    FarthestFrom,
    In,
    InsideDrawer,
    LeftOf,
    Lying,
    Near,
    On,
    Open,
    RightOf,
    StackedOn,
    Upright,
)
from scene_graph.task import Goal, Rect, SubTask, TaskSpec
from scene_graph.validation import check_task, parse_scene_graph, parse_task
from tests.scene_graph.graphs import body, graph, scene_of
from tests.scene_graph.shapes import Shelf

a, b, c = "can_0", "block_1", "can_2"
NAMES = (a, b, c, "bowl", "plate")
ZONES = {"left zone": Rect(lower=(0.3, 0.1), upper=(0.6, 0.4)), "near zone": Rect(lower=(0.3, 0.0), upper=(0.45, 0.4))}


def task_of(*alternatives: tuple[AnyRelation, ...], **changes: object) -> TaskSpec:
    scene = graph(NAMES).model_copy(update={"regions": ZONES})
    step = SubTask(target=a, container="bowl", goal=(In(subject=a, anchor="bowl"),), instruction="Put it there")
    step = step.model_copy(update={name: value for name, value in changes.items() if name in SubTask.model_fields})
    return TaskSpec(name="test", scene=scene, subtasks=(step,), goal=Goal(any_of=alternatives), instruction="Do it")


SENSIBLE: tuple[tuple[AnyRelation, ...], ...] = (
    (In(subject=a, anchor="bowl"), Upright(subject=a), LeftOf(subject="bowl", anchor="plate")),
    (On(subject=a, anchor="left zone"), On(subject=a, anchor="near zone"), Behind(subject=a, anchor="robot_base")),
    (StackedOn(subject=a, anchor=b), AlignedWith(subject=a, anchor=b), Lying(subject=c)),
    (
        ClosestTo(subject=a, anchor="robot_base", others=(b, c)),
        FarthestFrom(subject=c, anchor="robot_base", others=(b,)),
    ),
    (
        LeftOf(subject=a, anchor=b),
        LeftOf(subject=a, anchor=b, frame="camera", yaw=0.3),
        Facing(subject=b, anchor=a, front="x"),
    ),
)

CONTRADICTORY: dict[str, tuple[AnyRelation, ...]] = {
    "left and right": (LeftOf(subject=a, anchor=b), RightOf(subject=a, anchor=b)),
    "each left of the other": (LeftOf(subject=a, anchor=b), LeftOf(subject=b, anchor=a)),
    "a circle": (LeftOf(subject=a, anchor=b), LeftOf(subject=b, anchor=c), LeftOf(subject=c, anchor=a)),
    "left for the robot and for a camera that faces it": (
        LeftOf(subject=a, anchor=b),
        LeftOf(subject=a, anchor=b, frame="camera", yaw=np.pi),
    ),
    "in two places": (In(subject=a, anchor="bowl"), On(subject=a, anchor="plate")),
    "in each other": (On(subject=a, anchor=b), On(subject=b, anchor=a)),
    "in what is flat": (In(subject=a, anchor="plate"),),
    "on the base": (On(subject=a, anchor="robot_base"),),
    "upright and lying": (Upright(subject=a), Lying(subject=a)),
    "both closest": (ClosestTo(subject=a, anchor=c, others=(b,)), ClosestTo(subject=b, anchor=c, others=(a, "bowl"))),
    "faces both ways": (Facing(subject=a, anchor=b, front="y"), Facing(subject=a, anchor=b, front="-y")),
    "in an area on the left and to the right": (
        On(subject=a, anchor="left zone"),
        RightOf(subject=a, anchor="robot_base"),
    ),
}


@pytest.mark.parametrize("number", range(len(SENSIBLE)))
def test_sensible_goals_pass(shelf: Shelf, number: int) -> None:
    check_task(task_of(SENSIBLE[number]), shelf)
    check_task(task_of(*SENSIBLE), shelf)
    assert parse_task(task_of(SENSIBLE[number]).model_dump(mode="json"), "task.yaml") == task_of(SENSIBLE[number])


@pytest.mark.parametrize("case", CONTRADICTORY)
def test_contradictory_goals_are_named(shelf: Shelf, case: str) -> None:
    relations = CONTRADICTORY[case]
    with pytest.raises(ContradictoryGoal, match="alternative 2 of the goal contradicts itself") as caught:
        check_task(task_of(SENSIBLE[0], (*relations, Near(subject="plate", anchor="bowl"))), shelf)
    assert "\n" not in str(caught.value)
    assert not any("plate near bowl" in phrase for phrase in caught.value.conflict)
    with pytest.raises(ContradictoryGoal, match="sub-task 1 contradicts itself"):
        check_task(task_of(SENSIBLE[0], goal=relations), shelf)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target": "nobody"}, "no node 'nobody' to be its target"),
        ({"target": "left zone"}, "no node 'left zone' to be its target"),
        ({"container": "nowhere"}, "no node 'nowhere' to be its container"),
        ({"goal": (In(subject=a, anchor="void"),)}, "no node 'void'"),
        ({"goal": (Near(subject="left zone", anchor=a),)}, "cannot be moved"),
        ({"goal": (ClosestTo(subject=a, anchor=b, others=(a,)),)}, "different nodes"),
        ({"part": "lid", "skill": "open"}, "no part 'lid'"),
        ({"goal": (Open(subject="bowl", part="lid"),)}, "'bowl' has no part 'lid' that moves; it has none"),
        ({"goal": (InsideDrawer(subject=a, anchor="left zone", part="lid"),)}, "'left zone' has no part 'lid'"),
    ],
)
def test_tasks_of_unknown_things_are_refused(shelf: Shelf, changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidSceneGraph, match=message) as caught:
        check_task(task_of(SENSIBLE[0], **changes), shelf)
    assert "\n" not in str(caught.value)


def test_the_whole_goal_is_checked_too(shelf: Shelf) -> None:
    with pytest.raises(InvalidSceneGraph, match="no node 'void'"):
        check_task(task_of(SENSIBLE[0], (Between(subject=a, first=b, second="void"),)), shelf)
    with pytest.raises(InvalidSceneGraph, match="teapot"):
        check_task(task_of(SENSIBLE[0]).model_copy(update={"scene": graph([*NAMES, "teapot"])}), shelf)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("kind", "astride", "astride"),
        ("anchor", "void", "no node 'void'"),
        ("frame", "camera", "needs a yaw"),
        ("colour", "red", "Extra inputs"),
    ],
)
def test_tasks_from_files_are_checked(path: str, value: str, message: str) -> None:
    data = task_of((LeftOf(subject=a, anchor=b),)).model_dump(mode="json")
    data["goal"]["any_of"][0][0][path] = value
    with pytest.raises(InvalidSceneGraph, match=message) as caught:
        parse_task(data, "task.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["robot_base", "left zone"])
def test_landmarks_have_names_of_their_own(name: str) -> None:
    scene = graph([*NAMES]).model_copy(update={"regions": ZONES}).model_dump(mode="json")
    scene["nodes"][0]["name"] = name
    with pytest.raises(InvalidSceneGraph, match=f"{name!r}"):
        parse_scene_graph(scene, "graph.yaml")


def test_one_alternative_is_enough(shelf: Shelf) -> None:
    scene = scene_of(
        body(shelf, "bowl", 0.5, 0.0),
        body(shelf, a, 0.5, 0.0, 0.01),
        body(shelf, b, 0.3, 0.2),
        body(shelf, c, 0.3, -0.2),
    )
    inside, left, right = In(subject=a, anchor="bowl"), LeftOf(subject=b, anchor=c), LeftOf(subject=c, anchor=b)
    assert judge_goal(Goal.all_of(inside, left), scene).satisfied
    assert not judge_goal(Goal.all_of(inside, right), scene).satisfied
    judgement = judge_goal(Goal(any_of=((right,), (inside, right), (inside, left))), scene)
    assert (judgement.satisfied, judgement.alternative, len(judgement.verdicts)) == (True, 2, 2)
    missed = judge_goal(Goal(any_of=((right,), (inside, right))), scene)
    assert not missed.satisfied
    with pytest.raises(InvalidSceneGraph, match="no node 'plate'"):
        judge_goal(Goal(any_of=((inside,), (On(subject=a, anchor="plate"),))), scene)
