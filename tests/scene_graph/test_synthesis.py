from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_index.asset import Attributes
from assets_index.errors import InvalidConfig
from assets_index.index import AssetIndex
from assets_index.schema import validate
from scene_graph.catalog import AssetCatalog
from scene_graph.errors import ImpossibleTask
from scene_graph.placed import place
from scene_graph.polygons import narrowest_width, outer_radius
from scene_graph.resolve import resolve_instruction
from scene_graph.solver import solve
from scene_graph.stance import standing_footprints
from scene_graph.synthesis import TaskConfig, synthesize_pick_place
from scene_graph.task import TaskSpec
from tests.scene_graph.graphs import examples
from tests.scene_graph.shapes import Shelf, add_bowl, add_box, add_plate, add_table


def check_task(task: TaskSpec, catalog: AssetCatalog, config: TaskConfig, seed: int) -> None:
    """The task can be laid out, its words pick its target and container, and the target fits hand and container."""
    rng, (subtask,) = np.random.default_rng(seed), task.subtasks
    scene = place(task.scene, solve(task.scene, catalog, rng), catalog)
    assert resolve_instruction(task.instruction, scene) == ({subtask.target}, {subtask.container})
    distractors = [node for node in task.scene.nodes if node.role == "distractor"]
    assert config.distractors[0] <= len(distractors) <= config.distractors[1]
    target, container = scene[subtask.target], scene[subtask.container]
    (x0, y0), (x1, y1) = config.target_region.lower, config.target_region.upper
    assert x0 <= target.footprint.bounds[0] <= target.footprint.bounds[2] <= x1
    assert y0 <= target.footprint.bounds[1] <= target.footprint.bounds[3] <= y1
    for footprint in standing_footprints(catalog, target.asset, config.orientation):
        assert narrowest_width(footprint) <= config.max_grasp_width
    region = subtask.goal[0].region(target, {subtask.container: container})
    assert region.area > 0.0, "the target fits its container however it is turned"
    assert outer_radius(target.footprint) < outer_radius(container.footprint)


@examples
@given(seed=st.integers(0, 100_000), orientation=st.sampled_from(["upright", "random"]))
def test_tasks_are_solvable_and_unambiguous(shelf: Shelf, seed: int, orientation: str) -> None:
    config = TaskConfig(orientation=orientation)
    check_task(synthesize_pick_place(shelf, np.random.default_rng(seed), config), shelf, config, seed)


def test_tasks_of_the_procedural_library(library: AssetIndex) -> None:
    config = TaskConfig(target_split=None, container_split=None, distractor_split=None, distractors=(6, 9))
    tasks = [synthesize_pick_place(library, np.random.default_rng(seed), config) for seed in range(25)]
    for seed, task in enumerate(tasks):
        check_task(task, library, config, seed)
    assert {task.subtasks[0].goal[0].kind for task in tasks} == {"in", "on"}
    assert len({library.asset(task.scene.node(task.targets[0]).asset_id).category for task in tasks}) > 8


def test_a_task_depends_on_the_seed_alone(shelf: Shelf) -> None:
    tasks = [synthesize_pick_place(shelf, np.random.default_rng(seed), TaskConfig()) for seed in (5, 5, 6)]
    assert tasks[0] == tasks[1] != tasks[2]


def test_filters_are_obeyed(shelf: Shelf) -> None:
    config = TaskConfig(goals=("on",), object_categories=("can",), container_categories=("plate",), distractors=(2, 2))
    for seed in range(5):
        task = synthesize_pick_place(shelf, np.random.default_rng(seed), config)
        assert task.subtasks[0].goal[0].kind == "on"
        assert {shelf.asset(node.asset_id).category for node in task.scene.nodes} == {"can", "plate"}
        assert len(task.scene.nodes) == 4
        assert task.instruction.startswith("Move the ")
        assert task.instruction.endswith(" to the top of the white plate")


def test_splits_keep_targets_apart_from_distractors() -> None:
    shelf = Shelf()
    add_table(shelf)
    add_plate(shelf, "plate")
    for number, color in enumerate(("red", "green", "blue", "yellow")):
        split = "heldout" if color == "red" else "train"
        add_box(shelf, f"block_{number}", (0.05, 0.05, 0.05), attributes=Attributes(color=color), split=split)
    config = TaskConfig(target_split="heldout", distractors=(3, 3))
    task = synthesize_pick_place(shelf, np.random.default_rng(0), config)
    assert task.scene.node(task.targets[0]).asset_id == "block_0"


@pytest.mark.parametrize(
    "changes",
    [
        {"distractors": (5, 2)},
        {"distractors": (-1, 2)},
        {"goals": ()},
        {"distractor": (1, 2)},
        {"workspace": {"lower": (0.7, 0.0), "upper": (0.3, 0.4)}},
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidConfig):
        validate(changes, TaskConfig, "task.yaml")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"object_categories": ("teapot",)}, "0 targets"),
        ({"container_categories": ("teapot",)}, "0 containers"),
        ({"table_categories": ("teapot",)}, "no table"),
        ({"max_grasp_width": 0.001}, "graspable"),
        ({"distractors": (40, 50)}, "40 distractors"),
    ],
)
def test_an_impossible_task_says_why(shelf: Shelf, changes: dict[str, object], message: str) -> None:
    config = TaskConfig().model_copy(update=changes)
    with pytest.raises(ImpossibleTask, match=message) as caught:
        synthesize_pick_place(shelf, np.random.default_rng(0), config)
    assert "\n" not in str(caught.value)


def test_a_container_that_leaves_no_room_is_not_chosen(library: AssetIndex) -> None:
    config = TaskConfig(target_split=None, container_split=None, distractor_split=None, max_container_extent=0.2)
    for seed in range(10):
        task = synthesize_pick_place(library, np.random.default_rng(seed), config)
        assert max(library.asset(task.scene.node(task.subtasks[0].container).asset_id).extents[:2]) <= 0.2


def test_nothing_is_put_into_what_a_hand_cannot_reach_down_into() -> None:
    shelf = Shelf()
    add_table(shelf)
    add_box(shelf, "block", (0.04, 0.04, 0.04))
    add_bowl(shelf, "vase", radius=0.09, height=0.25)
    config = TaskConfig(distractors=(0, 0))
    with pytest.raises(ImpossibleTask):
        synthesize_pick_place(shelf, np.random.default_rng(0), config)
    add_bowl(shelf, "pot", radius=0.09, height=0.15)
    for seed in range(5):
        task = synthesize_pick_place(shelf, np.random.default_rng(seed), config)
        assert task.scene.node(task.subtasks[0].container).asset_id == "pot"
