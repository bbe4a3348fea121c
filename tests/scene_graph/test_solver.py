from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scene_graph.constraints import Constraint, constraints_of, describe, restricted
from scene_graph.errors import InvalidSceneGraph, LayoutExhausted, UnsatisfiableLayout
from scene_graph.judge import judge
from scene_graph.placed import PlacedScene, place
from scene_graph.relations import AnyRelation, Behind, Between, In, InFrontOf, LeftOf, Near, On, RightOf
from scene_graph.solver import SolverLimits, solve
from scene_graph.supports import supporters
from scene_graph.task import Node, Rect, SceneGraph
from scene_graph.validation import parse_scene_graph
from tests.scene_graph.graphs import WORKSPACE, examples, graph
from tests.scene_graph.shapes import Shelf, add_box, add_can, add_table

ELEVEN = ("bowl", "plate", *(f"block_{n}" for n in range(5)), *(f"can_{n}" for n in range(4)))
DIRECTIONS = (LeftOf, RightOf, InFrontOf, Behind)


def solved(scene: SceneGraph, shelf: Shelf, seed: int = 0) -> PlacedScene:
    return place(scene, solve(scene, shelf, np.random.default_rng(seed)), shelf)


def gaps(scene: SceneGraph, placed: PlacedScene) -> list[float]:
    """Distances between footprints of bodies that do not carry each other."""
    return [
        placed[a].footprint.distance(placed[b].footprint)
        for a, b in combinations(placed.bodies, 2)
        if a not in supporters(b, scene.relations) and b not in supporters(a, scene.relations)
    ]


@examples
@given(seed=st.integers(0, 10_000), orientation=st.sampled_from(["upright", "random"]))
def test_eleven_bodies_keep_their_clearance_and_stay_on_the_table(shelf: Shelf, seed: int, orientation: str) -> None:
    scene = graph(ELEVEN)
    turned = tuple(node.model_copy(update={"orientation": orientation}) for node in scene.nodes)
    scene = scene.model_copy(update={"nodes": turned})
    placed = solved(scene, shelf, seed)
    assert min(gaps(scene, placed)) >= 0.008 - 1e-9
    for body in placed.bodies.values():
        assert abs(body.bottom) < 1e-6
        (x0, y0), (x1, y1) = WORKSPACE.lower, WORKSPACE.upper
        assert x0 - 1e-9 <= body.footprint.bounds[0]
        assert body.footprint.bounds[2] <= x1 + 1e-9
        assert y0 - 1e-9 <= body.footprint.bounds[1]
        assert body.footprint.bounds[3] <= y1 + 1e-9
        assert np.hypot(*np.array(body.footprint.exterior.coords).T).min() >= 0.28


def true_relations(placed: PlacedScene, rng: np.random.Generator, count: int) -> list[AnyRelation]:
    """Relations read off a layout: a graph of them has a solution."""
    names = list(placed.bodies)
    found: list[AnyRelation] = []
    for a, b in combinations(names, 2):
        found += [kind(subject=a, anchor=b) for kind in (*DIRECTIONS, Near)]
        found += [Between(subject=c, first=a, second=b) for c in names if c not in (a, b)]
    true = [relation for relation in found if relation.holds(placed).margin > 0.01]
    return [true[i] for i in rng.permutation(len(true))[:count]]


@examples
@given(seed=st.integers(0, 10_000))
def test_relations_that_can_hold_together_do_hold(shelf: Shelf, seed: int) -> None:
    rng = np.random.default_rng(seed)
    free = graph(ELEVEN)
    relations = true_relations(solved(free, shelf, seed), rng, 5)
    scene = graph(ELEVEN, relations)
    placed = solved(scene, shelf, seed + 1)
    assert judge(relations, placed).satisfied
    assert min(gaps(scene, placed)) >= 0.008 - 1e-9


def test_bodies_rest_in_and_on_each_other(shelf: Shelf) -> None:
    relations = [
        On(subject="wide_bowl", anchor="block_9"),
        In(subject="can_1", anchor="wide_bowl"),
        In(subject="block_3", anchor="wide_bowl"),
        On(subject="block_4", anchor="block_3"),
        On(subject="can_5", anchor="plate"),
    ]
    scene = graph(["can_1", "block_3", "wide_bowl", "block_4", "can_5", "plate", "block_9"], relations)
    placed = solved(scene, shelf)
    assert judge(relations, placed).satisfied
    assert np.isclose(placed["block_4"].bottom, placed["block_3"].top)
    assert np.isclose(placed["can_5"].bottom, 0.015)


