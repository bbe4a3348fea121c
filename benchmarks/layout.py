"""How well layouts are solved, and contradictions named. `python benchmarks/layout.py --json`.

Satisfiable graphs of 11 bodies are made by reading relations off a random layout, so a solution exists; unsatisfiable
ones get a planted contradiction among bodies that no other relation mentions.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations
from operator import itemgetter

import numpy as np
from _command_line import library_index, new_parser, show

from assets_index.index import AssetIndex
from assets_index.seeding import Stage, generator
from scene_graph.constraints import constraints_of, describe
from scene_graph.errors import LayoutExhausted, UnsatisfiableLayout
from scene_graph.judge import judge
from scene_graph.placed import PlacedScene, place
from scene_graph.relations import AnyRelation, Behind, Between, In, InFrontOf, LeftOf, Near, On, RightOf
from scene_graph.solver import solve
from scene_graph.synthesis import TaskConfig, synthesize_pick_place
from scene_graph.task import Rect, SceneGraph, TaskSpec

CLEAR = 0.01
MOST_RELATIONS = 6
LEFT_HALF = Rect(lower=(0.28, 0.05), upper=(0.75, 0.40))
RIGHT_HALF = Rect(lower=(0.28, -0.40), upper=(0.75, -0.05))
DIRECTIONS = (LeftOf, RightOf, InFrontOf, Behind)

Plant = Callable[[list[str], TaskSpec], tuple[list[AnyRelation], dict[str, Rect]]]


def readable_relations(scene: PlacedScene, names: Sequence[str], rng: np.random.Generator) -> list[AnyRelation]:
    """Relations among the named bodies that clearly hold, in random order, every kind as often as there are some."""
    pairs = list(combinations(names, 2))
    found: list[AnyRelation] = [kind(subject=a, anchor=b) for a, b in pairs for kind in (*DIRECTIONS, Near)]
    found += [Between(subject=c, first=a, second=b) for a, b in pairs for c in names if c not in (a, b)]
    clear = [relation for relation in found if relation.holds(scene).margin > CLEAR]
    ranks: dict[str, int] = defaultdict(int)
    order = []
    for number in rng.permutation(len(clear)):
        relation = clear[number]
        ranks[relation.kind] += 1
        order.append((ranks[relation.kind], relation))
    return [relation for _, relation in sorted(order, key=itemgetter(0))]


def satisfiable(task: TaskSpec, index: AssetIndex, rng: np.random.Generator) -> SceneGraph:
    """The task's graph with up to six relations that some layout has."""
    scene = place(task.scene, solve(task.scene, index, rng), index)
    relations = readable_relations(scene, list(scene.bodies), rng)
    count = int(rng.integers(2, MOST_RELATIONS + 1))
    return task.scene.model_copy(update={"relations": tuple(relations[:count])})


def _circle(length: int) -> Plant:
    def plant(names: list[str], task: TaskSpec) -> tuple[list[AnyRelation], dict[str, Rect]]:
        del task
        loop = names[:length]
        return [LeftOf(subject=a, anchor=b) for a, b in zip(loop, [*loop[1:], loop[0]], strict=True)], {}

    return plant


def _two_directions(names: list[str], task: TaskSpec) -> tuple[list[AnyRelation], dict[str, Rect]]:
    del task
    return [LeftOf(subject=names[0], anchor=names[1]), Behind(subject=names[0], anchor=names[1])], {}


def _wrong_side(names: list[str], task: TaskSpec) -> tuple[list[AnyRelation], dict[str, Rect]]:
    del task
    return [LeftOf(subject=names[0], anchor=names[1])], {names[0]: RIGHT_HALF, names[1]: LEFT_HALF}


def _in_and_beside(names: list[str], task: TaskSpec) -> tuple[list[AnyRelation], dict[str, Rect]]:
    del names
    (goal,), target, container = task.subtasks[0].goal, task.subtasks[0].target, task.subtasks[0].container
    inside = In if goal.kind == "in" else On
    return [inside(subject=target, anchor=container), LeftOf(subject=target, anchor=container)], {}


def _between_and_beyond(names: list[str], task: TaskSpec) -> tuple[list[AnyRelation], dict[str, Rect]]:
    del task
    a, b, c = names[:3]
    return [Between(subject=a, first=b, second=c), Between(subject=b, first=a, second=c)], {}


PLANTS: tuple[Plant, ...] = (
    _circle(2),
    _circle(3),
    _circle(4),
    _two_directions,
    _wrong_side,
    _in_and_beside,
    _between_and_beyond,
)


def unsatisfiable(
    task: TaskSpec, index: AssetIndex, plant: Plant, rng: np.random.Generator
) -> tuple[SceneGraph, set[str]]:
    """A graph with relations that hold in some layout and a contradiction; the statements of the contradiction."""
    distractors = [node.name for node in task.scene.nodes if node.role == "distractor"]
    names = [distractors[i] for i in rng.permutation(len(distractors))]
    relations, regions = plant(names[:4], task)
    scene = place(task.scene, solve(task.scene, index, rng), index)
    harmless = readable_relations(scene, names[4:], rng)[:3]
    nodes = tuple(node.model_copy(update={"region": regions.get(node.name, node.region)}) for node in task.scene.nodes)
    graph = task.scene.model_copy(update={"nodes": nodes, "relations": (*relations, *harmless)})
    planted = [c for c in constraints_of(graph) if c in relations or c.subject in regions]
    return graph, {describe(constraint) for constraint in planted}


def is_named(graph: SceneGraph, planted: set[str], index: AssetIndex, rng: np.random.Generator) -> bool:
    """Whether the solver refuses the graph and names nothing but the planted contradiction."""
    try:
        solve(graph, index, rng)
    except UnsatisfiableLayout as error:
        return set(error.conflict) <= planted
    except LayoutExhausted:
        return False
    return False


def measure(index: AssetIndex, count: int, seed: int) -> dict[str, float | int]:
    """Solve `count` satisfiable graphs and half as many contradictory ones. Times are CPU milliseconds."""
    config = TaskConfig(distractors=(9, 9))
    solved, times = 0, []
    for number in range(count):
        rng = generator(seed, Stage.LAYOUT, number)
        graph = satisfiable(synthesize_pick_place(index, rng, config), index, rng)
        start = time.process_time()
        try:
            layout = solve(graph, index, rng)
        except (UnsatisfiableLayout, LayoutExhausted):
            continue
        finally:
            times.append(time.process_time() - start)
        solved += judge(graph.relations, place(graph, layout, index)).satisfied
    named, refusals = 0, []
    for number in range(count // 2):
        rng = generator(seed, Stage.LAYOUT, count + number)
        task = synthesize_pick_place(index, rng, config)
        graph, planted = unsatisfiable(task, index, PLANTS[number % len(PLANTS)], rng)
        start = time.process_time()
        named += is_named(graph, planted, index, rng)
        refusals.append(time.process_time() - start)
    return {
        "graphs": count,
        "bodies": 11,
        "solved_rate": solved / count,
        "median_ms": 1e3 * float(np.median(times)),
        "p95_ms": 1e3 * float(np.percentile(times, 95)),
        "unsat_graphs": count // 2,
        "unsat_named_rate": named / (count // 2),
        "unsat_median_ms": 1e3 * float(np.median(refusals)),
    }


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = new_parser(__doc__, seeded=True)
    parser.add_argument("--graphs", type=int, default=200)
    arguments = parser.parse_args()
    show(measure(library_index(arguments.assets), arguments.graphs, arguments.seed), arguments.json)


if __name__ == "__main__":
    main()
