"""For every relation: its region makes it hold, and changing the subject by more than the margin makes it fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_index.transforms import Pose, rotation_about
from scene_graph.judge import judge
from scene_graph.placed import place
from scene_graph.solver import solve
from scene_graph.task import Node, Rect, SceneGraph
from tests.scene_graph.graphs import examples, moved
from tests.scene_graph.relation_cases import CASES, ELSEWHERE, INVERSES, KINDS, ZONE, directions, true_scene
from tests.scene_graph.shapes import Shelf, add_box

seeds = st.integers(0, 2**32 - 1)
cases = pytest.mark.parametrize("name", CASES)


@pytest.fixture(scope="module")
def shelf(shelf: Shelf) -> Shelf:
    """The things of all tests, and a slab."""
    wider = Shelf()
    wider.assets, wider.pieces = dict(shelf.assets), dict(shelf.pieces)
    add_box(wider, "slab", (0.16, 0.13, 0.04))
    return wider


def test_every_kind_of_relation_has_its_cases() -> None:
    assert {case.relation.kind for case in CASES.values()} == set(KINDS)
    assert set(INVERSES) == set(KINDS)


def test_every_kind_of_relation_is_documented() -> None:
    table = (Path(__file__).parents[2] / "docs" / "relations.md").read_text()
    assert [kind for kind in (*KINDS, *ELSEWHERE) if f"`{kind}`" not in table] == []


@cases
@examples
@given(number=st.integers(0, 19), seed=seeds)
def test_region_makes_it_hold_and_a_change_past_the_margin_undoes_it(
    shelf: Shelf, name: str, number: int, seed: int
) -> None:
    case = CASES[name]
    scene = true_scene(shelf, case, case.assets[number % len(case.assets)], seed)
    verdict = case.relation.holds(scene)
    assert verdict.holds
    assert verdict.margin >= -1e-9
    around = np.random.default_rng(seed).normal(size=(12, 3))
    for direction in around / np.linalg.norm(around, axis=1, keepdims=True):
        assert case.relation.holds(case.change(scene, 0.999 * verdict.margin, direction)).holds
    beyond = verdict.margin * 1.02 + 1e-4
    assert any(not case.relation.holds(case.change(scene, beyond, way)).holds for way in directions(64))


@cases
@examples
@given(number=st.integers(0, 19), seed=seeds)
def test_margin_never_changes_faster_than_the_subject_moves(shelf: Shelf, name: str, number: int, seed: int) -> None:
    case, rng = CASES[name], np.random.default_rng(seed)
    scene = true_scene(shelf, case, case.assets[number % len(case.assets)], seed)
    scene = moved(scene, "thing", rng.normal(size=3) * 0.1)
    step = rng.normal(size=3) * 0.02
    change = case.relation.holds(moved(scene, "thing", step)).margin - case.relation.holds(scene).margin
    assert abs(change) <= np.linalg.norm(step) + 1e-9


@cases
@examples
@given(seed=seeds)
def test_the_solver_makes_it_hold(shelf: Shelf, name: str, seed: int) -> None:
    case = CASES[name]
    asset_id = case.assets[seed % len(case.assets)]
    nodes = [Node(name=other, asset_id=other, role="container") for other in ("bowl", "plate", "slab")]
    nodes.append(Node(name="thing", asset_id=asset_id, role="target", orientation=case.orientation))  # type: ignore[arg-type]
    graph = SceneGraph(
        nodes=tuple(nodes),
        relations=(case.relation,),
        workspace=Rect(lower=(0.28, -0.5), upper=(0.9, 0.5)),
        table_id="table",
        regions=ZONE,
    )
    placed = place(graph, solve(graph, shelf, np.random.default_rng(seed)), shelf)
    assert judge(graph.relations, placed).satisfied


@cases
@examples
@given(seed=seeds, number=st.integers(0, 19))
def test_inverse_relations_agree(shelf: Shelf, name: str, seed: int, number: int) -> None:
    """True or not: what is said of the anchor is as true, by the same margin, as what is said of the subject."""
    case, rng = CASES[name], np.random.default_rng(seed)
    relation, anchor = case.relation, case.relation.anchors[0] if case.relation.anchors else ""
    inverse = relation.inverse(anchor)
    assert (None if inverse is None else inverse.kind) == INVERSES[relation.kind]
    if inverse is None:
        return
    scene = true_scene(shelf, case, case.assets[number % len(case.assets)], seed)
    turn = rotation_about((0.0, 0.0, 1.0), rng.uniform(0.0, 0.4))
    pose = scene["thing"].pose.matrix
    pose[:3, :3] = turn @ pose[:3, :3]
    scene = moved(scene.with_poses({"thing": Pose.from_matrix(pose)}), "thing", rng.normal(size=3) * 0.1)
    assert inverse.subject == anchor
    assert inverse.inverse("thing") == relation
    assert inverse.holds(scene).margin == pytest.approx(relation.holds(scene).margin, abs=1e-12)