def test_a_body_rests_in_the_innermost_of_nested_containers(shelf: Shelf) -> None:
    relations = [
        In(subject="can_1", anchor="wide_bowl"),
        In(subject="can_1", anchor="bowl"),
        In(subject="bowl", anchor="wide_bowl"),
    ]
    placed = solved(graph(["can_1", "bowl", "wide_bowl"], relations), shelf)
    assert judge(relations, placed).satisfied
    assert np.isclose(placed["can_1"].bottom, 0.02)


def test_the_target_gets_room_for_fingers(shelf: Shelf) -> None:
    scene = graph(ELEVEN)
    nodes = tuple(n.model_copy(update={"role": "target"}) if n.name == "can_0" else n for n in scene.nodes)
    scene = scene.model_copy(update={"nodes": nodes})
    placed = solved(scene, shelf, 3)
    others = [body for name, body in placed.bodies.items() if name != "can_0"]
    assert min(placed["can_0"].footprint.distance(body.footprint) for body in others) >= 0.025


def test_regions_hold_the_whole_footprint(shelf: Shelf) -> None:
    rect = Rect(lower=(0.38, -0.175), upper=(0.58, 0.175))
    for seed in range(10):
        bounds = solved(graph(["can_0", "bowl"], can_0=rect, bowl=rect), shelf, seed)["bowl"].footprint.bounds
        assert rect.lower[0] <= bounds[0]
        assert bounds[2] <= rect.upper[0]
        assert rect.lower[1] <= bounds[1]
        assert bounds[3] <= rect.upper[1]


def test_a_layout_depends_on_the_seed_alone(shelf: Shelf) -> None:
    scene = graph(ELEVEN, [LeftOf(subject="can_0", anchor="bowl")])
    layouts = [solve(scene, shelf, np.random.default_rng(seed)).model_dump_json() for seed in (1, 1, 2)]
    assert layouts[0] == layouts[1] != layouts[2]


left = Rect(lower=(0.3, 0.1), upper=(0.7, 0.4))
right = Rect(lower=(0.3, -0.4), upper=(0.7, -0.1))
a, b, c, d = "block_0", "block_1", "can_2", "can_3"

