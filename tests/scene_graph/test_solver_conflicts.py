"""What is said of graphs that have no layout: that it is so, and which few constraints are at fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scene_graph.constraints import Constraint, constraints_of, describe, restricted
from scene_graph.contradictions import contradiction
from scene_graph.errors import InfeasibleLayout, UnsatisfiableLayout
from scene_graph.feasibility import Unasked
from scene_graph.placed import PlacedBody, place
from scene_graph.refutation import refutation
from scene_graph.relations import (
    AlignedWith,
    AnyRelation,
    Behind,
    Between,
    ClosestTo,
    FarthestFrom,
    In,
    InFrontOf,
    LeftOf,
    Lying,
    Near,
    On,
    RightOf,
    Upright,
)
from scene_graph.solver import SolverLimits, solve
from scene_graph.task import Rect, SceneGraph
from tests.scene_graph.graphs import WORKSPACE, body, examples, graph, scene_of
from tests.scene_graph.shapes import Shelf, add_box, add_table

DIRECTIONS = (LeftOf, RightOf, InFrontOf, Behind)
CANS = ("can_0", "can_1", "can_2", "can_3")
a, b, c, d = "block_0", "block_1", "can_2", "can_3"
left = Rect(lower=(0.3, 0.1), upper=(0.7, 0.4))
right = Rect(lower=(0.3, -0.4), upper=(0.7, -0.1))

STEP = 0.05
"""Spacing of the grid on which layouts are looked for exhaustively, metres."""

PROVED: dict[str, tuple[list[AnyRelation], dict[str, Rect]]] = {
    "each between the other and a third": (
        [Between(subject=c, first=d, second="can_1"), Between(subject=d, first=c, second="can_1")],
        {},
    ),
    "between two on the other side": ([Between(subject=c, first=a, second=b)], {a: left, b: left, c: right}),
    "three gaps, each less than the next": (
        [ClosestTo(subject=s, anchor=t, others=(o,)) for s, t, o in ((a, b, c), (c, a, b), (b, c, a))],
        {},
    ),
    "farthest from what it is near to": (
        [FarthestFrom(subject=a, anchor=b, others=(c,)), Near(subject=a, anchor=b)],
        {a: left, b: left, c: right},
    ),
    "a cone that two others leave no room": (
        [Behind(subject=a, anchor=d), InFrontOf(subject=a, anchor=c), LeftOf(subject=c, anchor=d)],
        {},
    ),
    "left of it for the robot and the camera that faces it": (
        [LeftOf(subject=a, anchor=b), LeftOf(subject=a, anchor=b, frame="camera", yaw=np.pi)],
        {},
    ),
    "on it and beside it": ([On(subject=a, anchor="plate"), Between(subject=a, first="plate", second=b)], {}),
    "too long for its region": ([], {"plate": Rect(lower=(0.4, 0.0), upper=(0.55, 0.3))}),
    "upright and lying": ([Upright(subject=c), Lying(subject=c)], {}),
    "a block has no side to lie on": ([Lying(subject=a)], {}),
    "aligned along and across": (
        [
            AlignedWith(subject=a, anchor=b),
            AlignedWith(subject=b, anchor=c),
            AlignedWith(subject=a, anchor=c, axis="y"),
        ],
        {},
    ),
}


@pytest.mark.parametrize("case", PROVED)
def test_contradictions_are_proved_and_minimal(shelf: Shelf, case: str) -> None:
    planted, regions = PROVED[case]
    harmless: list[AnyRelation] = [LeftOf(subject="can_4", anchor="can_5"), Near(subject="can_6", anchor="can_5")]
    names = [a, b, c, d, "can_1", "can_4", "can_5", "can_6", "bowl", "plate"]
    scene = graph(names, [*harmless, *planted], **regions)
    with pytest.raises(UnsatisfiableLayout, match="proved") as caught:
        solve(scene, shelf, np.random.default_rng(0))
    conflict = named(scene, caught.value)
    assert caught.value.proved
    assert conflict
    assert not set(conflict) & set(harmless)
    for one in conflict:
        solve(restricted(scene, [other for other in conflict if other is not one]), shelf, np.random.default_rng(1))


def named(scene: SceneGraph, error: UnsatisfiableLayout) -> list[Constraint]:
    return [constraint for constraint in constraints_of(scene) if describe(constraint) in error.conflict]


def test_what_is_not_proved_is_said_to_be_not_found() -> None:
    """Two lids that each cover the block, so that both are on it only if they overlap."""
    things = Shelf()
    add_table(things)
    names = [add_box(things, "block", (0.05, 0.05, 0.05))]
    names += [add_box(things, f"lid_{n}", (0.049, 0.049, 0.02)) for n in range(2)]
    scene = graph(names, [On(subject=name, anchor="block") for name in names[1:]])
    limits = SolverLimits(searches=6)
    with pytest.raises(UnsatisfiableLayout, match="no layout found in 6 searches") as caught:
        solve(scene, things, np.random.default_rng(0), limits=limits)
    assert not caught.value.proved
    assert len(caught.value.conflict) == 2


@cache
def cells() -> np.ndarray:
    """Grid cells, (P, 2), whose middle keeps every can on the table and away from the robot."""
    width, depth = ((np.array(WORKSPACE.upper) - WORKSPACE.lower) // STEP).astype(int)
    inside = np.array([(x, y) for x in range(1, width) for y in range(1, depth)])
    return inside[np.linalg.norm(WORKSPACE.lower + STEP * inside, axis=1) > 0.34]


def together(shelf: Shelf, first: str, second: str, relations: Sequence[AnyRelation]) -> np.ndarray:
    """Which cells two cans may take at once by the relations' own verdicts and a gap of 8 mm, (P, P)."""
    spoken = [relation for relation in relations if {relation.subject, *relation.anchors} == {first, second}]

    @cache
    def good(x: int, y: int) -> bool:
        pair = scene_of(body(shelf, first, 0.0, 0.0), body(shelf, second, STEP * x, STEP * y))
        apart = pair[first].footprint.distance(pair[second].footprint) >= 0.008
        return apart and all(relation.holds(pair).holds for relation in spoken)

    offsets = cells()[None] - cells()[:, None]
    return np.array([[good(*offset) for offset in row] for row in offsets.tolist()])


