"""Random scene graphs of 11 bodies for `layout.py`: some that have a layout, some that cannot have one.

Both are driven by the members of `AnyRelation`: a kind that no table here knows ends the benchmark.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, pairwise, permutations
from operator import itemgetter
from typing import Any, get_args

import numpy as np

from assets_index.index import AssetIndex
from scene_graph.constraints import constraints_of, describe
from scene_graph.placed import PlacedScene, place
from scene_graph.relations import (
    AlignedWith,
    AnyRelation,
    Behind,
    Between,
    ClosestTo,
    Facing,
    FarthestFrom,
    In,
    InFrontOf,
    LeftOf,
    Lying,
    Near,
    On,
    RightOf,
    StackedOn,
    Upright,
)
from scene_graph.solver import solve
from scene_graph.task import Rect, SceneGraph, TaskSpec

CLEAR = 0.01
"""Margin, metres, by which a relation must hold in a layout to be read off it."""

MOST_RELATIONS = 6
SAMPLED = 30
"""Statements of each kind that are looked at in a layout."""

CAMERA_YAW = 2.4
LEFT_HALF = Rect(lower=(0.28, 0.05), upper=(0.75, 0.40))
RIGHT_HALF = Rect(lower=(0.28, -0.40), upper=(0.75, -0.05))
FAR_LEFT = Rect(lower=(0.28, 0.20), upper=(0.75, 0.40))

Relations = list[AnyRelation]
Statements = Callable[[Sequence[str]], Iterator[AnyRelation]]
Plant = Callable[[list[str], TaskSpec], tuple[Relations, dict[str, Rect]]]

JOINTED = frozenset({"open", "closed", "pressed", "released", "inside_drawer"})
"""Kinds that speak of moving parts, which the things of these graphs do not have."""


def kinds() -> list[str]:
    """Every kind of relation that rigid things can be in."""
    union = get_args(AnyRelation)[0]
    return [kind for member in get_args(union) if (kind := member.model_fields["kind"].default) not in JOINTED]


def _pairs(kind: type[Any], **extra: object) -> Statements:
    return lambda names: (kind(subject=a, anchor=b, **extra) for a, b in permutations(names, 2))


def _directions(kind: type[Any]) -> Statements:
    """As the robot sees it, and as a camera does."""

    def statements(names: Sequence[str]) -> Iterator[AnyRelation]:
        yield from _pairs(kind)(names)
        yield from _pairs(kind, frame="camera", yaw=CAMERA_YAW)(names)

    return statements


def _ranked(kind: type[Any]) -> Statements:
    return lambda names: (
        kind(subject=a, anchor=t, others=others)
        for t, a, *others in (*permutations(names, 3), *permutations(names[:7], 4))
    )


STATEMENTS: dict[str, Statements] = {
    "in": _pairs(In),
    "on": _pairs(On),
    "stacked_on": _pairs(StackedOn),
    "near": _pairs(Near),
    "between": lambda names: (
        Between(subject=c, first=a, second=b) for a, b in combinations(names, 2) for c in names if c not in (a, b)
    ),
    "left_of": _directions(LeftOf),
    "right_of": _directions(RightOf),
    "in_front_of": _directions(InFrontOf),
    "behind": _directions(Behind),
    "closest_to": _ranked(ClosestTo),
    "farthest_from": _ranked(FarthestFrom),
    "aligned_with": _pairs(AlignedWith),
    "facing": lambda names: (
        Facing(subject=a, anchor=b, front=front) for a, b in permutations(names, 2) for front in ("x", "-y")
    ),
    "upright": lambda names: (Upright(subject=name) for name in names),
    "lying": lambda names: (Lying(subject=name) for name in names),
}


def true_statements(scene: PlacedScene, names: Sequence[str], rng: np.random.Generator) -> Relations:
    """Relations among the named bodies that clearly hold, in random order, every kind as often as there are some."""
    ranks: dict[str, int] = defaultdict(int)
    order: list[tuple[float, AnyRelation]] = []
    for kind in kinds():
        possible = list(STATEMENTS[kind](names))
        for number in rng.permutation(len(possible))[:SAMPLED]:
            if possible[number].holds(scene).margin > CLEAR:
                ranks[kind] += 1
                order.append((ranks[kind] + rng.random() / 2, possible[number]))
    return [relation for _, relation in sorted(order, key=itemgetter(0))]


def satisfiable(task: TaskSpec, index: AssetIndex, rng: np.random.Generator) -> SceneGraph:
    """The task's graph with two to six relations that some layout has; in half of them one thing carries another."""
    scene = task.scene
    carried = _carried(task, index, rng) if rng.random() < 0.5 else []
    if carried:
        scene = scene.model_copy(update={"relations": tuple(carried)})
        free = tuple(n.model_copy(update={"region": None}) if n.name == carried[0].subject else n for n in scene.nodes)
        scene = scene.model_copy(update={"nodes": free})
    placed = place(scene, solve(scene, index, rng), index)
    read = [relation for relation in true_statements(placed, list(placed.bodies), rng) if relation not in carried]
    count = int(rng.integers(2, MOST_RELATIONS + 1))
    return scene.model_copy(update={"relations": (*carried, *read)[:count]})


