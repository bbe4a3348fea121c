"""Pick and place as its file has it, and as a configuration changes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_index.asset import Attributes
from assets_index.errors import InvalidConfig
from assets_index.index import AssetIndex
from scene_graph.catalog import AssetCatalog
from scene_graph.errors import ImpossibleTask
from scene_graph.placed import place
from scene_graph.polygons import narrowest_width, outer_radius
from scene_graph.resolve import resolve_instruction
from scene_graph.solver import solve
from scene_graph.stance import standing_footprints
from scene_graph.task import TaskSpec
from scene_graph.tasks import TaskFile, read_task, synthesize
from tests.scene_graph.graphs import examples, into_or_onto
from tests.scene_graph.shapes import Shelf, add_bowl, add_box, add_plate, add_table

ANY_SPLIT = {"split": None}


def check_task(task: TaskSpec, catalog: AssetCatalog, config: TaskFile, seed: int) -> None:
    """The task can be laid out, its words pick its target and container, and the target fits hand and container."""
    rng, (subtask,) = np.random.default_rng(seed), task.subtasks
    scene = place(task.scene, solve(task.scene, catalog, rng), catalog)
    assert resolve_instruction(task.instruction, scene) == ({subtask.target}, {subtask.container})
    distractors = [node for node in task.scene.nodes if node.role == "distractor"]
    assert config.distractors.bounds[0] <= len(distractors) <= config.distractors.bounds[1]
    target, container = scene[subtask.target], scene[subtask.container]
    node = task.scene.node(subtask.target)
    assert node.region is not None
    (x0, y0), (x1, y1) = node.region.lower, node.region.upper
    assert x0 <= target.footprint.bounds[0] <= target.footprint.bounds[2] <= x1
    assert y0 <= target.footprint.bounds[1] <= target.footprint.bounds[3] <= y1
    for footprint in standing_footprints(catalog, target.asset, node.orientation):
        assert narrowest_width(footprint) <= config.max_grasp_width
    region = subtask.goal[0].region(target, {subtask.container: container})
    assert region.area > 0.0, "the target fits its container however it is turned"
    if subtask.goal[0].kind != "near":
        assert outer_radius(target.footprint) < outer_radius(container.footprint)


def any_way_up() -> dict[str, object]:
    return {"roles": {"thing": {"orientation": "random"}}, "distractors": {"orientation": "random"}}


@examples
@given(seed=st.integers(0, 100_000), orientation=st.sampled_from(["upright", "random"]))
def test_tasks_are_solvable_and_unambiguous(shelf: Shelf, seed: int, orientation: str) -> None:
    config = read_task({"extends": "pick_and_place", **(any_way_up() if orientation == "random" else {})})
    check_task(synthesize(config, shelf, np.random.default_rng(seed)), shelf, config, seed)


def test_all_roles_gives_every_role_what_it_does_not_say_itself() -> None:
    config = read_task({"extends": "pick_and_place", "all_roles": {"orientation": "random", "source": "folder"}})
    roles = {**config.roles, "distractors": config.distractors}
    assert {name: role.orientation for name, role in roles.items()} == {
        "thing": "random", "place": "upright", "distractors": "random",
    }  # fmt: skip
    assert {role.source for role in roles.values()} == {"folder"}
    assert config.distractors.bounds == (5, 9)
    assert TaskFile.model_validate(config.model_dump(mode="json")) == config


def test_tasks_of_the_procedural_library(library: AssetIndex) -> None:
    config = into_or_onto(all_roles=ANY_SPLIT, distractors={"count": (6, 9)})
    tasks = [synthesize(config, library, np.random.default_rng(seed)) for seed in range(25)]
    for seed, task in enumerate(tasks):
        check_task(task, library, config, seed)
    assert {task.subtasks[0].goal[0].kind for task in tasks} == {"in", "on"}
    assert len({library.asset(task.scene.node(task.targets[0]).asset_id).category for task in tasks}) > 8


def test_variants_are_drawn_by_their_shares(shelf: Shelf) -> None:
    def drawn(config: TaskFile) -> list[str]:
        tasks = [synthesize(config, shelf, np.random.default_rng(seed)) for seed in range(60)]
        return [task.subtasks[0].goal[0].kind for task in tasks]

    assert set(drawn(read_task("pick_and_place"))) == {"in", "on", "near"}
    assert set(drawn(into_or_onto())) == {"in", "on"}
    mostly = drawn(read_task({"extends": "pick_and_place", "variants": {"onto": {"share": 30}}}))
    assert mostly.count("on") > 45


def test_a_task_depends_on_the_seed_alone(shelf: Shelf) -> None:
    config = read_task("pick_and_place")
    tasks = [synthesize(config, shelf, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert tasks[0] == tasks[1] != tasks[2]


def test_filters_are_obeyed(shelf: Shelf) -> None:
    config = into_or_onto(
        roles={"thing": {"categories": ["can"]}, "place": {"categories": ["plate"]}},
        distractors={"count": 2, "categories": ["can"]},
    )
    for seed in range(5):
        task = synthesize(config, shelf, np.random.default_rng(seed))
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
    config = read_task(
        {
            "extends": "pick_and_place",
            "roles": {"thing": {"split": "heldout"}},
            "distractors": {"count": 3},
            "variants": {"into": {"share": 0}},
        }
    )
    task = synthesize(config, shelf, np.random.default_rng(0))
    assert task.scene.node(task.targets[0]).asset_id == "block_0"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"distractors": {"count": (5, 2)}}, "distractors.count|least count"),
        ({"distractors": {"count": (-1, 2)}}, "distractors"),
        ({"variants": {name: {"share": 0} for name in read_task("pick_and_place").variants}}, "share"),
        ({"distractor": {"count": 2}}, "distractor"),
        ({"all_roles": {"sourse": "folder"}}, "sourse"),
        ({"all_roles": 3}, "all_roles"),
        ({"extends": "juggling"}, "stacking"),
        ({"extends": ["stacking"]}, "extends"),
        ({"workspace": {"lower": (0.7, 0.0), "upper": (0.3, 0.4)}}, "workspace"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidConfig, match=message) as caught:
        read_task({"extends": "pick_and_place", **changes})
    assert "\n" not in str(caught.value)


def test_files_extend_files_beside_them_but_not_themselves(tmp_path: Path) -> None:
    (tmp_path / "few.yaml").write_text("extends: pick_and_place\ndistractors: {count: 1}\n")
    (tmp_path / "named.yaml").write_text("extends: few.yaml\nname: mine\n")
    task = read_task(str(tmp_path / "named.yaml"))
    assert (task.name, task.distractors.bounds, set(task.roles)) == ("mine", (1, 1), {"thing", "place"})
    (tmp_path / "few.yaml").write_text("extends: named.yaml\n")
    with pytest.raises(InvalidConfig, match=r"extends itself"):
        read_task(str(tmp_path / "named.yaml"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"roles": {"thing": {"categories": ["teapot"]}}}, "0 assets for 'thing'"),
        ({"roles": {"place": {"categories": ["teapot"]}}}, "0 assets for 'place'"),
        ({"table": {"categories": ["teapot"]}}, "no table"),
        ({"max_grasp_width": 0.001}, "grasped"),
        ({"distractors": {"count": (40, 50)}}, "distractors"),
    ],
)
def test_an_impossible_task_says_why(shelf: Shelf, changes: dict[str, object], message: str) -> None:
    config = read_task({"extends": "pick_and_place", **changes})
    with pytest.raises(ImpossibleTask, match=message) as caught:
        synthesize(config, shelf, np.random.default_rng(0))
    assert "\n" not in str(caught.value)


def test_a_container_that_leaves_no_room_is_not_chosen(library: AssetIndex) -> None:
    config = into_or_onto(all_roles=ANY_SPLIT, roles={"place": {"max_extent": 0.2}})
    for seed in range(10):
        task = synthesize(config, library, np.random.default_rng(seed))
        assert max(library.asset(task.scene.node(task.subtasks[0].container).asset_id).extents[:2]) <= 0.2


def test_nothing_is_put_into_what_a_hand_cannot_reach_down_into() -> None:
    shelf = Shelf()
    add_table(shelf)
    add_box(shelf, "block", (0.04, 0.04, 0.04))
    add_bowl(shelf, "vase", radius=0.09, height=0.25)
    into = {name: {"share": float(name == "into")} for name in read_task("pick_and_place").variants}
    config = read_task({"extends": "pick_and_place", "distractors": {"count": 0}, "variants": into})
    with pytest.raises(ImpossibleTask):
        synthesize(config, shelf, np.random.default_rng(0))
    add_bowl(shelf, "pot", radius=0.09, height=0.15)
    for seed in range(5):
        task = synthesize(config, shelf, np.random.default_rng(seed))
        assert task.scene.node(task.subtasks[0].container).asset_id == "pot"


def test_nothing_is_chosen_that_does_not_fit_its_part_of_the_table(shelf: Shelf) -> None:
    plain = into_or_onto()
    into = {**plain.variants["into"].model_dump(), "regions": {"place": {"lower": [0.4, 0.1], "upper": [0.62, 0.32]}}}
    config = read_task({**plain.model_dump(), "variants": {"into": into}})
    for seed in range(8):
        task = synthesize(config, shelf, np.random.default_rng(seed))
        assert task.scene.node("place").asset_id == "bowl", "the wide one does not fit"