def solvable(shelf: Shelf, relations: Sequence[AnyRelation]) -> bool:
    """Whether the cans spoken of have places on the grid: an exhaustive search with nothing of the solver in it."""
    names = sorted({name for relation in relations for name in (relation.subject, *relation.anchors)})
    tables = {pair: together(shelf, *pair, relations) for pair in combinations(names, 2)}

    def extend(chosen: tuple[int, ...]) -> bool:
        free = np.ones(len(cells()), bool)
        for number, cell in enumerate(chosen):
            free &= tables[names[number], names[len(chosen)]][cell]
        if len(chosen) == len(names) - 1:
            return bool(free.any())
        return any(extend((*chosen, int(cell))) for cell in np.flatnonzero(free))

    return not names or extend(())


@pytest.mark.parametrize("seed", range(6))
def test_conflicts_are_minimal_by_exhaustive_search(shelf: Shelf, seed: int) -> None:
    rng = np.random.default_rng(seed)
    relations: list[AnyRelation] = []
    while True:
        subject, anchor = (CANS[i] for i in rng.permutation(4)[:2])
        relations.append((*DIRECTIONS, Near)[rng.integers(5)](subject=subject, anchor=anchor))
        scene = graph(CANS, tuple(dict.fromkeys(relations)))
        try:
            solve(scene, shelf, rng)
        except UnsatisfiableLayout as error:
            conflict = [relation for relation in scene.relations if describe(relation) in error.conflict]
            break
    assert not solvable(shelf, conflict)
    for one in conflict:
        assert solvable(shelf, [other for other in conflict if other is not one])


