"""Where a thing may be put down: beside what is there already, on top of others, next to something on the table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataengine.skills.destination import Destination
from scene_graph.placed import PlacedScene
from scene_graph.polygons import sample_inside
from scene_graph.relations import In, Near, On
from scene_graph.relations.base import Relation
from tests.scene_graph.graphs import body, examples, moved, scene_of
from tests.scene_graph.shapes import Shelf, add_bowl, add_box


@pytest.fixture(scope="module")
def things() -> Shelf:
    shelf = Shelf()
    add_bowl(shelf, "bowl", radius=0.1)
    add_bowl(shelf, "cup", radius=0.045)
    add_box(shelf, "block", (0.05, 0.04, 0.04))
    add_box(shelf, "brick", (0.06, 0.04, 0.05))
    add_box(shelf, "die", (0.03, 0.03, 0.03))
    return shelf


def destination(scene: PlacedScene, *relations: Relation) -> Destination:
    return Destination(relations, scene, "block", np.empty((0, 3)), 0.04)


def put_down(scene: PlacedScene, there: Destination, seed: int) -> PlacedScene:
    """The block somewhere in the region, its lowest point as low as is tried first."""
    block = scene["block"]
    spot = sample_inside(there.region(block), np.random.default_rng(seed))
    assert spot is not None
    x, y, z = block.pose.position
    return moved(scene, "block", (spot[0] - x, spot[1] - y, there.heights((0.0, 0.01))[0] - z))


@examples
@given(seed=st.integers(0, 10_000), yaw=st.floats(-3.0, 3.0), aside=st.floats(-0.03, 0.03))
def test_beside_what_lies_in_the_vessel(things: Shelf, seed: int, yaw: float, aside: float) -> None:
    scene = scene_of(
        body(things, "bowl", 0.5, 0.1),
        body(things, "die", 0.5 + aside, 0.14, 0.01),
        body(things, "block", 0.5, -0.2, yaw=yaw),
    )
    relation = In(subject="block", anchor="bowl")
    after = put_down(scene, destination(scene, relation), seed)
    assert relation.holds(after).holds
    assert after["block"].footprint.distance(after["die"].footprint) > 0.0


def test_on_top_of_others_where_a_vessel_is_full(things: Shelf) -> None:
    scene = scene_of(
        body(things, "bowl", 0.5, 0.1), body(things, "brick", 0.5, 0.1, 0.01), body(things, "block", 0.5, -0.2)
    )
    there = destination(scene, In(subject="block", anchor="bowl"))
    assert there.region(scene["block"]).area > 0.0
    assert max(there.heights((0.0, 0.06))) >= scene["brick"].top


def test_no_place_on_a_surface_that_is_taken(things: Shelf) -> None:
    scene = scene_of(
        body(things, "brick", 0.5, 0.1), body(things, "die", 0.5, 0.1, 0.05), body(things, "block", 0.5, -0.2)
    )
    assert destination(scene, On(subject="block", anchor="brick")).region(scene["block"]).area < 1e-4


@examples
@given(seed=st.integers(0, 10_000), yaw=st.floats(-3.0, 3.0), floor=st.sampled_from([0.0, 0.04]))
def test_on_the_highest_of_a_stack(things: Shelf, seed: int, yaw: float, floor: float) -> None:
    below = [body(things, "die", 0.5, 0.1)] if floor else []
    scene = scene_of(*below, body(things, "brick", 0.5, 0.1, floor), body(things, "block", 0.5, -0.2, yaw=yaw))
    relation = On(subject="block", anchor="brick")
    after = put_down(scene, destination(scene, relation), seed)
    assert relation.holds(after).holds
    assert after["block"].bottom == pytest.approx(floor + 0.05)


@examples
@given(seed=st.integers(0, 10_000), yaw=st.floats(-3.0, 3.0))
def test_next_to_something_and_on_nothing(things: Shelf, seed: int, yaw: float) -> None:
    scene = scene_of(
        body(things, "brick", 0.5, 0.1, yaw=1.0),
        body(things, "die", 0.5, 0.16),
        body(things, "block", 0.5, -0.2, yaw=yaw),
    )
    relation = Near(subject="block", anchor="brick", distance=0.05)
    after = put_down(scene, destination(scene, relation), seed)
    assert relation.holds(after).holds
    assert after["block"].bottom == pytest.approx(0.0, abs=1e-9)
    for other in ("brick", "die"):
        assert after["block"].footprint.distance(after[other].footprint) > 0.003
