"""The learning test: its commands fit what they call, and its verdict says what was reached."""

from pathlib import Path

import pytest

from assets_index.schema import read_yaml
from dataengine.pipeline.config import RunConfig
from renderers.camera_presets import camera_name
from scene_graph.task import Rect
from trainer.evaluate.closed_loop import TrialReport
from trainer.evaluate.grounding import KindReport
from trainer.learn.steps import CONTENDERS, EPISODES, LAYOUTS, STAGE1, STAGE2, learning_steps
from trainer.learn.verdict import STAGES, box_bound, how_far
from trainer.recipes import recipe_path
from trainer.train.recipe import read_recipe


def test_stage_one_and_the_policies_look_through_the_same_camera() -> None:
    episodes, layouts = read_yaml(EPISODES, RunConfig), read_yaml(LAYOUTS, RunConfig)
    assert layouts.ground.camera == episodes.render.cameras[0]
    assert camera_name(layouts.ground.camera) == "front"
    assert (layouts.ground.width, layouts.ground.height) == (episodes.render.width, episodes.render.height)


def test_the_target_lies_in_twelve_by_twelve_centimetres() -> None:
    region = read_yaml(EPISODES, RunConfig).task.variants["onto"].regions["thing"]
    assert isinstance(region, Rect)
    assert [high - low for low, high in zip(region.lower, region.upper, strict=True)] == pytest.approx([0.12, 0.12])


def test_recipes_differ_in_what_the_paper_compares_alone() -> None:
    recipes = {contender.name: read_recipe(recipe_path(contender.recipe), STAGE2) for contender in CONTENDERS}
    assert recipes["vanilla"].grounding is None
    assert [recipe.action.prompt for recipe in recipes.values() if recipe.action] == [
        "none",
        "none",
        "unified",
        "unified",
    ]
    alike = [recipe.model_copy(update={"grounding": None, "action": None}) for recipe in recipes.values()]
    assert all(recipe == alike[0] for recipe in alike)
    assert read_recipe(recipe_path("tiny_grounding"), STAGE1).action is None


def test_every_policy_is_trained_before_it_acts_and_tried_on_the_same_scenes(tmp_path: Path) -> None:
    steps = learning_steps(tmp_path, workers=1)
    made: set[str] = set()
    tried = []
    for step in steps:
        options = dict(zip(step.command[1:], step.command[2:], strict=False))
        for option in ("--model", "--checkpoint"):
            assert option not in options or options[option] in made
        made.add(str(step.product))
        if step.command[:3] == ("trainer", "evaluate", "policy"):
            tried.append((options["--data"], options["--trials"]))
    assert len(tried) == len(CONTENDERS)
    assert set(tried) == {(str(tmp_path / "episodes_unseen"), "20")}


def _boxes(model: float, constant: float) -> dict[str, KindReport]:
    return {"box": KindReport(samples=9, unreadable=0.0, model={"iou_50": model}, baseline={"iou_50": constant})}


def test_boxes_must_be_three_times_as_good_as_a_constant_one() -> None:
    assert box_bound(_boxes(0.31, 0.1)).holds
    assert not box_bound(_boxes(0.29, 0.1)).holds
    assert not box_bound(_boxes(0.0, 0.0)).holds


@pytest.mark.parametrize(
    ("end", "ever", "moved", "lifted", "came"),
    [(True, True, 0.3, 0.1, 0), (False, True, 0.3, 0.1, 1), (False, False, 0.3, 0.1, 2), (False, False, 0.02, 0.0, 3)],
)
def test_a_trial_is_named_by_how_far_it_came(end: bool, ever: bool, moved: float, lifted: float, came: int) -> None:
    trial = TrialReport(
        run="unseen",
        task="onto",
        episode=0,
        look=0,
        instruction="",
        success_at_end=end,
        success_ever=ever,
        steps=9,
        ended_by="step limit",
        target_moved=moved,
        target_lifted=lifted,
    )
    assert how_far(trial) == STAGES[came]