def statements(names: Sequence[str]) -> list[AnyRelation]:
    """Statements of every kind that a proof knows of."""
    found: list[AnyRelation] = []
    for first, second in permutations(names, 2):
        found += [kind(subject=first, anchor=second) for kind in (*DIRECTIONS, Near, In, On, AlignedWith)]
        found += [kind(subject=first, anchor=second, frame="camera", yaw=2.0) for kind in DIRECTIONS]
    for first, second, third in permutations(names, 3):
        found.append(Between(subject=first, first=second, second=third))
        found += [kind(subject=first, anchor=second, others=(third,)) for kind in (ClosestTo, FarthestFrom)]
    return [*found, *(kind(subject=name) for name in names for kind in (Upright, Lying))]


@settings(examples, max_examples=12)
@given(seed=st.integers(0, 10_000), carried=st.booleans())
def test_what_has_a_layout_is_never_refuted(shelf: Shelf, seed: int, carried: bool) -> None:
    rng = np.random.default_rng(seed)
    names = ["bowl", a, b, c, d]
    scene = graph(names, [In(subject=a, anchor="bowl")] if carried else [])
    nodes = tuple(node.model_copy(update={"orientation": "random"}) for node in scene.nodes)
    scene = scene.model_copy(update={"nodes": nodes})
    placed = place(scene, solve(scene, shelf, rng), shelf)
    true = [relation for relation in statements(names) if relation.holds(placed).margin > 1e-4]
    kept = tuple(true[number] for number in rng.permutation(len(true))[:10])
    told = scene.model_copy(update={"relations": kept})
    assert contradiction(told, shelf) == ()
    assert refutation(told, shelf) == ()


def test_what_could_not_be_proved_is_not_tried_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = graph([a, b, c], [Between(subject=a, first=b, second=c)])
    unproved = set[frozenset[Constraint]]()
    assert refutation(scene, shelf, unproved) == ()
    assert unproved == {frozenset(constraints_of(scene))}

    def solve_program(rows: object) -> None:
        raise AssertionError(f"{rows} are solved again")

    monkeypatch.setattr("scene_graph.refutation._without_solution", solve_program)
    assert refutation(scene, shelf, unproved) == ()
    with pytest.raises(AssertionError, match="again"):
        refutation(scene, shelf)


def test_a_refusal_depends_on_the_seed_alone(shelf: Shelf) -> None:
    chain = [LeftOf(subject=one, anchor=other) for one, other in pairwise((*CANS, CANS[0]))]
    scene = graph([*CANS, a, b], [Near(subject=a, anchor=b), *chain])
    errors = []
    for _ in range(2):
        with pytest.raises(UnsatisfiableLayout) as caught:
            solve(scene, shelf, np.random.default_rng(5))
        errors.append(str(caught.value))
    assert errors[0] == errors[1]


class RightHalfOnly(Unasked):
    """One body may only stand where y < 0; counts how often it was asked."""

    def __init__(self, name: str, limit: float = 0.0) -> None:
        self.name, self.limit, self.asked = name, limit, 0

    def with_body(self, body: PlacedBody, placed: Mapping[str, PlacedBody]) -> RightHalfOnly | None:  # type: ignore[override]
        del placed
        self.asked += 1
        return None if body.name == self.name and body.pose.position[1] > self.limit else self


def test_only_layouts_that_leave_the_task_possible_are_given(shelf: Shelf) -> None:
    scene = graph([*CANS, a, b, "bowl"])
    for seed in range(6):
        layout = solve(scene, shelf, np.random.default_rng(seed), feasibility=RightHalfOnly("bowl"))
        assert layout.poses["bowl"].position[1] <= 0.0


def test_a_search_ends_when_its_limits_are_used_up(shelf: Shelf) -> None:
    scene = graph([*CANS, a, b, "bowl"])
    limits, never = SolverLimits(searches=3, retries=5), RightHalfOnly("bowl", limit=-1.0)
    with pytest.raises(InfeasibleLayout, match="3 searches"):
        solve(scene, shelf, np.random.default_rng(0), limits=limits, feasibility=never)
    assert never.asked <= limits.searches * (len(scene.nodes) + limits.retries)