CONTRADICTIONS: dict[str, tuple[list[AnyRelation], dict[str, Rect]]] = {
    "left of each other": ([LeftOf(subject=a, anchor=b), LeftOf(subject=b, anchor=a)], {}),
    "left and right in a circle": (
        [LeftOf(subject=a, anchor=b), LeftOf(subject=b, anchor=c), RightOf(subject=a, anchor=c)],
        {},
    ),
    "two directions at once": ([LeftOf(subject=a, anchor=b), Behind(subject=a, anchor=b)], {}),
    "two directions, one inverted": ([LeftOf(subject=a, anchor=b), Behind(subject=b, anchor=a)], {}),
    "on each other": ([On(subject=a, anchor=b), On(subject=b, anchor=a)], {}),
    "in two places": ([In(subject=a, anchor="bowl"), On(subject=a, anchor="plate")], {}),
    "in a plate": ([In(subject=a, anchor="plate")], {}),
    "a bowl in a smaller bowl": ([In(subject="wide_bowl", anchor="bowl")], {}),
    "in a bowl and beside it": ([In(subject=a, anchor="bowl"), LeftOf(subject=a, anchor="bowl")], {}),
    "near from the other side of the table": ([Near(subject=a, anchor=b)], {a: left, b: right}),
    "left of what stands left": ([LeftOf(subject=a, anchor="bowl")], {a: right, "bowl": left}),
    "between and on the far side": (
        [Between(subject=a, first=b, second=c), LeftOf(subject=b, anchor=c), LeftOf(subject=c, anchor=a)],
        {},
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_contradictions_are_named_minimally(shelf: Shelf, case: str) -> None:
    planted, regions = CONTRADICTIONS[case]
    harmless = [LeftOf(subject=d, anchor="can_4"), Near(subject="can_5", anchor="can_4")]
    names = [a, b, c, d, "can_4", "can_5", "bowl", "plate", "wide_bowl"]
    scene = graph(names, [*harmless, *planted], **regions)
    with pytest.raises(UnsatisfiableLayout) as caught:
        solve(scene, shelf, np.random.default_rng(0))
    conflict = [constraint for constraint in constraints_of(scene) if describe(constraint) in caught.value.conflict]
    assert len(conflict) == len(caught.value.conflict)
    assert not set(conflict) & set(harmless)
    assert "\n" not in str(caught.value)
    assert_minimal(scene, conflict, shelf)


def assert_minimal(scene: SceneGraph, conflict: Sequence[Constraint], shelf: Shelf) -> None:
    """Every proper subset of the conflict has a layout, and the conflict itself has none."""
    for size in range(len(conflict)):
        for subset in combinations(conflict, size):
            solve(restricted(scene, subset), shelf, np.random.default_rng(1))
    with pytest.raises(UnsatisfiableLayout):
        solve(restricted(scene, conflict), shelf, np.random.default_rng(1))


@examples
@given(seed=st.integers(0, 10_000))
def test_small_graphs_are_solved_or_their_conflict_is_minimal(shelf: Shelf, seed: int) -> None:
    """Random relations over four bodies, most of them contradictory."""
    rng = np.random.default_rng(seed)
    names = [a, b, c, d]
    relations: list[AnyRelation] = []
    for _ in range(4):
        subject, anchor = (names[i] for i in rng.permutation(4)[:2])
        kind = (*DIRECTIONS, Near, On)[rng.integers(6)]
        relations.append(kind(subject=subject, anchor=anchor))
    scene = graph(names, dict.fromkeys(relations))
    try:
        placed = solved(scene, shelf, seed)
    except UnsatisfiableLayout as error:
        assert_minimal(scene, [r for r in constraints_of(scene) if describe(r) in error.conflict], shelf)
    else:
        assert judge(scene.relations, placed).satisfied


def test_a_crowd_is_told_from_a_contradiction() -> None:
    crowd = Shelf()
    add_table(crowd)
    names = [add_box(crowd, f"box_{n}", (0.2, 0.2, 0.1)) for n in range(12)]
    with pytest.raises(LayoutExhausted, match="12 bodies"):
        solve(graph(names, [LeftOf(subject="box_0", anchor="box_1")]), crowd, np.random.default_rng(0))


def test_a_chain_is_laid_as_long_as_the_table_is_wide_and_no_longer() -> None:
    drums = Shelf()
    add_table(drums)
    names = [add_can(drums, f"drum_{n}", 0.07, 0.1) for n in range(6)]
    chain = [LeftOf(subject=one, anchor=other) for one, other in pairwise(names)]
    placed = solved(graph(names[:5], chain[:4]), drums)
    assert judge(chain[:4], placed).satisfied
    with pytest.raises(UnsatisfiableLayout) as caught:
        solve(graph(names, chain), drums, np.random.default_rng(0))
    assert set(caught.value.conflict) == set(map(describe, chain))


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        (LeftOf(subject="nobody", anchor="bowl"), "no node 'nobody'"),
        (Between(subject="bowl", first="plate", second="void"), "no node 'void'"),
        (In(subject="bowl", anchor="bowl"), "different nodes"),
        (Between(subject="bowl", first="plate", second="plate"), "different nodes"),
    ],
)
def test_relations_of_unknown_nodes_are_refused(shelf: Shelf, relation: AnyRelation, message: str) -> None:
    scene = graph(["bowl", "plate"], [relation])
    with pytest.raises(InvalidSceneGraph, match=message):
        solve(scene, shelf, np.random.default_rng(0))
    with pytest.raises(InvalidSceneGraph, match=message):
        judge([relation], solved(graph(["bowl", "plate"]), shelf))


def test_unknown_assets_and_repeated_nodes_are_refused(shelf: Shelf) -> None:
    with pytest.raises(InvalidSceneGraph, match="teapot"):
        solve(graph(["bowl", "teapot"]), shelf, np.random.default_rng(0))
    with pytest.raises(InvalidSceneGraph, match="twice"):
        solve(graph(["bowl", "bowl"]), shelf, np.random.default_rng(0))


def test_scene_graphs_from_files_are_checked() -> None:
    node = {"name": "bowl", "asset_id": "bowl", "role": "container"}
    workspace = {"lower": [0.3, -0.4], "upper": [0.7, 0.4]}
    plain = {"nodes": [node], "workspace": workspace, "table_id": "table"}
    assert parse_scene_graph(plain, "graph.yaml").nodes == (Node(**node),)
    for relation in (
        {"kind": "astride", "subject": "bowl", "anchor": "bowl"},
        {"kind": "on", "subject": "bowl", "anchor": "plate"},
        {"kind": "on", "subject": "bowl"},
    ):
        with pytest.raises(InvalidSceneGraph) as caught:
            parse_scene_graph({**plain, "relations": [relation]}, "graph.yaml")
        assert "\n" not in str(caught.value)


def test_limits_are_honoured(shelf: Shelf) -> None:
    limits = SolverLimits(clearance=0.04, base_radius=0.4)
    scene = graph(["bowl", "can_0", "can_1", "block_2"])
    placed = place(scene, solve(scene, shelf, np.random.default_rng(0), limits=limits), shelf)
    assert min(gaps(scene, placed)) >= 0.04
    assert min(np.hypot(*np.array(b.footprint.exterior.coords).T).min() for b in placed.bodies.values()) >= 0.4
    solve(
        scene,
        shelf,
        np.random.default_rng(0),
        limits=SolverLimits(clearance=0.0, target_clearance=0.0, base_radius=0.0),
    )