def _carried(task: TaskSpec, index: AssetIndex, rng: np.random.Generator) -> Relations:
    """The target in or on its container if that is the task, or stacked on what can carry it; else nothing."""
    subtask = task.subtasks[0]
    target = index.asset(task.scene.node(subtask.target).asset_id)
    tops = []
    for node in task.scene.nodes:
        asset = index.asset(node.asset_id)
        wide = asset.support is not None and min(asset.extents[:2]) > max(target.extents[:2])
        if node.role == "distractor" and wide:
            tops.append(node.name)
    choices: Relations = [goal for goal in subtask.goal if isinstance(goal, In | On)]
    choices += [StackedOn(subject=subtask.target, anchor=name) for name in tops]
    return [choices[rng.integers(len(choices))]] if choices else []


def _circle(kind: type[Any], length: int, **extra: object) -> Plant:
    def plant(names: list[str], task: TaskSpec) -> tuple[Relations, dict[str, Rect]]:
        del task
        loop = [*names[:length], names[0]]
        return [kind(subject=a, anchor=b, **extra) for a, b in pairwise(loop)], {}

    return plant


def _two(first: Callable[..., AnyRelation], second: Callable[..., AnyRelation]) -> Plant:
    """Two things said of one pair."""

    def plant(names: list[str], task: TaskSpec) -> tuple[Relations, dict[str, Rect]]:
        del task
        return [make(subject=names[0], anchor=names[1]) for make in (first, second)], {}

    return plant


def _regions(relation: Callable[[list[str]], AnyRelation], *regions: Rect) -> Plant:
    """A relation, and rectangles that the first few bodies must be in."""

    def plant(names: list[str], task: TaskSpec) -> tuple[Relations, dict[str, Rect]]:
        del task
        return [relation(names)], dict(zip(names, regions, strict=False))

    return plant


def _at_two_places(names: list[str], task: TaskSpec) -> tuple[Relations, dict[str, Rect]]:
    """In or on its container, or to the right of it, and to the left of it."""
    del names
    (goal,), target, container = task.subtasks[0].goal, task.subtasks[0].target, task.subtasks[0].container
    elsewhere = goal if isinstance(goal, In | On) else RightOf(subject=target, anchor=container)
    return [elsewhere, LeftOf(subject=target, anchor=container)], {}


def _two_between(names: list[str], task: TaskSpec) -> tuple[Relations, dict[str, Rect]]:
    del task
    a, b, c = names[:3]
    return [Between(subject=a, first=b, second=c), Between(subject=b, first=a, second=c)], {}


def _between_and_beyond(names: list[str], task: TaskSpec) -> tuple[Relations, dict[str, Rect]]:
    del task
    a, b, c = names[:3]
    return [Between(subject=a, first=b, second=c), LeftOf(subject=b, anchor=c), LeftOf(subject=c, anchor=a)], {}


def _ranks_in_a_circle(names: list[str], task: TaskSpec) -> tuple[Relations, dict[str, Rect]]:
    """Each of three is closer to the next than the one after that: their three gaps would all be less than another."""
    del task
    a, b, c = names[:3]
    triples = ((a, b, c), (c, a, b), (b, c, a))
    return [ClosestTo(subject=s, anchor=t, others=(o,)) for s, t, o in triples], {}


def _closest_and_farthest(names: list[str], task: TaskSpec) -> tuple[Relations, dict[str, Rect]]:
    del task
    a, b, c, d = names[:4]
    return [ClosestTo(subject=a, anchor=b, others=(c, d)), FarthestFrom(subject=a, anchor=b, others=(c,))], {}


def _upright_and_lying(names: list[str], task: TaskSpec) -> tuple[Relations, dict[str, Rect]]:
    del task
    return [Upright(subject=names[0]), Lying(subject=names[0])], {}


PLANTS: tuple[Plant, ...] = (
    _circle(LeftOf, 2),
    _circle(RightOf, 3),
    _circle(Behind, 4, frame="camera", yaw=CAMERA_YAW),
    _circle(InFrontOf, 3, frame="table", yaw=-0.3),
    _two(LeftOf, Behind),
    _two(InFrontOf, RightOf),
    _regions(lambda names: LeftOf(subject=names[0], anchor=names[1]), RIGHT_HALF, LEFT_HALF),
    _regions(lambda names: Near(subject=names[0], anchor=names[1]), RIGHT_HALF, FAR_LEFT),
    _regions(
        lambda names: Between(subject=names[0], first=names[1], second=names[2]), RIGHT_HALF, LEFT_HALF, LEFT_HALF
    ),
    _at_two_places,
    _two_between,
    _between_and_beyond,
    _circle(StackedOn, 2),
    _circle(On, 3),
    _ranks_in_a_circle,
    _closest_and_farthest,
    _upright_and_lying,
    _two(partial(Facing, front="x"), partial(Facing, front="-x")),
    _two(AlignedWith, partial(AlignedWith, anchor_axis="y")),
)


def unsatisfiable(
    task: TaskSpec, index: AssetIndex, plant: Plant, rng: np.random.Generator
) -> tuple[SceneGraph, set[str]]:
    """A graph with relations that hold in some layout and a contradiction; the statements of the contradiction."""
    distractors = [node.name for node in task.scene.nodes if node.role == "distractor"]
    names = [distractors[i] for i in rng.permutation(len(distractors))]
    relations, regions = plant(names[:4], task)
    scene = place(task.scene, solve(task.scene, index, rng), index)
    harmless = true_statements(scene, names[4:], rng)[:3]
    nodes = tuple(node.model_copy(update={"region": regions.get(node.name, node.region)}) for node in task.scene.nodes)
    graph = task.scene.model_copy(update={"nodes": nodes, "relations": (*relations, *harmless)})
    planted = [c for c in constraints_of(graph) if c in relations or c.subject in regions]
    return graph, {describe(constraint) for constraint in planted}
