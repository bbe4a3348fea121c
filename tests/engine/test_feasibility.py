"""What a layout leaves possible for the hand and the arm, before any physics."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from assets_index.asset import StablePose
from assets_index.robots import arms, robot
from dataengine.engine import EngineConfig, attempt
from dataengine.engine.feasibility import PickPlaceFeasibility
from dataengine.engine.refusals import Refusals
from dataengine.engine.start import ROOMY, grasps_of, roomy_layout
from dataengine.engine.workroom import Workroom
from dataengine.rejection import AttemptFailed, AttemptStage, Cause, Rejection
from dataengine.skills.pick_place import graspable
from scene_graph.placed import PlacedBody, place
from scene_graph.relations import Near
from scene_graph.solver import solve
from scene_graph.task import Rect, TaskSpec
from tests.engine.shapes import CONTAINERS, OBJECTS, Shelf, block, small_shelf, tub
from tests.engine.tasks import WORKSPACE, task_of, two_step_task

CONFIG = EngineConfig()
(ARM,) = arms(CONFIG.robot)
LYING_BOARD = (np.sqrt(0.5), 0.0, np.sqrt(0.5), 0.0)


def with_regions(task: TaskSpec, regions: Mapping[str, Rect], workspace: Rect = WORKSPACE) -> TaskSpec:
    nodes = tuple(node.model_copy(update={"region": regions.get(node.name, node.region)}) for node in task.scene.nodes)
    return task.model_copy(update={"scene": task.scene.model_copy(update={"nodes": nodes, "workspace": workspace})})


def refusal(task: TaskSpec, shelf: Shelf) -> AttemptFailed:
    with pytest.raises(AttemptFailed) as caught:
        roomy_layout(task, shelf, CONFIG, np.random.default_rng(0))
    return caught.value


def test_every_target_of_a_crowded_layout_keeps_free_grasps(shelf: Shelf) -> None:
    for seed in range(6):
        task = two_step_task([*np.random.default_rng(seed).permutation(OBJECTS)], CONTAINERS[seed % 3])
        scene = place(task.scene, roomy_layout(task, shelf, CONFIG, np.random.default_rng(seed)), shelf)
        for target in task.targets:
            grasps = grasps_of(target, task, shelf, robot(), CONFIG)
            assert len(graspable(scene, target, grasps, robot().jaw, CONFIG.pick_place)) >= ROOMY


def test_what_blocks_the_hand_is_put_elsewhere(shelf: Shelf) -> None:
    """Neighbours must be near the target; without asking, about every second layout leaves no way to grasp it."""
    task = task_of(["flat", "jar", "can", "mug"], "bin")
    near = tuple(Near(subject=name, anchor="flat_0", distance=0.05) for name in ("jar_1", "can_2", "mug_3"))
    task = task.model_copy(update={"scene": task.scene.model_copy(update={"relations": near})})
    grasps = grasps_of("flat_0", task, shelf, robot(), CONFIG)
    for seed in range(4):
        scene = place(task.scene, roomy_layout(task, shelf, CONFIG, np.random.default_rng(seed)), shelf)
        assert len(graspable(scene, "flat_0", grasps, robot().jaw, CONFIG.pick_place)) >= 1


def test_a_layout_with_feasibility_depends_on_the_seed_alone(shelf: Shelf) -> None:
    task = task_of([*OBJECTS], "tub")
    layouts = [roomy_layout(task, shelf, CONFIG, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert layouts[0] == layouts[1] != layouts[2]


def test_a_vessel_too_tall_for_the_hand_is_refused_before_physics() -> None:
    shelf = Shelf(block("cube", (0.03, 0.03, 0.03)), tub("vase", 0.08, 0.3))
    outcome = attempt(0, run_seed=0, assets=shelf, config=CONFIG, make_task=lambda *_: task_of(["cube"], "vase"))
    assert isinstance(outcome, Rejection)
    assert (outcome.stage, outcome.cause) == (AttemptStage.LAYOUT, Cause.NO_PLACE)
    assert "\n" not in outcome.detail


def test_a_vessel_is_put_where_the_arm_reaches_over_it() -> None:
    shelf = Shelf(block("cube", (0.03, 0.03, 0.03)), tub("pail", 0.08, 0.14))
    wide = Rect(lower=(0.3, -0.5), upper=(1.2, 0.5))
    far = Rect(lower=(0.6, -0.5), upper=(1.2, 0.5))
    task = with_regions(task_of(["cube"], "pail"), {"container": far}, workspace=wide)
    asked: list[float] = []
    unasked: list[float] = []
    for seed in range(10):
        layouts = (
            roomy_layout(task, shelf, CONFIG, np.random.default_rng(seed)),
            solve(task.scene, shelf, np.random.default_rng(seed)),
        )
        for distances, layout in zip((asked, unasked), layouts, strict=True):
            distances.append(float(np.hypot(*layout.poses["container"].position[:2])))
    assert max(asked) < 0.95 < max(unasked)


def test_a_target_beyond_the_arm_is_refused_before_physics(shelf: Shelf) -> None:
    far = Rect(lower=(1.0, -0.3), upper=(1.2, 0.3))
    task = with_regions(task_of(["cube"], "tub"), {"cube_0": far}, Rect(lower=(0.3, -0.4), upper=(1.2, 0.4)))
    failure = refusal(task, shelf)
    assert (failure.stage, failure.cause, failure.subtask) == (AttemptStage.LAYOUT, Cause.NO_IK, 0)


def test_the_sub_task_that_cannot_be_done_is_named(shelf: Shelf) -> None:
    failure = refusal(two_step_task(["cube", "crate"], "bin"), shelf)
    assert (failure.stage, failure.cause, failure.subtask) == (AttemptStage.GRASP, Cause.NO_GRASP_KNOWN, 1)


def test_a_target_is_laid_as_it_can_be_grasped() -> None:
    """A board too wide to be taken when it lies flat, and thin enough on its edge."""
    asset, hulls = block("board", (0.03, 0.10, 0.10))
    flat = StablePose(quaternion=LYING_BOARD, height=0.015, probability=0.9, upright=False)
    on_edge = asset.stable_poses[0].model_copy(update={"probability": 0.1})
    board = asset.model_copy(update={"stable_poses": (on_edge, flat)})
    shelf = Shelf((board, hulls), tub("bin", 0.11, 0.08))
    task = task_of(["board"], "bin")
    node = task.scene.nodes[0].model_copy(update={"orientation": "random"})
    scene = task.scene.model_copy(update={"nodes": (node, *task.scene.nodes[1:])})
    task = task.model_copy(update={"scene": scene})
    for seed in range(4):
        assert roomy_layout(task, shelf, CONFIG, np.random.default_rng(seed)).stable_pose["board_0"] == 0


def test_one_body_more_never_makes_more_possible(shelf: Shelf) -> None:
    task = task_of(["jar", "can", "mug", "bar"], "tub")
    layout = roomy_layout(task, shelf, CONFIG, np.random.default_rng(3))
    placed = place(task.scene, layout, shelf).bodies
    now = PickPlaceFeasibility(Workroom(task, shelf, CONFIG, 1, ARM, Refusals()))
    counts = []
    for number, (name, body) in enumerate(placed.items()):
        after = now.with_body(body, dict(list(placed.items())[:number]))
        assert after is not None, name
        now = after
        counts.append(len(now.free["jar_0"]))
    assert counts == sorted(counts, reverse=True)


def test_hulls_of_the_search_do_not_pass_for_the_bodies(shelf: Shelf) -> None:
    """The search keeps convex hulls only; a bowl is not full for that."""
    task = task_of(["cube"], "bin")
    layout = roomy_layout(task, shelf, CONFIG, np.random.default_rng(0))
    scene = place(task.scene, layout, shelf)
    hollow = {n: PlacedBody(n, b.asset, b.pose, (np.concatenate(b.hulls),)) for n, b in scene.bodies.items()}
    now = PickPlaceFeasibility(Workroom(task, small_shelf(), CONFIG, 1, ARM, Refusals()))
    for name, body in hollow.items():
        after = now.with_body(body, {})
        assert after is not None, name
        now = after
    assert len(now.places[0].grasp)
