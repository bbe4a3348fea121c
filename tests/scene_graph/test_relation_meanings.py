"""What the relations mean, one by one: the cases that a person would argue about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from assets_index.transforms import Pose, rotation_about
from scene_graph.landmarks import landmark_words
from scene_graph.placed import PlacedBody
from scene_graph.polygons import sample_inside
from scene_graph.relations import (
    AlignedWith,
    AnyRelation,
    Behind,
    Between,
    ClosestTo,
    Directional,
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
    statement,
)
from tests.scene_graph.graphs import body, examples, moved, scene_of
from tests.scene_graph.relation_cases import BLOCKS, CANS, KINDS, ZONE
from tests.scene_graph.shapes import Shelf

DIRECTIONS = (LeftOf, RightOf, InFrontOf, Behind)
OBJECTS = BLOCKS + CANS

coordinates = st.floats(-0.3, 0.3)
yaws = st.floats(-np.pi, np.pi)
seeds = st.integers(0, 2**32 - 1)


@examples
@given(coordinates, coordinates, coordinates, coordinates, yaws, yaws, st.sampled_from(OBJECTS))
def test_at_most_one_direction_of_a_frame_holds(
    shelf: Shelf, x0: float, y0: float, x1: float, y1: float, yaw: float, view: float, first: str
) -> None:
    scene = scene_of(body(shelf, first, x0, y0, yaw=yaw, name="a"), body(shelf, "can_3", x1, y1, name="b"))
    for frame in ({}, {"frame": "camera", "yaw": view}):
        said = [kind(subject="a", anchor="b", **frame) for kind in DIRECTIONS]
        assert sum(relation.holds(scene).holds for relation in said) <= 1
        for one in said:
            assert all(one.excludes(other) == (one != other) for other in said)
            assert all(one.excludes(other.inverse("b")) == (one != other) for other in said)


@examples
@given(x=coordinates, y=coordinates, view=yaws)
def test_a_camera_that_turns_sees_what_the_robot_sees_of_a_turned_scene(
    shelf: Shelf, x: float, y: float, view: float
) -> None:
    here = scene_of(body(shelf, "can_1", x, y, name="a"), body(shelf, "block_2", 0.1, 0.2, name="b"))
    turn = np.eye(4)
    turn[:3, :3] = rotation_about((0.0, 0.0, 1.0), view)
    there = here.with_poses({name: Pose.from_matrix(turn @ placed.pose.matrix) for name, placed in here.bodies.items()})
    for kind in DIRECTIONS:
        seen = kind(subject="a", anchor="b", frame="camera", yaw=view).holds(there).margin
        assert seen == pytest.approx(kind(subject="a", anchor="b").holds(here).margin, abs=1e-9)


def test_a_frame_states_where_one_looks() -> None:
    with pytest.raises(ValidationError, match="needs a yaw"):
        LeftOf(subject="a", anchor="b", frame="camera")
    with pytest.raises(ValidationError, match="robot looks along"):
        LeftOf(subject="a", anchor="b", yaw=1.0)


@examples
@given(seed=seeds)
def test_of_two_candidates_one_is_closest_where_the_other_is_farthest(shelf: Shelf, seed: int) -> None:
    rng = np.random.default_rng(seed)
    things = [body(shelf, f"can_{n}", *rng.uniform(-0.3, 0.3, 2), name=name) for n, name in enumerate("ab")]
    scene = scene_of(*things, body(shelf, "bowl", 0.0, 0.0))
    closest = ClosestTo(subject="a", anchor="bowl", others=("b",))
    farthest = closest.inverse("b")
    assert farthest == FarthestFrom(subject="b", anchor="bowl", others=("a",))
    assert farthest.inverse("a") == closest
    assert closest.holds(scene) == farthest.holds(scene)
    swapped = ClosestTo(subject="b", anchor="bowl", others=("a",))
    assert not (closest.holds(scene).holds and swapped.holds(scene).holds)
    assert closest.excludes(swapped)
    assert closest.excludes(FarthestFrom(subject="a", anchor="bowl", others=("b", "c")))
    assert not closest.excludes(farthest)


@examples
@given(seed=seeds, number=st.integers(0, 1))
def test_rankings_place_their_anchor_and_their_rivals_too(shelf: Shelf, seed: int, number: int) -> None:
    rng = np.random.default_rng(seed)
    kind = (ClosestTo, FarthestFrom)[number]
    relation = kind(subject="a", anchor="bowl", others=("b", "c"))
    scene = scene_of(
        body(shelf, "can_0", 0.4, 0.1, name="a"),
        body(shelf, "block_1", 0.5, -0.3, name="b"),
        body(shelf, "can_2", 0.7, 0.4, name="c"),
        body(shelf, "bowl", *((0.55, 0.05), (0.6, 0.3))[number], yaw=rng.uniform(-3, 3)),
    )
    for name in ("bowl", "b"):
        others = {key: placed for key, placed in scene.bodies.items() if key != name}
        region = relation.anchor_region(scene[name], others).intersection(shelf_box())
        hits = 0
        for _ in range(10):
            point = sample_inside(region, rng)
            assert point is not None
            offset = point - np.array(scene[name].pose.position[:2])
            hits += relation.holds(moved(scene, name, (*offset, 0.0))).holds
        assert hits == 10 if name == "b" else hits >= 5


def shelf_box() -> shapely.Polygon:
    return shapely.box(-0.2, -0.8, 1.2, 0.8)


def test_stacked_asks_that_nothing_else_carries(shelf: Shelf) -> None:
    block, tower = shelf.asset("block_1"), StackedOn(subject="thing", anchor="block_1")
    height = block.extents[2]
    base, thing = body(shelf, "block_1", 0.5, 0.0), body(shelf, "block_2", 0.5, 0.01, height, name="thing")
    assert tower.holds(scene_of(base, thing)).holds
    assert not tower.holds(scene_of(base, body(shelf, "block_2", 0.5, 0.2, name="thing"))).holds, "beside it"
    beside = body(shelf, "block_1", 0.5, block.extents[1] + 0.002, name="twin")
    leaning = body(shelf, "block_2", 0.5, 0.45 * block.extents[1], height, name="thing")
    assert On(subject="thing", anchor="block_1").holds(scene_of(base, leaning, beside)).holds
    assert not tower.holds(scene_of(base, leaning, beside)).holds, "half on its twin"
    assert tower.holds(scene_of(base, thing, body(shelf, "can_1", 0.5, 0.01, height + 0.2))).holds, "under a can"
    bowl = body(shelf, "wide_bowl", 0.5, 0.0)
    inside = [moved(scene_of(part), part.name, (0.0, 0.0, 0.01))[part.name] for part in (base, thing)]
    assert tower.holds(scene_of(bowl, *inside)).holds, "a tower in a bowl"


def test_what_lies_is_not_upright_and_what_is_upside_down_is_neither(shelf: Shelf) -> None:
    upright, lying = Upright(subject="can_0"), Lying(subject="can_0")
    can = body(shelf, "can_0", 0.5, 0.0)
    for angle, held in ((0.0, [upright]), (np.pi / 2, [lying]), (np.pi, []), (np.pi / 4, [])):
        rotation = np.eye(4)
        rotation[:3, :3] = rotation_about((1.0, 0.0, 0.0), angle)
        scene = scene_of(replace(can, pose=Pose.from_matrix(rotation)))
        assert [relation for relation in (upright, lying) if relation.holds(scene).holds] == held
    assert upright.excludes(lying)
    assert not upright.excludes(Lying(subject="can_1"))


def test_facing_needs_a_front_that_is_seen_from_above(shelf: Shelf) -> None:
    scene = scene_of(body(shelf, "block_0", 0.5, 0.0, yaw=np.pi / 2), body(shelf, "bowl", 0.5, 0.3))
    fronts = ("x", "-x", "y", "-y", "z", "-z")
    facing = [Facing(subject="block_0", anchor="bowl", front=front) for front in fronts]
    assert [relation.holds(scene).holds for relation in facing] == [True, False, False, False, False, False]
    assert facing[4].region(scene["block_0"], {"bowl": scene["bowl"]}).is_empty
    assert facing[0].excludes(facing[1])
    assert not facing[0].excludes(facing[2])


def test_landmarks_are_anchors_like_bodies(shelf: Shelf) -> None:
    can = body(shelf, "can_0", 0.45, -0.2)
    scene = scene_of(can, regions=ZONE)
    assert On(subject="can_0", anchor="zone").holds(scene).holds
    assert not On(subject="can_0", anchor="zone").holds(moved(scene, "can_0", (0.0, 0.3, 0.0))).holds
    assert not On(subject="can_0", anchor="zone").holds(moved(scene, "can_0", (0.0, 0.0, 0.02))).holds
    assert not On(subject="can_0", anchor="robot_base").holds(scene).holds
    assert Behind(subject="can_0", anchor="robot_base").holds(scene).holds
    assert On(subject="can_0", anchor="zone").holds(scene.with_poses({"can_0": can.pose})).holds


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


PHRASES: Mapping[AnyRelation, str] = {
    In(subject="a", anchor="bowl_1"): "in the blue bowl",
    On(subject="a", anchor="bowl_1"): "on the blue bowl",
    StackedOn(subject="a", anchor="bowl_1"): "stacked on the blue bowl",
    Near(subject="a", anchor="bowl_1"): "near the blue bowl",
    LeftOf(subject="a", anchor="bowl_1"): "to the left of the blue bowl",
    RightOf(subject="a", anchor="bowl_1"): "to the right of the blue bowl",
    InFrontOf(subject="a", anchor="bowl_1"): "in front of the blue bowl",
    Behind(subject="a", anchor="bowl_1", frame="camera", yaw=1.0): "behind the blue bowl as the camera sees it",
    LeftOf(subject="a", anchor="bowl_1", frame="table", yaw=np.pi): (
        "to the left of the blue bowl as seen from the front edge of the table"
    ),
    Behind(subject="a", anchor="bowl_1"): "behind the blue bowl",
    Between(subject="a", first="bowl_1", second="mug_2"): "between the blue bowl and the mug",
    ClosestTo(subject="a", anchor="bowl_1", others=("mug_2",)): "closer to the blue bowl than the mug",
    FarthestFrom(subject="a", anchor="robot_base", others=("mug_2", "bowl_1")): (
        "farther from the robot base than the mug and the blue bowl"
    ),
    AlignedWith(subject="a", anchor="mug_2"): "aligned with the mug",
    Facing(subject="a", anchor="zone_3", front="-x"): "facing the far corner",
    Upright(subject="a"): "upright",
    Lying(subject="a"): "lying on its side",
}


def test_phrases_and_serialisation() -> None:
    names = {
        "bowl_1": "the blue bowl",
        "mug_2": "the mug",
        "robot_base": landmark_words("robot_base"),
        "zone_3": landmark_words("far_corner"),
    }
    adapter: TypeAdapter[AnyRelation] = TypeAdapter(AnyRelation)
    assert {relation.kind for relation in PHRASES} == set(KINDS)
    for relation, phrase in PHRASES.items():
        assert relation.phrase(names) == phrase
        assert adapter.validate_json(adapter.dump_json(relation)) == relation
    assert statement(In(subject="a", anchor="bowl_1")) == "a in bowl_1"
