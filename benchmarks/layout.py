"""How well layouts are solved, and contradictions named. `python benchmarks/layout.py --json`.

Satisfiable graphs of 11 bodies are made by reading relations off a random layout, so a solution exists; unsatisfiable
ones, a fifth as many, get a planted contradiction among bodies that no other relation mentions. A conflict set is
proved minimal if it is proved that it has no layout, and a layout of all but each of its members has been found.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

import numpy as np
from _command_line import library_index, new_parser, show
from _scene_graphs import PLANTS, kinds, satisfiable, unsatisfiable

from assets_index.index import AssetIndex
from assets_index.seeding import Stage, generator
from scene_graph.constraints import constraints_of, describe, restricted
from scene_graph.errors import LayoutExhausted, UnsatisfiableLayout
from scene_graph.judge import judge
from scene_graph.placed import place
from scene_graph.solver import solve
from scene_graph.task import SceneGraph, TaskSpec
from scene_graph.tasks import read_task, synthesize

TASKS = tuple(
    read_task({"extends": "pick_and_place", "distractors": {"count": 9}, "all_roles": {"orientation": orientation}})
    for orientation in ("upright", "random")
)


@dataclass(frozen=True)
class Refusal:
    """What the solver said of an unsatisfiable graph.

    Attributes:
        seconds: CPU time it took.
        named: whether it named nothing but the planted contradiction.
        proved: whether it proved that.
        minimal: whether it found a layout of all but each one of the conflict's members.
    """

    seconds: float
    named: bool
    proved: bool
    minimal: bool


def solved_in(graph: SceneGraph, index: AssetIndex, rng: np.random.Generator) -> tuple[bool, float]:
    """Whether the graph is solved and all of its relations hold, and the CPU seconds it took."""
    start = time.process_time()
    try:
        layout = solve(graph, index, rng)
    except (UnsatisfiableLayout, LayoutExhausted):
        return False, time.process_time() - start
    seconds = time.process_time() - start
    return judge(graph.relations, place(graph, layout, index)).satisfied, seconds


def refused(graph: SceneGraph, planted: set[str], index: AssetIndex, rng: np.random.Generator) -> Refusal:
    """How the solver refuses a graph."""
    start = time.process_time()
    try:
        solve(graph, index, rng)
    except UnsatisfiableLayout as error:
        seconds = time.process_time() - start
        conflict = [constraint for constraint in constraints_of(graph) if describe(constraint) in error.conflict]
        rests = [restricted(graph, [other for other in conflict if other is not one]) for one in conflict]
        minimal = all(solved_in(rest, index, rng)[0] for rest in rests)
        return Refusal(seconds, set(error.conflict) <= planted, error.proved, minimal)
    except LayoutExhausted:
        pass
    return Refusal(time.process_time() - start, named=False, proved=False, minimal=False)


def measure(index: AssetIndex, count: int, seed: int) -> dict[str, object]:
    """Solve `count` satisfiable graphs and a fifth as many contradictory ones. Times are CPU milliseconds."""

    def task_of(number: int) -> tuple[TaskSpec, np.random.Generator]:
        rng = generator(seed, Stage.LAYOUT, number)
        return synthesize(TASKS[number % 2], index, rng), rng

    solved, times, seen = 0, [], Counter[str]()
    for number in range(count):
        task, rng = task_of(number)
        graph = satisfiable(task, index, rng)
        success, seconds = solved_in(graph, index, rng)
        solved += success
        times.append(seconds)
        seen.update(relation.kind for relation in graph.relations)
    refusals = []
    for number in range(max(count // 5, len(PLANTS))):
        task, rng = task_of(count + number)
        graph, planted = unsatisfiable(task, index, PLANTS[number % len(PLANTS)], rng)
        refusals.append(refused(graph, planted, index, rng))
    return {
        "graphs": count,
        "bodies": 11,
        "solved_rate": solved / count,
        "median_ms": 1e3 * float(np.median(times)),
        "p95_ms": 1e3 * float(np.percentile(times, 95)),
        "max_ms": 1e3 * max(times),
        "relations": {kind: seen[kind] for kind in kinds()},
        "unsat_graphs": len(refusals),
        "unsat_named_rate": float(np.mean([refusal.named for refusal in refusals])),
        "unsat_proved_rate": float(np.mean([refusal.proved for refusal in refusals])),
        "unsat_minimal_rate": float(np.mean([refusal.proved and refusal.minimal for refusal in refusals])),
        "unsat_median_ms": 1e3 * float(np.median([refusal.seconds for refusal in refusals])),
        "unsat_max_ms": 1e3 * max(refusal.seconds for refusal in refusals),
    }


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = new_parser(__doc__, seeded=True)
    parser.add_argument("--graphs", type=int, default=1000)
    arguments = parser.parse_args()
    show(measure(library_index(arguments.assets), arguments.graphs, arguments.seed), arguments.json)


if __name__ == "__main__":
    main()
