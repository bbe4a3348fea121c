"""Tasks as data: every task that comes with the package, and what a task file may and may not say."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assets_index.asset import Asset
from assets_index.errors import InvalidConfig
from assets_index.index import AssetIndex
from assets_index.transforms import Pose
from dataengine.part_movement import goes_along
from scene_graph.errors import ImpossibleTask
from scene_graph.judge import judge, judge_goal
from scene_graph.placed import PlacedScene, joint_values, place
from scene_graph.plurals import plural
from scene_graph.polygons import narrowest_width
from scene_graph.relations.articulation import part_of
from scene_graph.resolve import resolve_instruction
from scene_graph.solver import solve
from scene_graph.stance import standing_footprints
from scene_graph.task import SubTask, TaskSpec
from scene_graph.tasks import TaskFile, builtin_tasks, read_task, synthesize
from scene_graph.tasks.wording import enumeration
from tests.pantry import stocked
from tests.scene_graph.graphs import examples
from tests.scene_graph.shapes import Shelf

ANY_TABLE = {"kind": "table", "split": None}

FIXTURES = ("drawers", "doors", "buttons")
"""Tasks whose words speak of parts, not of things alone."""

STACKING = {
    "name": "two",
    "roles": {"base": {"categories": ["block"]}, "upper": {"categories": ["block"]}},
    "distractors": {"count": 0},
    "steps": [{"each": "upper", "container": "base", "goal": [{"kind": "on", "anchor": "base"}]}],
    "table": {"kind": "table"},
}


@pytest.fixture(scope="module")
def pantry(shared_folder: Path) -> AssetIndex:
    return stocked(shared_folder / "pantry")


def task_file(folder: Path, **changes: object) -> TaskFile:
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump({**STACKING, **changes}))
    return read_task(str(path))


def assets_of(spec: TaskSpec, index: AssetIndex, role: str) -> list[Asset]:
    return [index.asset(node.asset_id) for node in spec.scene.nodes if node.name.startswith(role)]


def scene_of(spec: TaskSpec, index: AssetIndex, seed: int) -> PlacedScene:
    return place(spec.scene, solve(spec.scene, index, np.random.default_rng(seed)), index)


def done(spec: TaskSpec, scene: PlacedScene) -> PlacedScene:
    """The scene after everything was put where its relations want it, by the relations' own regions."""
    for subtask in spec.subtasks:
        if subtask.part is not None:
            scene = part_moved(scene, subtask)
            continue
        target, host = scene[subtask.target], scene[subtask.container]
        anchors = {name: scene[name] for relation in subtask.goal for name in relation.anchors}
        spot = subtask.goal[0].region(target, anchors).representative_point()
        inside, top = host.asset.cavity, host.asset.support
        drawer = subtask.goal[0].kind == "inside_drawer" and part_of(host, subtask.goal[0].part)
        inside = drawer.cavity if drawer else inside
        floors = {"in": inside and inside.floor, "inside_drawer": inside and inside.floor, "near": 0.0}
        floor = floors.get(subtask.goal[0].kind, top and top.height)
        height = (0.0 if subtask.goal[0].kind == "near" else host.pose.position[2]) + floor
        lifted = height + target.pose.position[2] - target.bottom
        pose = target.pose.model_copy(update={"position": (spot.x, spot.y, lifted)})
        scene = scene.with_poses({subtask.target: pose})
    return scene


def part_moved(scene: PlacedScene, subtask: SubTask) -> PlacedScene:
    """The scene with a part where its sub-task wants it, and with it what lies in it."""
    body = scene[subtask.target]
    part = part_of(body, str(subtask.part))
    value = 0.9 * part.travel if subtask.skill in ("open", "press") else 0.0
    joints = joint_values(body.asset, {part.name: value})
    after = scene.with_joints({subtask.target: joints})
    T = after[subtask.target].part_matrix(part.name) @ np.linalg.inv(body.part_matrix(part.name))
    along = goes_along(subtask, scene) - {subtask.target}
    return after.with_poses({name: Pose.from_matrix(T @ scene[name].pose.matrix) for name in along})


@pytest.mark.parametrize("name", builtin_tasks())
def test_a_task_can_be_laid_out_and_done_and_is_not_done_already(name: str, pantry: AssetIndex) -> None:
    for seed in range(3):
        spec = synthesize(read_task(name), pantry, np.random.default_rng(seed))
        scene = scene_of(spec, pantry, seed)
        assert all(judge((relation,), scene).satisfied for relation in spec.scene.relations)
        assert not judge_goal(spec.goal, scene).satisfied
        for subtask in spec.subtasks:
            assert not judge(subtask.goal, scene).satisfied
            node = spec.scene.node(subtask.target)
            if subtask.part is not None:
                assert pantry.asset(node.asset_id).role == "fixture"
                continue
            assert node.role == "target"
            for footprint in standing_footprints(pantry, pantry.asset(node.asset_id), node.orientation):
                assert narrowest_width(footprint) <= read_task(name).max_grasp_width
        assert judge_goal(spec.goal, done(spec, scene)).satisfied


