"""Relations about moving parts: true where the joint says so, undone by a move past the margin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_index.articulation import MovingPart
from assets_index.builder import BuiltAsset
from assets_index.procedural.library import build
from assets_index.transforms import Pose, apply, rotation_z
from scene_graph.placed import PlacedBody, PlacedScene, joined_joints, joint_values, split_joints
from scene_graph.polygons import sample_inside
from scene_graph.relations import Closed, InsideDrawer, Open, Pressed, Relation, Released
from scene_graph.stance import convex_vertices
from tests.scene_graph.relation_cases import ELSEWHERE
from tests.scene_graph.shapes import Shelf, add_box

STATES: tuple[type[Open | Closed | Pressed | Released], ...] = (Open, Closed, Pressed, Released)
THINGS = [build(category, 1) for category in ("drawer cabinet", "cupboard", "button panel")]
CABINET = THINGS[0]
POSES = st.builds(
    lambda x, y, yaw: placed_pose(x, y, yaw), st.floats(0.3, 0.7), st.floats(-0.3, 0.3), st.floats(-3.0, 3.0)
)


def placed_pose(x: float, y: float, yaw: float) -> Pose:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation_z(yaw), (x, y, 0.0)
    return Pose.from_matrix(matrix)


def parts_of(thing: BuiltAsset) -> tuple[MovingPart, ...]:
    assert thing.asset.articulation is not None
    return thing.asset.articulation.parts


def body_of(thing: BuiltAsset, pose: Pose, **joints: float) -> PlacedBody:
    named = {name.replace("_", " "): value for name, value in joints.items()}
    return PlacedBody("fixture", thing.asset, pose, thing.hulls, joint_values(thing.asset, named))


def with_value(body: PlacedBody, part: MovingPart, value: float) -> PlacedBody:
    return replace(body, joints=joint_values(body.asset, {part.name: value}))


def scene_of(*bodies: PlacedBody) -> PlacedScene:
    return PlacedScene({body.name: body for body in bodies})


@given(pose=POSES, number=st.integers(0, len(THINGS) - 1), share=st.floats(0.0, 1.0))
@settings(max_examples=60)
def test_a_state_holds_by_its_margin_and_no_farther(pose: Pose, number: int, share: float) -> None:
    thing = THINGS[number]
    for part in parts_of(thing):
        body = with_value(body_of(thing, pose), part, share * part.travel)
        for state in STATES:
            relation = state(subject="fixture", part=part.name)
            verdict = relation.holds(scene_of(body))
            if part.kind not in relation.of:
                assert verdict.margin < -1.0
                continue
            assert verdict.holds == (relation.region(body, {}).area > 0.0)
            towards = 1.0 if isinstance(relation, Closed | Released) else -1.0
            for change, flips in ((verdict.margin * 0.99 - 1e-9, False), (verdict.margin * 1.01 + 1e-9, True)):
                value = share * part.travel + towards * change / part.lever
                after = relation.holds(scene_of(with_value(body, part, value)))
                assert (after.holds != verdict.holds) == flips or not verdict.holds


@given(pose=POSES, share=st.floats(0.0, 1.0))
@settings(max_examples=30)
def test_contrary_states_never_hold_together(pose: Pose, share: float) -> None:
    for thing in THINGS:
        part = parts_of(thing)[0]
        scene = scene_of(with_value(body_of(thing, pose), part, share * part.travel))
        for first, second in ((Open, Closed), (Pressed, Released)):
            one, other = first(subject="fixture", part=part.name), second(subject="fixture", part=part.name)
            assert one.excludes(other)
            assert other.excludes(one)
            assert not (one.holds(scene).holds and other.holds(scene).holds)


@given(pose=POSES, number=st.integers(0, 1), share=st.floats(0.7, 1.0), seed=st.integers(0, 10**6))
@settings(max_examples=60)
def test_what_lies_in_a_drawer_goes_with_it(pose: Pose, number: int, share: float, seed: int) -> None:
    shelf = Shelf()
    cube = add_box(shelf, "cube", (0.03, 0.03, 0.03))
    part = parts_of(CABINET)[number]
    assert part.cavity is not None
    cabinet = with_value(body_of(CABINET, pose), part, share * part.travel)
    height = part.cavity.floor + 0.002
    thing = PlacedBody("cube", shelf.asset(cube), Pose(position=(0.0, 0.0, height)), shelf.hulls(cube))
    relation = InsideDrawer(subject="cube", anchor="fixture", part=part.name)
    region = relation.region(thing, {"fixture": cabinet})
    point = sample_inside(region, np.random.default_rng(seed))
    assert point is not None
    thing = replace(thing, pose=Pose(position=(float(point[0]), float(point[1]), height)))
    assert relation.holds(scene_of(cabinet, thing)).holds
    frame = np.concatenate([CABINET.hulls[i] for i in range(len(CABINET.hulls)) if i not in owned(CABINET)])
    carcass = shapely.convex_hull(shapely.multipoints(apply(pose.matrix, frame)[:, :2]))
    assert thing.footprint.intersection(carcass).area < 1e-9  # it can be put there from above
    shut = with_value(cabinet, part, 0.0)
    assert not relation.holds(scene_of(shut, thing)).holds or share * part.travel < 0.03
    moved = shut.part_matrix(part.name) @ np.linalg.inv(cabinet.part_matrix(part.name)) @ thing.pose.matrix
    taken_along = replace(thing, pose=Pose.from_matrix(moved))
    before, after = relation.holds(scene_of(cabinet, thing)), relation.holds(scene_of(shut, taken_along))
    assert after.margin == pytest.approx(before.margin, abs=1e-9)


@given(pose=POSES, number=st.integers(0, 1), seed=st.integers(0, 10**6))
@settings(max_examples=30)
def test_a_thing_moved_past_the_margin_has_left_the_drawer(pose: Pose, number: int, seed: int) -> None:
    shelf, rng = Shelf(), np.random.default_rng(seed)
    cube = add_box(shelf, "cube", (0.03, 0.03, 0.03))
    part = parts_of(CABINET)[number]
    assert part.cavity is not None
    cabinet = with_value(body_of(CABINET, pose), part, part.travel)
    corners = apply(cabinet.part_matrix(part.name), [[x, y, part.cavity.floor] for x, y in part.cavity.opening])
    point = sample_inside(shapely.Polygon(corners[:, :2]), rng)
    assert point is not None
    thing = PlacedBody(
        "cube", shelf.asset(cube), Pose(position=(*map(float, point), part.cavity.floor)), shelf.hulls(cube)
    )
    relation = InsideDrawer(subject="cube", anchor="fixture", part=part.name)
    margin = relation.holds(scene_of(cabinet, thing)).margin
    undone = []
    for angle in np.linspace(0.0, 2 * np.pi, 64, endpoint=False):
        for factor in (0.98, 1.03):
            away = factor * margin * np.array([np.cos(angle), np.sin(angle), 0.0])
            moved = replace(thing, pose=Pose(position=tuple(float(v) for v in thing.pose.position + away)))
            holds = relation.holds(scene_of(cabinet, moved)).holds
            assert holds or factor > 1.0
            undone.append(not holds)
        down = 1.01 * margin * np.array([0.0, 0.0, -1.0])
        moved = replace(thing, pose=Pose(position=tuple(float(v) for v in thing.pose.position + down)))
        undone.append(not relation.holds(scene_of(cabinet, moved)).holds)
    assert any(undone)


def owned(thing: BuiltAsset) -> set[int]:
    return {i for part in parts_of(thing) for i in part.hulls}


def test_what_has_no_such_part_is_in_no_state() -> None:
    shelf = Shelf()
    cube = add_box(shelf, "cube", (0.03, 0.03, 0.03))
    body = PlacedBody("fixture", shelf.asset(cube), Pose(), shelf.hulls(cube))
    for state in STATES:
        assert state(subject="fixture", part="drawer").holds(scene_of(body)).margin < -1.0
    other = replace(body, name="cube")
    relation = InsideDrawer(subject="cube", anchor="fixture", part="drawer")
    assert relation.holds(scene_of(body, other)).margin < -1.0
    assert relation.region(other, {"fixture": body}).is_empty


def test_it_is_said_in_words() -> None:
    said: dict[Relation, str] = {
        Open(subject="c", part="top drawer"): "with its top drawer open",
        Pressed(subject="c", part="red button"): "with its red button pressed",
        InsideDrawer(subject="a", anchor="c", part="top drawer"): "in the top drawer of the cabinet",
    }
    for relation, words in said.items():
        assert relation.phrase({"c": "the cabinet"}) == words
    assert {state.model_fields["kind"].default for state in STATES} | {"inside_drawer"} == ELSEWHERE


def test_joint_values_of_several_bodies_are_kept_apart() -> None:
    bodies = [body_of(thing, Pose()) for thing in THINGS]
    opened = [with_value(body, parts_of(thing)[-1], 0.01) for body, thing in zip(bodies, THINGS, strict=True)]
    row = joined_joints(opened)
    assert split_joints([body.asset for body in opened], row) == [body.joints for body in opened]
    np.testing.assert_array_equal(joined_joints(bodies), np.zeros(len(row)))


def test_a_layout_keeps_the_room_that_a_drawer_needs() -> None:
    source = Shelf()
    source.add(CABINET.asset, CABINET.hulls)
    swept = convex_vertices(source, CABINET.asset.id)
    closed = np.concatenate(CABINET.hulls)
    assert swept[:, 0].min() == pytest.approx(closed[:, 0].min() - parts_of(CABINET)[0].travel)
    assert swept[:, 0].max() == pytest.approx(closed[:, 0].max())
