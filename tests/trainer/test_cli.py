import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from assets_index.errors import InvalidConfig
from assets_index.schema import read_yaml
from trainer.cli import app
from trainer.recipes import RECIPES, recipe_path
from trainer.train.recipe import Recipe, read_recipe

RECIPE = {
    "steps": 2,
    "grounding": {"pictures": 1, "questions": 2},
    "action": {"samples": 2, "prompt": "box"},
    "optimizer": {"warmup": 1},
}


def invoke(*arguments: str) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_from_nothing_to_a_judged_model(run: Path, tmp_path: Path):
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(RECIPE))
    start, out = tmp_path / "start", tmp_path / "stage"
    invoke("init", "--size", "tiny", "--out", start)
    printed = invoke("train", "--recipe", tmp_path / "recipe.yaml", "--model", start, "--data", run, "--out", out)
    model = out / "model"
    assert str(model) in printed
    assert json.loads((model / "config.json").read_text())["observation"]["prompt"] == "box"
    assert list((out / "tensorboard").glob("events*"))
    report = invoke("evaluate", "grounding", "--checkpoint", model, "--data", run, "--per-kind", 2, "--json")
    assert set(json.loads(report)) == {"box", "count", "point", "relation", "trace"}
    table = invoke("evaluate", "grounding", "--checkpoint", model, "--data", run, "--per-kind", 2)
    assert "mean_iou" in table
    assert json.loads(invoke("evaluate", "pss", "--checkpoint", model, "--data", run, "--samples", 2))["chance"] > 0


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_recipes_are_valid_and_say_what_they_are_for(path: Path):
    recipe = read_yaml(recipe_path(path.stem), Recipe)
    assert path.stem in invoke("recipes")
    vanilla = "vanilla" in path.stem
    assert (recipe.action is not None and recipe.action.prompt == "none") == vanilla
    assert (recipe.grounding is None) == path.stem.endswith("vanilla")


def test_a_key_that_nothing_reads_is_an_error(tmp_path: Path):
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump({**RECIPE, "learning_rate": 1}))
    with pytest.raises(InvalidConfig, match="learning_rate"):
        read_yaml(tmp_path / "recipe.yaml", Recipe)
    (tmp_path / "recipe.yaml").write_text("steps: 5\n")
    with pytest.raises(InvalidConfig, match="`grounding`, `action` or both"):
        read_yaml(tmp_path / "recipe.yaml", Recipe)


def test_single_keys_of_a_recipe_can_be_changed():
    path = recipe_path("spatially_guided")
    for ratio in (1, 5, 10, 15, 20):
        recipe = read_recipe(path, [f"grounding.weight={1 / ratio}", "action.prompt=box", "freeze=[encoder]"])
        assert recipe.grounding is not None
        assert recipe.action is not None
        assert recipe.action.weight / recipe.grounding.weight == pytest.approx(ratio)
        assert (recipe.action.prompt, recipe.freeze, recipe.steps) == ("box", ("encoder",), 50000)
    for change, complaint in (
        ("grounding.wait=1", "grounding.wait"),
        ("speed.x=1", "no 'speed'"),
        ("steps", "key=value"),
    ):
        with pytest.raises(InvalidConfig, match=complaint):
            read_recipe(path, [change])


def test_the_size_of_the_expert_leaves_its_other_settings(tmp_path: Path):
    (tmp_path / "model.yaml").write_text("action_expert: {noise_repeats: 8}")
    invoke("init", "--size", "tiny", "--config", tmp_path / "model.yaml", "--expert", "S", "--out", tmp_path / "start")
    expert = json.loads((tmp_path / "start" / "config.json").read_text())["action_expert"]
    assert (expert["width"], expert["noise_repeats"]) == (384, 8)


@pytest.mark.parametrize(
    ("size", "option"),
    [("tiny", ("--planner", "elsewhere")), ("tiny", ("--random",)), ("base", ("--backbone", "qwen"))],
)
def test_options_that_a_size_does_not_read_are_refused(size: str, option: tuple[str, ...], tmp_path: Path):
    result = CliRunner().invoke(app, ["init", "--size", size, *option, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert f"--size {size} does not read {option[0]}" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("train", "--recipe", "absent.yaml", "--model", "m", "--data", "d", "--out", "o"),
            "absent.yaml: cannot be read",
        ),
        (("evaluate", "grounding", "--checkpoint", "absent", "--data", "d"), "absent is not a checkpoint"),
    ],
)
def test_errors_are_one_line(arguments, message):
    code = "from trainer.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {message}")
    assert done.stderr.count("\n") == 1