@pytest.mark.parametrize("name", [name for name in builtin_tasks() if name not in ("price_tag", *FIXTURES)])
def test_words_pick_out_what_is_moved_and_where_it_goes(name: str, pantry: AssetIndex) -> None:
    for seed in range(5):
        spec = synthesize(read_task(name), pantry, np.random.default_rng(seed))
        scene = scene_of(spec, pantry, seed)
        for subtask in spec.subtasks:
            assert resolve_instruction(subtask.instruction, scene) == ({subtask.target}, {subtask.container})
        assert spec.instruction in (*spec.wordings, spec.subtasks[0].instruction)
        assert not any("{" in text for text in spec.wordings)


def test_a_task_depends_on_the_seed_alone(pantry: AssetIndex) -> None:
    for name in builtin_tasks():
        one, again, other = (synthesize(read_task(name), pantry, np.random.default_rng(seed)) for seed in (3, 3, 4))
        assert one == again != other
        assert TaskSpec.model_validate_json(one.model_dump_json()) == one


def test_sorting_takes_everything_of_a_kind_and_nothing_else(pantry: AssetIndex) -> None:
    for seed in range(8):
        spec = synthesize(read_task("sorting"), pantry, np.random.default_rng(seed))
        first, second = (assets_of(spec, pantry, role) for role in ("first", "second"))
        groups = {asset.group for asset in first}, {asset.group for asset in second}
        assert len(groups[0]) == len(groups[1]) == 1
        assert groups[0] != groups[1]
        assert not {asset.group for asset in assets_of(spec, pantry, "distractors")} & (groups[0] | groups[1])
        assert len(spec.subtasks) == len(first) + len(second)


@pytest.mark.parametrize("name", ["sandwich", "sandwich_unseen"])
def test_a_sandwich_follows_its_recipe(name: str, pantry: AssetIndex) -> None:
    task = read_task(name)
    seen = set()
    for seed in range(12):
        spec = synthesize(task, pantry, np.random.default_rng(seed))
        bottom, *_, top = layers = assets_of(spec, pantry, "layers")
        assert bottom.category == top.category == "bread slice"
        containers = [subtask.container for subtask in spec.subtasks]
        assert containers == ["plate", *(f"layers_{number}" for number in range(len(layers) - 1))]
        seen.add(
            tuple({"bread": "bread", "dairy": "cheese", "vegetable": "lettuce"}.get(a.group, a.group) for a in layers)
        )
    assert seen <= set(task.roles["layers"].recipes)
    assert len(seen) >= 3


def test_the_two_slices_of_bread_may_change_places(pantry: AssetIndex) -> None:
    spec = synthesize(read_task("sandwich"), pantry, np.random.default_rng(0))
    last = len(spec.subtasks) - 1
    first_layers = {relations[0].subject for relations in spec.goal.any_of}
    assert first_layers == {"layers_0", f"layers_{last}"}
    scene = done(spec, scene_of(spec, pantry, 0))
    assert judge_goal(spec.goal, scene).alternative == 0


def test_a_price_is_shown_once_and_next_to_its_thing(pantry: AssetIndex) -> None:
    for seed in range(5):
        spec = synthesize(read_task("price_tag"), pantry, np.random.default_rng(seed))
        tags = assets_of(spec, pantry, "tags")
        assert len({tag.inscription for tag in tags}) == len(tags) >= 2
        assert str(tags[0].inscription) in spec.instruction
        assert pantry.asset(spec.scene.node("goods_0").asset_id).category not in spec.instruction
        scene = scene_of(spec, pantry, seed)
        goods = [name for name in scene.bodies if name.startswith("goods")]
        for number in range(len(tags)):
            tag = scene[f"tags_{number}"].footprint
            assert min(goods, key=lambda name: tag.distance(scene[name].footprint)) == f"goods_{number}"


