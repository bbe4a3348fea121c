"""What the hand is about to do, and where there is room: held against rays and bodies that are really put there."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dataengine.questions.context import QuestionContext
from dataengine.questions.free_space import free_space
from dataengine.questions.guide import guide_of
from dataengine.questions.picture import on_plane
from dataengine.samples import FrameKey
from dataengine.storage.frames import Room
from renderers.camera import CameraView, project
from tests.dataengine.questions.pictures import before_the_grasp, context_of, facing_view, front_view, while_carrying
from tests.dataengine.scenes import PlacedTask, placed_task

SEEDS = range(4)


def taken(placed: PlacedTask, view: CameraView, carrying: bool = False) -> QuestionContext:
    moment = (while_carrying if carrying else before_the_grasp)(placed.subtask, placed.scene)
    return context_of(placed.subtask, moment, view, FrameKey(episode=0, step=0, look=0, camera=view.name))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("view", [front_view(), facing_view()], ids=["front", "facing"])
def test_a_grasp_lies_where_it_projects_and_says_what_is_hidden(seed: int, view: CameraView) -> None:
    context = taken(placed_task(seed), view)
    grasp = context.moment.grasp
    guide = guide_of(context, 8)
    np.testing.assert_allclose(guide.contacts[:, :2], project(grasp.contacts, view)[0])
    corners = guide.grasp_rectangle[:, :2]
    np.testing.assert_allclose(corners.mean(0), guide.contacts[:, :2].mean(0), atol=1.0)
    np.testing.assert_allclose((corners[0] + corners[1]) / 2, guide.contacts[0, :2], atol=1.0)
    for (x, y, hidden), depth in zip(guide.contacts, project(grasp.contacts, view)[1], strict=True):
        inside = 0 <= x < view.width and 0 <= y < view.height
        assert hidden == (not inside or context.frame.depth[int(y), int(x)] < depth - 0.012)


def test_something_is_hidden_and_something_is_not() -> None:
    flags = np.concatenate([guide_of(taken(placed_task(seed), front_view()), 8).contacts for seed in SEEDS])
    assert set(flags[:, 2]) == {0.0, 1.0}


def test_paths_lead_to_where_the_motion_ends_and_only_what_moves_has_one() -> None:
    view = front_view()
    before, carried = taken(placed_task(1), view), taken(placed_task(1), view, carrying=True)
    guide = guide_of(before, 8)
    np.testing.assert_allclose(guide.gripper_trace[-1, :2], project(before.moment.gripper_path[-1], view)[0], atol=0.01)
    assert len(guide.object_trace) == 0
    guide = guide_of(carried, 8)
    np.testing.assert_allclose(guide.object_trace[-1, :2], project(carried.moment.object_path[-1], view)[0], atol=0.01)
    assert len(guide.contacts) == len(guide.grasp_rectangle) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_there_is_room_where_the_target_can_stand_however_it_is_turned(seed: int) -> None:
    context = taken(placed_task(seed), front_view())
    rooms = free_space(context, 0.01)
    assert ((rooms != Room.UNKNOWN) <= (context.frame.ids == context.table_id)).all()
    scene, name = context.moment.scene, context.subtask.target
    target = scene[name]
    others = shapely.union_all([body.footprint for other, body in scene.bodies.items() if other != name])
    rng = np.random.default_rng(seed)
    for room in (Room.FREE, Room.TAKEN):
        rows, columns = np.nonzero(rooms == room)
        assert len(rows) > 20
        for i in rng.choice(len(rows), 10):
            x, y, _ = on_plane([[columns[i] + 0.5, rows[i] + 0.5]], context.frame.view)[0]
            turned = shapely.affinity.rotate(target.footprint, rng.uniform(0, 360), origin=tuple(target.center))
            put = shapely.affinity.translate(turned, x - target.center[0], y - target.center[1])
            assert put.intersects(others) == (room == Room.TAKEN)
