"""For every relation: its region makes it hold, and moving the subject past the margin makes it fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from assets_index.transforms import Pose
from scene_graph.placed import PlacedBody, PlacedScene
from scene_graph.polygons import placements_within_gap, sample_inside
from scene_graph.relations import (
    AnyRelation,
    Behind,
    Between,
    Directional,
    In,
    InFrontOf,
    LeftOf,
    Near,
    On,
    Relation,
    RightOf,
    statement,
)
from scene_graph.relations.base import at_origin
from tests.scene_graph.graphs import body, examples, moved, scene_of
from tests.scene_graph.shapes import Shelf

DIRECTIONS = (LeftOf, RightOf, InFrontOf, Behind)
OBJECTS = tuple(f"{kind}_{number}" for kind in ("block", "can") for number in range(10))

coordinates = st.floats(-0.3, 0.3)
yaws = st.floats(-np.pi, np.pi)
seeds = st.integers(0, 2**32 - 1)


def relation_of(kind: str) -> Relation:
    """A relation of "thing" to the bowl, the plate, or both."""
    made: dict[str, Relation] = {
        "in": In(subject="thing", anchor="bowl"),
        "on": On(subject="thing", anchor="plate"),
        "near": Near(subject="thing", anchor="bowl"),
        "left_of": LeftOf(subject="thing", anchor="bowl"),
        "right_of": RightOf(subject="thing", anchor="bowl"),
        "in_front_of": InFrontOf(subject="thing", anchor="bowl"),
        "behind": Behind(subject="thing", anchor="bowl"),
        "between": Between(subject="thing", first="bowl", second="plate"),
    }
    return made[kind]


ALL_KINDS = ("in", "on", "near", "left_of", "right_of", "in_front_of", "behind", "between")


def placed_by_region(shelf: Shelf, kind: str, asset_id: str, seed: int) -> tuple[PlacedScene, Relation]:
    """A scene in which the subject stands where the relation's region says."""
    rng = np.random.default_rng(seed)
    relation = relation_of(kind)
    bowl = body(shelf, "bowl", *rng.uniform(-0.2, 0.2, 2), yaw=rng.uniform(-3, 3))
    plate = body(shelf, "plate", bowl.pose.position[0] + 0.45, bowl.pose.position[1], yaw=rng.uniform(-3, 3))
    height = {"in": 0.01, "on": 0.015}.get(kind, 0.0)
    thing = body(shelf, asset_id, 0.3, -0.2, height, yaw=rng.uniform(-3, 3), name="thing")
    anchors = {"bowl": bowl, "plate": plate}
    region = relation.region(thing, anchors).intersection(shapely.box(-1.0, -1.0, 1.0, 1.0))
    if kind == "near":  # of bodies that overlap, the margin is only a lower bound
        region = region.difference(placements_within_gap(bowl.footprint, at_origin(thing), 0.0))
    point = sample_inside(region, rng)
    assert point is not None
    position = (float(point[0]), float(point[1]), height)
    thing = replace(thing, pose=Pose(position=position, quaternion=thing.pose.quaternion))
    return scene_of(thing, bowl, plate), relation