@examples
@given(seed=st.integers(0, 100_000))
def test_a_file_of_ones_own(shelf: Shelf, seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    step = {"each": "upper", "first": "base", "container": "previous", "goal": [{"kind": "on", "anchor": "previous"}]}
    roles = {
        "base": {"categories": ["block"], "attributes": {"color": "red"}},
        "upper": {"categories": ["block", "can"], "unlike": {"base": "color"}, "different": ["color"], "count": [1, 2]},
    }
    folder = tmp_path_factory.getbasetemp()
    task = task_file(folder, roles=roles, steps=[{**step, "most": 1}], words=["Do it with {upper.list}"])
    spec = synthesize(task, shelf, np.random.default_rng(seed))
    assert shelf.asset(spec.scene.node("base").asset_id).attributes.color == "red"
    colors = [shelf.asset(n.asset_id).attributes.color for n in spec.scene.nodes if n.name.startswith("upper")]
    assert "red" not in colors
    assert len(set(colors)) == len(colors)
    assert len(spec.subtasks) == 1
    assert judge_goal(
        spec.goal, done(spec, place(spec.scene, solve(spec.scene, shelf, np.random.default_rng(0)), shelf))
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": []}, "no steps"),
        ({"colour": 1}, "colour"),
        ({"roles": {"previous": {}}}, "previous"),
        ({"roles": {"base": {"count": [2, 1]}, "upper": {}}}, "count"),
        ({"roles": {"base": {"unlike": {"upper": "color"}}, "upper": {}}}, "no role 'upper'"),
        ({"roles": {"base": {"recipes": [["bread"]]}, "upper": {}}}, "no ingredient 'bread'"),
        ({"steps": [{**STACKING["steps"][0], "each": "cup"}]}, "no role 'cup'"),
        ({"steps": [{**STACKING["steps"][0], "container": "previous"}]}, "no role 'previous'"),
        ({"steps": [{**STACKING["steps"][0], "goal": [{"kind": "atop", "anchor": "base"}]}]}, "atop"),
        ({"steps": [{**STACKING["steps"][0], "goal": [{"kind": "on", "anchor": "cup"}]}]}, "no role 'cup'"),
        ({"steps": [{**STACKING["steps"][0], "goal": [{"kind": "left_of", "anchor": "base"}]}]}, "usual words"),
        ({"steps": [{**STACKING["steps"][0], "words": ["Put {cup} there"]}]}, "cup"),
        ({"words": ["Take {upper.price}"]}, "price"),
        ({"start": [{"each": "upper", "relation": {"kind": "on"}}]}, "anchor"),
        ({"variants": {"one": {"regions": {"cup": {"lower": [0, 0], "upper": [1, 1]}}}}}, "no role 'cup'"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_one_line(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidConfig, match=message) as caught:
        task_file(tmp_path, **changes)
    assert "\n" not in str(caught.value)
    assert "task.yaml" in str(caught.value)


def test_an_unknown_name_and_a_missing_file_are_told_apart() -> None:
    with pytest.raises(InvalidConfig, match="stacking"):
        read_task("juggling")
    with pytest.raises(InvalidConfig, match=r"nowhere.yaml: cannot be read"):
        read_task("nowhere.yaml")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"roles": {"base": {}, "upper": {"categories": ["teapot"]}}}, "none of 0 assets for 'upper'"),
        ({"table": {"kind": "table", "categories": ["teapot"]}}, "no table"),
        ({"max_grasp_width": 0.001}, "'upper'"),
        ({"overlap": 50}, "'upper'"),
        ({"distractors": {"count": [40, 50]}}, "'distractors'"),
    ],
)  # fmt: skip
def test_assets_that_make_no_task_are_named(
    shelf: Shelf, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ImpossibleTask, match=message) as caught:
        synthesize(task_file(tmp_path, **changes), shelf, np.random.default_rng(0))
    assert "\n" not in str(caught.value)


def test_words_are_joined_as_a_person_would() -> None:
    assert [enumeration(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    nouns = ("can", "box", "tomato", "fruit", "dice", "toy car", "lettuce leaf", "burger patty", "knife", "soap")
    assert [plural(noun) for noun in nouns] == [
        "cans", "boxes", "tomatoes", "fruit", "dice", "toy cars", "lettuce leaves", "burger patties", "knives",
        "bars of soap",
    ]  # fmt: skip


def test_the_drawer_is_the_same_in_every_step(pantry: AssetIndex) -> None:
    chosen = set()
    for seed in range(12):
        spec = synthesize(read_task("drawers"), pantry, np.random.default_rng(seed))
        opened, filled, closed = spec.subtasks
        parts = {opened.part, closed.part, *(relation.part for relation in (*filled.goal, *spec.goal.relations))}
        assert len(parts) == 1
        (name,) = parts
        assert all(str(name) in text for text in (spec.instruction, opened.instruction, filled.instruction))
        node = spec.scene.node(opened.target)
        assert node.heading is not None
        assert pantry.asset(node.asset_id).articulation.part(name).kind == "drawer"
        chosen.add(name)
    assert len(chosen) >= 2


def test_one_button_answers_the_sum(pantry: AssetIndex) -> None:
    for seed in range(12):
        spec = synthesize(read_task("buttons"), pantry, np.random.default_rng(seed))
        (press,) = spec.subtasks
        first, second = (int(number) for number in re.search(r"(\d+) \+ (\d+)", spec.instruction).groups())
        parts = pantry.asset(spec.scene.node(press.target).asset_id).articulation.parts
        assert [part.name for part in parts if part.label == str(first + second)] == [press.part]
        assert {relation.part: relation.kind for relation in press.goal} == {
            part.name: "pressed" if part.name == press.part else "released" for part in parts
        }


def test_a_part_is_asked_of_what_has_parts(pantry: AssetIndex, tmp_path: Path) -> None:
    step = {
        "skill": "open", "each": "base", "part": "any", "container": "target",
        "goal": [{"kind": "open", "part": "any"}], "words": ["Open the {part} of {target}"],
    }  # fmt: skip
    file = task_file(tmp_path, roles={"base": {"categories": ["block"]}}, steps=[step], table=ANY_TABLE)
    with pytest.raises(ImpossibleTask, match="no moving part"):
        synthesize(file, pantry, np.random.default_rng(0))