@pytest.mark.parametrize("kind", ALL_KINDS)
@examples
@given(asset_id=st.sampled_from(OBJECTS), seed=seeds)
def test_region_makes_it_hold_and_a_move_past_the_margin_undoes_it(
    shelf: Shelf, kind: str, asset_id: str, seed: int
) -> None:
    scene, relation = placed_by_region(shelf, kind, asset_id, seed)
    verdict = relation.holds(scene)
    assert verdict.holds
    assert verdict.margin >= -1e-9
    directions = np.random.default_rng(seed).normal(size=(12, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for direction in directions:
        assert relation.holds(moved(scene, "thing", 0.999 * verdict.margin * direction)).holds
    assert undoing_distance(scene, relation) <= verdict.margin * 1.02 + 1.001e-4


def undoing_distance(scene: PlacedScene, relation: Relation) -> float:
    """The least translation, among many directions, after which the relation no longer holds."""
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    level = np.stack([np.cos(angles), np.sin(angles), np.zeros(64)], 1)
    margin = relation.holds(scene).margin
    for direction in ((0, 0, 1), (0, 0, -1), *level):
        step = (margin * 1.02 + 1e-4) * np.asarray(direction)
        if not relation.holds(moved(scene, "thing", step)).holds:
            return float(np.linalg.norm(step))
    return np.inf


@pytest.mark.parametrize("kind", ALL_KINDS)
@examples
@given(asset_id=st.sampled_from(OBJECTS), seed=seeds)
def test_margin_never_changes_faster_than_the_subject_moves(shelf: Shelf, kind: str, asset_id: str, seed: int) -> None:
    scene, relation = placed_by_region(shelf, kind, asset_id, seed)
    rng = np.random.default_rng(seed)
    scene = moved(scene, "thing", rng.normal(size=3) * 0.1)
    step = rng.normal(size=3) * 0.02
    change = relation.holds(moved(scene, "thing", step)).margin - relation.holds(scene).margin
    assert abs(change) <= np.linalg.norm(step) + 1e-9


@examples
@given(coordinates, coordinates, coordinates, coordinates, yaws, st.sampled_from(OBJECTS), st.sampled_from(OBJECTS))
def test_inverse_relations_agree(
    shelf: Shelf, x0: float, y0: float, x1: float, y1: float, yaw: float, first: str, second: str
) -> None:
    scene = scene_of(body(shelf, first, x0, y0, yaw=yaw, name="a"), body(shelf, second, x1, y1, name="b"))
    for kind in (*DIRECTIONS, Near):
        relation = kind(subject="a", anchor="b")
        inverse = relation.inverse("b")
        assert inverse is not None
        assert inverse.subject == "b"
        assert inverse.inverse("a") == relation
        assert relation.holds(scene) == inverse.holds(scene)
    held = [kind for kind in DIRECTIONS if kind(subject="a", anchor="b").holds(scene).holds]
    assert len(held) <= 1


@examples
@given(coordinates, coordinates, coordinates, coordinates, st.sampled_from(OBJECTS))
def test_between_does_not_depend_on_the_order_of_its_anchors(
    shelf: Shelf, x0: float, y0: float, x1: float, y1: float, asset_id: str
) -> None:
    scene = scene_of(
        body(shelf, asset_id, 0.0, 0.0, name="a"), body(shelf, "can_1", x0, y0), body(shelf, "block_2", x1, y1)
    )
    one = Between(subject="a", first="can_1", second="block_2").holds(scene)
    other = Between(subject="a", first="block_2", second="can_1").holds(scene)
    assert one.holds == other.holds
    assert np.isclose(one.margin, other.margin)


@pytest.mark.parametrize("kind", [*DIRECTIONS, Near])
@examples
@given(x=coordinates, y=coordinates, asset_id=st.sampled_from(OBJECTS), yaw=yaws)
def test_region_and_verdict_agree_everywhere(
    shelf: Shelf, kind: type[Directional], x: float, y: float, asset_id: str, yaw: float
) -> None:
    thing, bowl = body(shelf, asset_id, x, y, yaw=yaw, name="thing"), body(shelf, "bowl", 0.05, -0.03, yaw=0.3)
    relation = kind(subject="thing", anchor="bowl")
    verdict = relation.holds(scene_of(thing, bowl))
    region = relation.region(thing, {"bowl": bowl})
    inside = region.contains(body_point(thing))
    if abs(verdict.margin) > 0.01:  # the arcs of a region may be off by a tenth of their radius
        assert inside == verdict.holds


def body_point(thing: PlacedBody) -> shapely.Point:
    return shapely.Point(thing.pose.position[:2])


@examples
@given(
    x=coordinates,
    y=coordinates,
    asset_id=st.sampled_from(OBJECTS),
    seed=seeds,
    side=st.sampled_from(["first", "second"]),
)
def test_an_anchor_put_beyond_the_subject_has_it_between(
    shelf: Shelf, x: float, y: float, asset_id: str, seed: int, side: str
) -> None:
    rng = np.random.default_rng(seed)
    thing, bowl = body(shelf, asset_id, x, y, name="thing"), body(shelf, "bowl", 0.9, 0.0)
    names = ("plate", "bowl") if side == "first" else ("bowl", "plate")
    relation = Between(subject="thing", first=names[0], second=names[1])
    yaw = rng.uniform(-3, 3)
    plate = body(shelf, "plate", 0.0, 0.0, yaw=yaw)
    region = relation.anchor_region(plate, {"thing": thing, "bowl": bowl}).buffer(-0.003)
    point = sample_inside(region, rng)
    assert point is not None
    plate = body(shelf, "plate", float(point[0]), float(point[1]), yaw=yaw)
    assert relation.holds(scene_of(thing, bowl, plate)).holds


def test_directions_are_those_of_a_robot_that_looks_along_x(shelf: Shelf) -> None:
    scene = scene_of(body(shelf, "can_0", 0.5, 0.2), body(shelf, "can_1", 0.5, 0.0), body(shelf, "can_2", 0.3, 0.0))
    assert LeftOf(subject="can_0", anchor="can_1").holds(scene).holds
    assert RightOf(subject="can_1", anchor="can_0").holds(scene).holds
    assert InFrontOf(subject="can_2", anchor="can_1").holds(scene).holds
    assert Behind(subject="can_1", anchor="can_2").holds(scene).holds


def test_in_asks_for_the_inside_and_not_for_the_bounding_box(shelf: Shelf) -> None:
    relation = In(subject="can_0", anchor="bowl")
    bowl = body(shelf, "bowl", 0.5, 0.0)
    assert relation.holds(scene_of(bowl, body(shelf, "can_0", 0.5, 0.0, 0.01))).holds
    in_the_corner_of_the_bounding_box = body(shelf, "can_0", 0.5 + 0.08, 0.08, 0.01)
    assert not relation.holds(scene_of(bowl, in_the_corner_of_the_bounding_box)).holds
    assert not relation.holds(scene_of(bowl, body(shelf, "can_0", 0.5, 0.0, 0.07))).holds, "hovers above the rim"
    assert not relation.holds(scene_of(bowl, body(shelf, "can_0", 0.5, 0.0, -0.05))).holds, "is under the bowl"


def test_an_overturned_bowl_holds_nothing(shelf: Shelf) -> None:
    overturned = replace(
        body(shelf, "bowl", 0.5, 0.0), pose=Pose(position=(0.5, 0.0, 0.06), quaternion=(0.0, 1.0, 0.0, 0.0))
    )
    scene = scene_of(overturned, body(shelf, "block_0", 0.5, 0.0, 0.0))
    assert not In(subject="block_0", anchor="bowl").holds(scene).holds


def test_on_asks_for_contact_and_for_the_mass_over_the_surface(shelf: Shelf) -> None:
    relation, plate = On(subject="can_0", anchor="plate"), body(shelf, "plate", 0.5, 0.0)
    assert relation.holds(scene_of(plate, body(shelf, "can_0", 0.5, 0.05, 0.016))).holds
    assert not relation.holds(scene_of(plate, body(shelf, "can_0", 0.5, 0.05, 0.025))).holds
    assert not relation.holds(scene_of(plate, body(shelf, "can_0", 0.5, 0.11, 0.015))).holds


def test_what_has_no_cavity_or_surface_holds_nothing(shelf: Shelf) -> None:
    scene = scene_of(
        body(shelf, "plate", 0.5, 0.0), body(shelf, "bowl", 0.2, 0.0), body(shelf, "can_0", 0.5, 0.0, 0.015)
    )
    for relation in (In(subject="can_0", anchor="plate"), On(subject="can_0", anchor="bowl")):
        assert relation.holds(scene).margin < -1.0
        assert relation.region(scene["can_0"], {"plate": scene["plate"], "bowl": scene["bowl"]}).is_empty


def test_phrases_and_serialisation() -> None:
    names = {"bowl_1": "the blue bowl", "mug_2": "the mug"}
    phrases = {
        In(subject="a", anchor="bowl_1"): "in the blue bowl",
        On(subject="a", anchor="bowl_1"): "on the blue bowl",
        Near(subject="a", anchor="bowl_1"): "near the blue bowl",
        LeftOf(subject="a", anchor="bowl_1"): "to the left of the blue bowl",
        RightOf(subject="a", anchor="bowl_1"): "to the right of the blue bowl",
        InFrontOf(subject="a", anchor="bowl_1"): "in front of the blue bowl",
        Behind(subject="a", anchor="bowl_1"): "behind the blue bowl",
        Between(subject="a", first="bowl_1", second="mug_2"): "between the blue bowl and the mug",
    }
    adapter: TypeAdapter[AnyRelation] = TypeAdapter(AnyRelation)
    for relation, phrase in phrases.items():
        assert relation.phrase(names) == phrase
        assert adapter.validate_json(adapter.dump_json(relation)) == relation
    assert statement(In(subject="a", anchor="bowl_1")) == "a in bowl_1"
